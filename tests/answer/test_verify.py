"""Quotations judged alone: for answers of any model, over any passages."""

from dataclasses import replace

import pytest

import rag
from rag.answer.verify import verify
from rag.types import Chunk, Hit
from tests.answer.library import passage

TEXT = (
    "员工每年享有七天带薪年假。当年未休完的年假可以顺延到次年三月三十一日。\n\n"
    "员工结婚可以享受十天婚假，𠮷日不限。"
)


def chunk(start, end, **more):
    name = f"c{start}"
    return Chunk(name, "d", "手册.md", TEXT[start:end], start, end, ("假期",), 2, "zh-Hans", **more)


def spans(verdict):
    return [(one.number, one.quote, one.start, one.end) for one in verdict.citations]


def test_every_quotation_of_an_answer_is_judged_in_order():
    answer = (
        "规定“每年享有七天带薪年假”[1]，“每年享有八天帶薪年假”[1]，"
        "另见《手册》和「員工結婚可以享受十天婚假」。"
    )
    found = rag.verify(answer, [TEXT])
    assert [(one.quote, one.match) for one in found] == [
        ("每年享有七天带薪年假", "exact"),
        ("每年享有八天帶薪年假", None),
        ("手册", "title"),
        ("員工結婚可以享受十天婚假", "folded"),
    ]
    for one in found:
        assert one.quote in answer[one.start : one.end]
    assert spans(found[0]) == [(1, "每年享有七天带薪年假", 2, 12)]
    assert spans(found[3]) == [(1, "员工结婚可以享受十天婚假", 37, 49)]


def test_passages_may_be_strings_chunks_and_hits():
    for one in (TEXT, chunk(0, len(TEXT)), Hit(chunk(0, len(TEXT)), 1.0)):
        (verdict,) = verify("“享受十天婚假”[2]", ["没有关系的话。", one])
        (cited,) = verdict.citations
        assert (verdict.match, cited.number, cited.quote) == ("exact", 2, "享受十天婚假")


def test_a_citation_says_document_page_heading_and_span():
    (verdict,) = verify("“𠮷日不限”[1]", [chunk(37, len(TEXT))])
    (cited,) = verdict.citations
    assert (cited.chunk.document, cited.page, cited.headings) == ("手册.md", 2, ("假期",))
    assert TEXT[cited.start : cited.end] == cited.quote == "𠮷日不限"
    assert cited.span == (cited.start - 37, cited.end - 37)
    assert cited.utf16 == (cited.span[0], cited.span[1] + 1)


def test_the_passage_that_a_mark_names_is_looked_in_first_and_the_others_then():
    texts = ["婚假为十天整。", "规定：婚假为十天整。"]
    assert [one.number for one in verify("“婚假为十天整”[2]", texts)[0].citations] == [2]
    assert [one.number for one in verify("“婚假为十天整”[1][2]", texts)[0].citations] == [1, 2]
    assert [one.number for one in verify("“婚假为十天整”[7]", texts)[0].citations] == [1]
    assert [one.number for one in verify("“婚假为十天整”", texts)[0].citations] == [1]


def test_a_quotation_that_runs_on_into_the_next_chunk_is_cited_in_both():
    cut = TEXT.index("当年")
    parts = [chunk(cut, len(TEXT)), chunk(0, cut)]
    (verdict,) = verify("“七天带薪年假。当年未休完的年假”[1]", parts)
    assert verdict.match == "exact"
    assert spans(verdict) == [(2, "七天带薪年假。", 6, cut), (1, "当年未休完的年假", cut, cut + 8)]


def test_chunks_that_overlap_or_have_known_space_between_them_are_neighbours():
    gap = TEXT.index("\n\n")
    apart = [chunk(0, gap, next=f"c{gap + 2}", gap="\n\n"), chunk(gap + 2, len(TEXT))]
    (verdict,) = verify("“三月三十一日。员工结婚”", apart)
    assert (
        verdict.match == "folded"
        and "".join(one.quote for one in verdict.citations) == "三月三十一日。员工结婚"
    )
    over = [chunk(0, 20), chunk(13, gap)]
    (verdict,) = verify("“七天带薪年假。当年未休完的年假可以顺延”", over)
    assert "".join(one.quote for one in verdict.citations) == "七天带薪年假。当年未休完的年假可以顺延"


@pytest.mark.parametrize(
    "parts",
    [
        [chunk(0, 13), chunk(20, 36)],
        [chunk(0, 13), replace(chunk(13, 36), doc_id="other")],
        [chunk(0, 15), replace(chunk(11, 36), text="别的别的" + TEXT[15:36])],
    ],
)
def test_chunks_with_something_unknown_between_them_are_no_neighbours(parts):
    (verdict,) = verify("“七天带薪年假。当年未休完”", parts)
    assert verdict.match is None and verdict.citations == ()


@pytest.mark.parametrize("mark", ["……", "…", "...", "[...]", "（中略）", " … ", "⋯⋯", "〔略〕", "(중략)"])
def test_what_a_quotation_leaves_out_is_left_out_and_its_parts_stand_in_order(mark):
    (verdict,) = verify(f"“每年享有七天带薪年假{mark}可以享受十天婚假”[1]", [TEXT])
    assert verdict.match == "exact"
    assert [one.quote for one in verdict.citations] == ["每年享有七天带薪年假", "可以享受十天婚假"]


@pytest.mark.parametrize(
    "quote",
    [
        "可以享受十天婚假……每年享有七天带薪年假",
        "每年享有七天带薪年假……可以享受八天婚假",
        "员工……享有……十天",
        "七天……十天",
        "……",
        "每年享有七天带薪年假可以享受十天婚假",
    ],
)
def test_parts_out_of_order_altered_too_short_or_joined_in_silence_are_not_verified(quote):
    (verdict,) = verify(f"“{quote}”[1]", [TEXT])
    assert verdict.match is None


def test_a_beginning_or_an_end_may_be_left_out():
    for quote in ("……可以享受十天婚假", "可以享受十天婚假…"):
        assert verify(f"“{quote}”[1]", [TEXT])[0].match == "exact"


def test_an_ellipsis_of_the_text_itself_is_part_of_the_quotation():
    (verdict,) = verify("「そう…だが…しかし」", ["彼は「そう……だが……しかし」と言った。"])
    assert verdict.match == "folded" and len(verdict.citations) == 1


@pytest.mark.parametrize(
    ("quote", "match"),
    [
        ("享受十天婚假，", "exact"),
        ("享受十天婚假。", "folded"),
        ("可以享受，", "folded"),
        ("可以享受。", None),
    ],
)
def test_a_writers_own_comma_or_stop_at_the_end_is_forgiven_where_no_sentence_is_cut(quote, match):
    assert verify(f"“{quote}”", [TEXT])[0].match == match


def test_markdown_of_answer_and_passage_is_no_difference():
    source = "默认值是 **200**，重启 `nginx` 服务，见[手册](a.md)。"
    for quote in ("默认值是 200，重启 nginx 服务，见手册", "**默认值**是 200，重启 `nginx` 服务", source):
        assert verify(f"“{quote}”", [source])[0].match in ("exact", "folded")
    assert verify("“默认值是 20，重启 nginx 服务”", [source])[0].match is None


def test_names_of_documents_and_headings_are_no_quotations():
    hit = passage("有給休暇は年に十日です。")
    named = Hit(replace(hit.chunk, document="社内/就業規則.md", headings=("就業規程", "第2章 休暇")), 1.0)
    for quote in ("就業規則", "第2章 休暇", "第２章　休暇", "就業規程 > 第2章 休暇"):
        (verdict,) = verify(f"「{quote}」によれば十日です[1]。", [named])
        assert verdict.match == "title" and not verdict.citations


@pytest.mark.parametrize(
    "quote",
    [
        "婚假为八天，须提前申请。",
        "연차는 이틀을 준다.",
        "one two three four five six seven eight nine ten eleven",
    ],
)
def test_a_sentence_between_brackets_of_titles_is_a_quotation(quote):
    assert verify(f"《{quote}》[1]", [TEXT])[0].match is None


NOT = "产假期间，员工不可以延期休假。试用期没有带薪年假。"


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ("休假“可以延期”[1]。", None),
        ("“可以延期”[1]", None),
        ("休假“不可以延期”[1]。", "exact"),
        ("“产假期间……可以延期”[1]", None),
        ("试用期没有“带薪年假”[1]。", "exact"),
        ("试用期有“带薪年假”[1]。", None),
    ],
)
def test_a_few_letters_behind_a_not_are_a_term_only_where_the_answer_says_not_as_well(answer, match):
    assert verify(answer, [NOT])[0].match == match


def test_nothing_quoted_and_no_passages():
    assert verify("员工每年享有七天带薪年假[1]。", [TEXT]) == []
    assert verify("“七天带薪年假”[1]", [])[0].match is None
