"""Replies that a page may show as Markdown."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.answer.inert import inert, inert_pieces, without_thoughts

MARKUP = st.text(st.sampled_from("![]()<>:/?\\`\"'= \nahrefimgsc漢1#*_&;x."), max_size=60)
ACTIVE = {"image", "link_open", "html_inline", "html_block"}


def active(text):
    """What of a Markdown text loads, links or is HTML, by the reference parser; bare addresses aside."""
    parser = MarkdownIt("commonmark", {"html": True})
    found = set()
    for token in parser.parse(text):
        found |= {token.type, *(child.type for child in token.children or ())}
    return found & ACTIVE


@given(MARKUP)
def test_nothing_in_an_inert_text_is_active(text):
    assert not active(inert(text))


def test_the_parser_would_find_what_is_made_dead():
    for text in (
        "![](http://a)",
        "[a](b)",
        "<b>",
        "[a]\n\n[a]: http://x",
        "<http://a.b>",
        "<svg onload=x>",
        "<!-- x -->",
        "![a][b]\n\n[b]: c",
    ):
        assert active(text) and not active(inert(text)), text


@given(MARKUP)
def test_making_inert_twice_is_making_inert_once(text):
    assert inert(inert(text)) == inert(text)


@given(MARKUP)
def test_an_inert_text_differs_from_the_text_by_spaces_only(text):
    assert inert(text).replace(" ", "") == text.replace(" ", "")


@given(MARKUP, st.lists(st.integers(0, 60)))
def test_the_place_of_the_cuts_does_not_matter(text, cuts):
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[begin:end] for begin, end in pairwise(places)]
    told = list(inert_pieces(pieces))
    assert "".join(told) == inert(text) and all(told)


def test_citation_marks_and_plain_text_stay_as_they_are():
    text = "有给休假 7 天 [1][2]。1 < 2, a[0] = 3!"
    assert inert(text) == text


@given(st.text(max_size=30).filter(lambda reply: "<" not in reply), st.integers(1, 9))
def test_thoughts_are_left_out_and_replies_are_not(reply, size):
    def cut(text):
        return [text[i : i + size] for i in range(0, len(text), size)]

    assert "".join(without_thoughts(cut(reply))) == reply
    assert (
        "".join(without_thoughts(cut(f"<think>\n考える[1]。</think>\n\n{reply}"))).lstrip() == reply.lstrip()
    )


def test_a_reply_that_never_stops_thinking_is_empty():
    assert list(without_thoughts(["<think>", "うーん"])) == []
