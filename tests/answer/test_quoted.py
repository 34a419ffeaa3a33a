"""What a reply gives as a quotation, and which marks of citation stand for it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.claims import claims
from rag.answer.marks import groups, numbers, unmarked
from rag.answer.quoted import quotations


def words(reply):
    return [one.text for one in quotations(reply)]


@pytest.mark.parametrize(
    "reply",
    [
        "说“年假七天”。",
        "说「年假七天」。",
        "说『年假七天』。",
        '说"年假七天"。',
        "说＂年假七天＂。",
        "说‘年假七天’。",
        "说'年假七天'。",
        "说«年假七天»。",
        "说｢年假七天｣。",
        "说﹁年假七天﹂。",
        "说„年假七天“。",
        "说〝年假七天〞。",
        "说”年假七天“。",
        "说“年假七天“。",
        "说”年假七天”。",
        '说“年假七天"。',
        "说“年假七天[1]”。",
        "> 年假七天",
        "> 年假七天 [1]\n",
        "> > 年假七天",
        "前文\n> 年假七天\n后文",
        "> “年假七天”[1]",
        "> **员工手册**\n> 年假七天",
        "> 员工手册：\n> 年假七天",
        "「“年假七天”」[1]",
        "> 手册说：「年假七天」",
        "> 年假七天\n> —— 员工手册",
        "> 年假七天\n> 出典：就業規則 [2]",
        "说“年假七天",
        "说「年假七天[1]。其他",
        "- “年假七天”\n- 别的",
    ],
)
def test_quotations_are_told_in_every_style(reply):
    assert words(reply) == ["年假七天"]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("「外「内」外」と「次」", ["外「内」外", "次"]),
        ("“外‘内’外”", ["外‘内’外"]),
        ("‘the team’s backup’ isn’t 'John's'", ["the team’s backup", "John's"]),
        ("the employees' leave isn't theirs", []),
        ("“一段\n\n另一段”", ["一段"]),
        ('他说"甲"，又说"乙"。', ["甲", "乙"]),
        ('"第一行\n第二行"', ["第一行\n第二行"]),
        ("“第一行\n第二行[1]。", ["第一行\n第二行"]),
        ("- “甲\n- “乙”", ["甲", "乙"]),
        ("> 甲\n> 乙\n>\n> 丙", ["甲\n乙", "丙"]),
        ("> 甲。[1]\n> 乙。[2]", ["甲。", "乙。"]),
        ("> 彼は「行く」と言った", ["彼は「行く」と言った"]),
        ('`"a"` と\n```\n“甲”\n> 乙\n```\n', []),
        ("> 用 `nginx` 服务", ["用 `nginx` 服务"]),
        ("**加粗**和*斜体*不是引文", []),
        ("", []),
    ],
)
def test_the_outermost_count_within_a_paragraph_and_none_in_code(reply, found):
    assert words(reply) == found


def test_titles_are_told_from_quotations():
    found = quotations("《员工手册》与〈请假〉里写着“七天”。")
    assert [(one.text, one.kind) for one in found] == [
        ("员工手册", "title"),
        ("请假", "title"),
        ("七天", "quotation"),
    ]


@given(st.text(st.sampled_from("“”「」『』\"'‘’《》„«»[]1>`*\n 　年假七天ab。、…-"), max_size=60))
def test_quotations_of_any_reply_ascend_do_not_overlap_and_are_in_it(reply):
    found = quotations(reply)
    assert all(0 <= one.start < one.end <= len(reply) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(set(one.text) <= set(reply[one.start : one.end]) for one in found)


@pytest.mark.parametrize(
    ("group", "found"),
    [
        ("[1]", [1]),
        ("［１２］", [12]),
        ("【1】【2】", [1, 2]),
        ("[1, 2、３；4]", [1, 2, 3, 4]),
        ("[2-4]", [2, 3, 4]),
        ("[^1]", [1]),
        (r"\[1\]", [1]),
        ("〔3〕", [3]),
        ("【1†source】", [1]),
        ("[来源1]", [1]),
        ("[출처: 2]", [2]),
        ("[Source 1, Source 3]", [1, 3]),
    ],
)
def test_marks_are_read_in_every_style(group, found):
    (one,) = groups(f"甲{group}。")
    assert numbers(one[0]) == found
    assert unmarked(f"甲{group}。") == "甲。"


@pytest.mark.parametrize("text", ["令和[2024]年", "[注]", "[a]", "`x[1]`", "[]", "[1"])
def test_other_brackets_are_no_marks(text):
    assert not list(groups(text)) and unmarked(text) == text


@pytest.mark.parametrize(
    ("reply", "stands_for"),
    [
        ("甲说“子”。乙说“丑”[1]。", [("乙说“丑”", ["子", "丑"])]),
        ("“子”[1]，“丑”[2]。", [("“子”", ["子"]), ("，“丑”", ["丑"])]),
        ("“子”[1]。[2]", [("“子”", ["子"]), ("“子”", ["子"])]),
        ("[1] “子”是\n“丑”", [("“子”是", ["子"])]),
        ("> 子丑\n\n[1]\n", [("> 子丑", ["子丑"])]),
        ("“子”\n\n丑[1]", [("丑", [])]),
        ("“子[1]，丑[2]”", [("“子", ["子，丑"]), ("，丑", ["子，丑"])]),
    ],
)
def test_marks_stand_for_the_sentence_and_the_quotations_before_them(reply, stands_for):
    marked, _ = claims(reply, "zh-Hans")
    assert [(one.statement, [q.text for q in one.quotations]) for one in marked] == stands_for


def test_a_quotation_without_a_mark_is_told_apart():
    marked, left = claims("“子”[1]。\n\n“丑”。")
    assert len(marked) == 1 and [one.text for one in left] == ["丑"]
