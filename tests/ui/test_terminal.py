from __future__ import annotations

from rag.retrieve.expand import Neighbours, expand
from rag.types import Citation, Hit
from tests.retrieve.linked import SECTIONS, Shelf, cut
from tests.ui.world import CHUNKS, answer_of, chunk
from ui.terminal import answer_text, place, ranking_text, safe, table


def test_an_answer_is_followed_by_its_citations_with_file_heading_and_quote():
    text = answer_text(answer_of((Hit(CHUNKS[0], 1.0),)))
    assert text == "二十日です。[1]\n\n[1] 就業規則.md  ·  休暇 > 有給休暇\n    “有給休暇は年”"


def test_a_page_is_shown_where_there_is_one():
    assert place(CHUNKS[1]) == "취업규칙.docx  ·  p. 3"


def test_a_quote_from_a_grown_passage_is_shown_with_its_own_page_and_heading():
    _, chunks = cut(SECTIONS, "休假.md")
    (hit,) = expand((Hit(chunks[2], 1.0),), Shelf(chunks), Neighbours(2, 0))
    assert place(hit.chunk) == "休假.md  ·  p. 1  ·  本文 0–2  ·  就業規則"
    quoted = Citation(hit.chunk, chunks[1].start, chunks[1].end, chunks[1].text, 1)
    assert place(quoted) == "休假.md  ·  p. 2  ·  本文 1  ·  就業規則 > 第0節"


def test_a_quote_over_several_lines_is_shown_on_one():
    cited = chunk("第1条\n\n  本則", "a.md")
    answer = answer_of((Hit(cited, 1.0),))
    answer_lines = answer_text(
        type(answer)("x", (Citation(cited, 0, 9, cited.text, 1),), (), "extractive", "extracted")
    ).splitlines()
    assert answer_lines[-1] == "    “第1条 本則”"


def test_control_characters_and_direction_marks_do_not_reach_the_terminal():
    assert safe("a\x1b[31mb\u202ec\ud800\td\n\u3000字") == "a[31mbc\td\n\u3000字"


def test_a_hostile_file_name_does_not_reach_the_terminal():
    assert "\x1b" not in ranking_text((Hit(chunk("x", "\x1b]0;owned\x07.txt"), 1.0),))


def test_wide_characters_take_two_columns_in_a_table():
    lines = table(("name", "n"), [("規程", 1), ("abcd", 22)]).splitlines()
    assert lines == ["name  n", "規程  1", "abcd  22"]


def test_a_long_passage_is_cut_in_a_ranking():
    shown = ranking_text((Hit(chunk("あ" * 1000, "a.md"), 0.5),)).splitlines()[1]
    assert len(shown) < 200
    assert shown.endswith("…")
