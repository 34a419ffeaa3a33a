"""A reply's citation marks are borne out by the passages they name, or they go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.figures import figures
from rag.answer.marks import unmarked
from rag.answer.resolve import resolve
from tests.answer.library import passage

LEAVE = passage("有給休暇は年に十日です。申請は三日前までに行ってください。", "ja", 100, 1)
PARKING = passage("駐車場の利用には、総務部の許可が必要です。", "ja", 300, 2)
BACKUP = passage("Full backups are kept for 90 days. Drills take place monthly.", "en", 500, 3)
RANKING = (LEAVE, PARKING, BACKUP)


def quotes(resolved):
    return [(one.number, one.quote) for one in resolved.citations]


def test_a_mark_gets_the_sentence_that_bears_it_out():
    found = resolve("有給休暇は年に十日です[1]。駐車場には総務部の許可が必要です[2]。", RANKING, "ja")
    assert found.text == "有給休暇は年に十日です[1]。駐車場には総務部の許可が必要です[2]。"
    assert quotes(found) == [
        (1, "有給休暇は年に十日です。"),
        (2, "駐車場の利用には、総務部の許可が必要です。"),
    ]
    assert found.removed == 0


def test_a_citation_stands_in_its_document_where_it_says():
    (one,) = resolve("申請は三日前までに行います[1]。", RANKING, "ja").citations
    assert (
        LEAVE.chunk.text[one.start - 100 : one.end - 100] == one.quote == "申請は三日前までに行ってください。"
    )


@pytest.mark.parametrize("mark", ["[1]", "［1］", "【1】", "[１]", " [1]", "[ 1 ]", "[^1]"])
def test_marks_in_every_width_become_one_form(mark):
    found = resolve(f"有給休暇は年に十日です{mark}。", RANKING, "ja")
    assert found.text == "有給休暇は年に十日です[1]。" and len(found.citations) == 1


@pytest.mark.parametrize("marks", ["[1][2]", "[1, 2]", "[1、2]", "[1] [2]", "【1】【2】", "［1，2］"])
def test_several_marks_are_checked_one_by_one(marks):
    found = resolve(f"有給休暇は年に十日です{marks}。", RANKING, "ja")
    assert found.text == "有給休暇は年に十日です[1]。" and found.removed == 1


@pytest.mark.parametrize("mark", ["[99]", "[0]", "[4]", "【12】"])
def test_a_number_nobody_was_given_is_removed(mark):
    found = resolve(f"有給休暇は年に十日です{mark}。", RANKING, "ja")
    assert found.text == "有給休暇は年に十日です。" and not found.citations and found.removed == 1


def test_a_statement_the_passage_does_not_make_loses_its_mark():
    found = resolve("社長は毎朝ラジオ体操をします[1]。", RANKING, "ja")
    assert found.text == "社長は毎朝ラジオ体操をします。" and not found.citations and found.removed == 1


def test_a_quotation_is_cited_as_it_stands_in_the_source():
    found = resolve(
        "規程には「申請は３日前ではなく三日前まで」ではなく「申請は三日前までに」とある[1]。", RANKING, "ja"
    )
    assert quotes(found) == [(1, "申請は三日前までに")] and found.removed == 1


def test_an_invented_quotation_is_no_citation_however_much_it_resembles_the_passage():
    found = resolve("「有給休暇は年に二十日です」とある[1]。", RANKING, "ja")
    assert not found.citations and "[1]" not in found.text and found.removed == 2


def test_a_wrong_figure_counts_against_a_statement():
    right = resolve("Full backups are kept for 90 days [3].", RANKING, "en")
    wrong = resolve("Backups are kept for 60 days [3].", RANKING, "en")
    assert quotes(right) == [(3, "Full backups are kept for 90 days.")]
    assert not wrong.citations


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("十五日と二千三百円、二〇二六年", {"15", "2300", "2026"}),
        ("一般に三つ", set()),
        ("１２，０００円は一万二千円", {"12000"}),
        ("두 번, 007", {"7"}),
        ("seven days, someone", {"7"}),
        ("两百万元和三亿人", {"2000000", "300000000"}),
        ("3.5倍", {"3.5"}),
    ],
)
def test_numbers_are_read_in_digits_characters_and_words(text, numbers):
    assert figures(text) == numbers


def test_ten_in_digits_is_ten_in_characters():
    assert quotes(resolve("有給休暇は年に10日です[1]。", RANKING, "ja")) == [(1, "有給休暇は年に十日です。")]


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it():
    found = resolve("駐車場は別です。有給休暇は年に十日です。[1]", RANKING, "ja")
    assert quotes(found) == [(1, "有給休暇は年に十日です。")]


def test_a_mark_that_opens_a_line_belongs_to_what_follows():
    found = resolve("[1] 有給休暇は年に十日です。", RANKING, "ja")
    assert quotes(found) == [(1, "有給休暇は年に十日です。")]


def test_a_statement_in_another_language_is_kept_where_the_meaning_is_compared():
    def alike(statement, texts):
        return [0.9 if "十日" in text else 0.1 for text in texts]

    reply = "Employees get a holiday allowance of ten days [1]. The parking lot is open [2]."
    assert not resolve(reply, RANKING, "en").citations
    found = resolve(reply, RANKING, "en", alike)
    assert quotes(found) == [(1, "有給休暇は年に十日です。")] and found.removed == 1


def test_brackets_in_code_are_no_marks():
    reply = "使うのは `rows[1]` です。\n```python\nx = rows[2]\n```\n"
    assert resolve(reply, RANKING, "ja").text == reply


def test_longer_numbers_and_words_in_brackets_are_no_marks():
    reply = "令和[2024]の[注]です。"
    assert resolve(reply, RANKING, "ja").text == reply


def test_one_sentence_cited_twice_is_one_citation_and_two_marks():
    found = resolve("有給休暇は年に十日です[1]。年に十日の有給休暇です[1]。", RANKING, "ja")
    assert len(found.citations) == 1 and found.text.count("[1]") == 2


@given(st.text(st.sampled_from("[]［】1234,、 。有給休暇は年に十日です「」“”`\nabc"), max_size=80))
def test_every_citation_of_any_reply_stands_in_its_passage_and_carries_a_mark(reply):
    found = resolve(reply, RANKING, "ja")
    for one in found.citations:
        hit = RANKING[one.number - 1]
        assert one.chunk == hit.chunk
        assert (
            one.quote and hit.chunk.text[one.start - hit.chunk.start : one.end - hit.chunk.start] == one.quote
        )
        assert f"[{one.number}]" in found.text


@given(st.text(st.sampled_from("[]［】1234,、 。有給休暇abc"), max_size=60))
def test_a_text_without_its_marks_keeps_all_else(text):
    kept = unmarked(text)
    assert resolve(text, ()).text == kept
    assert [one for one in text if one.isalpha()] == [one for one in kept if one.isalpha()]


def test_a_long_reply_full_of_brackets_is_resolved():
    assert resolve("[" * 20_000 + "1" * 20_000 + "]" * 20_000, RANKING, "ja").citations == ()


WEDDING = "员工结婚可以享受十天婚假"
HANDBOOK = (
    passage("入职满一年的员工每年享有七天带薪年假。员工结婚可以享受十天婚假。", "zh-Hans", 100, 1),
    passage("差旅费应在十五个工作日内提交报销。单笔超过五千元的采购须申请。", "zh-Hans", 300, 2),
)


def shown(reply, asked=""):
    found = resolve(reply, HANDBOOK, "zh-Hans", asked=asked)
    return found.text, quotes(found), found.misquoted


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("根据文档，“年假为十六天。”[1]", "根据文档，“年假为十六天。”（未核实）"),
        ("“年假为十六天[1]”。", "“年假为十六天”（未核实）。"),
        ("员工享有“八天”带薪年假[1]。", "员工享有“八天”（未核实）带薪年假。"),
        ("员工结婚可以享受“九天婚假”。", "员工结婚可以享受“九天婚假”。"),
        ("文档说“员工结婚可以享受九天婚假”。", "文档说“员工结婚可以享受九天婚假”（未核实）。"),
        ("> 员工结婚可以享受九天婚假。[1]", "> 员工结婚可以享受九天婚假。（未核实）"),
        ("> 员工结婚可以享受九天婚假。\n\n[1]", "> 员工结婚可以享受九天婚假。（未核实）\n\n"),
        ("**员工结婚可以享受九天婚假。**[1]", "**员工结婚可以享受九天婚假。**"),
        ("员工结婚可以享受九天婚假。[1]", "员工结婚可以享受九天婚假。"),
        ("员工结婚不可以享受十天婚假。[1]", "员工结婚不可以享受十天婚假。"),
        ("“可以享受七天带薪年假。员工结婚”[1]", "“可以享受七天带薪年假。员工结婚”（未核实）"),
    ],
)
def test_words_that_do_not_stand_in_the_passages_lose_their_mark_and_are_signed(reply, text):
    assert shown(reply) == (text, [], text.count("（未核实）"))


@pytest.mark.parametrize(
    ("reply", "text", "cited"),
    [
        (f"“{WEDDING}”[2]", f"“{WEDDING}”[1]", WEDDING),
        (f"“{WEDDING}”。", f"“{WEDDING}”[1]。", WEDDING),
        (f"> {WEDDING}。\n", f"> {WEDDING}。[1]\n", f"{WEDDING}。"),
        ("员工每年享有“七天”带薪年假[1]。", "员工每年享有“七天”带薪年假[1]。", "七天"),
        ("答：“七天”[1]", "答：“七天”[1]", "七天"),
        ("《手册》：员工结婚享受十天婚假[1]。", "《手册》：员工结婚享受十天婚假[1]。", f"{WEDDING}。"),
        (f"“{WEDDING}”和“差旅费不报销”[1][2]", f"“{WEDDING}”[1]和“差旅费不报销”（未核实）", WEDDING),
    ],
)
def test_words_that_stand_there_are_cited_where_they_stand(reply, text, cited):
    assert shown(reply)[:2] == (text, [(1, cited)])


def test_a_copy_with_another_figure_is_not_borne_out_by_its_neighbour():
    rows = passage("第一季度的销售额为三百万元。第二季度的销售额为五百万元。", "zh-Hans", 0, 1)
    for statement, cited in [("第二季度的销售额为五百万元", 1), ("第二季度的销售额为九百万元", 0)]:
        assert len(resolve(f"{statement}[1]。", (rows,), "zh-Hans").citations) == cited


def test_a_short_true_quotation_does_not_bear_out_what_is_made_up_around_it():
    assert shown("董事长每天打扫“婚假”大楼的地板[1]。") == ("董事长每天打扫“婚假”大楼的地板。", [], 0)


def test_words_of_the_question_need_no_source():
    asked = "出差期间的加班费怎么算？"
    reply = "关于“出差期间的加班费怎么算”，文档没有说明。"
    assert shown(reply, asked)[0] == reply
    assert shown(reply)[0] != reply


@pytest.mark.parametrize(
    ("lang", "sign"),
    [("en", " (not verified)"), ("zh-Hant", "（未核實）"), ("ja", "（未確認）"), ("ko", " (미확인)")],
)
def test_what_is_not_found_is_signed_in_the_language_of_the_reply(lang, sign):
    assert resolve("“Nothing of the kind stands here”[1].", RANKING, lang).text.endswith(f"here”{sign}.")


def test_a_citation_says_whether_its_words_were_quoted_or_bear_a_statement_out():
    reply = (
        "「有給休暇は年に十日です」[1]。「有給休暇は年に１０日です」ではなく「有給休暇は年に十日です」[1]。"
    )
    assert [one.match for one in resolve(reply, RANKING, "ja").citations] == ["exact"]
    assert [one.match for one in resolve("「Full Backups are kept」[3]。", RANKING, "en").citations] == [
        "folded"
    ]
    assert [one.match for one in resolve("有給休暇は10日です[1]。", RANKING, "ja").citations] == ["support"]


def test_a_figure_that_differs_is_not_borne_out_by_a_likeness_of_meaning():
    def alike(statement, texts):
        return [0.9 if "十日" in text else 0.1 for text in texts]

    assert not resolve("Employees get twelve days of leave [1].", RANKING, "en", alike).citations
