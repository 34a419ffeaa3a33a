"""Replies with quotations altered by one character, reordered, joined or made up, and honest ones."""

from __future__ import annotations

from collections import Counter

import pytest

from rag.answer.answerer import answer
from rag.answer.generate import Generated
from rag.answer.phrases import phrase
from rag.answer.resolve import resolve
from rag.answer.verify import verify
from rag.settings import AnswerSettings
from rag.types import Query
from tests.answer.quotable import loose
from tests.answer.replies import ALTERATIONS, SPELLINGS, STYLES, altered, honest
from tests.answer.test_generate import Scripted, characters

COUNT = 660


@pytest.fixture(scope="module")
def alterations():
    return list(altered(COUNT))


@pytest.fixture(scope="module")
def honesty():
    return list(honest(COUNT))


def resolved(reply):
    return resolve(reply.text, reply.passage.ranking, reply.passage.lang)


def generated(reply):
    answerer = Generated(Scripted([reply.text]), characters, AnswerSettings(context_tokens=20_000))
    return answer(answerer, Query("?", reply.passage.lang), reply.passage.ranking)


def test_the_replies_are_of_every_language_alteration_spelling_and_style(alterations, honesty):
    for replies, ways in ((alterations, ALTERATIONS), (honesty, SPELLINGS)):
        assert len({reply.text for reply in replies}) > 0.9 * COUNT
        assert {reply.passage.lang for reply in replies} == {"zh-Hans", "zh-Hant", "ja", "ko", "en"}
        assert min(Counter(reply.how for reply in replies).values()) >= 10
        assert {reply.how for reply in replies} == ways.keys()
        assert {reply.style for reply in replies} == STYLES.keys()


def test_no_altered_quotation_is_shown_as_verified(alterations):
    shown = [reply for reply in alterations if resolved(reply).citations]
    assert shown == []


def test_every_altered_quotation_is_signed_and_has_lost_its_marks(alterations):
    for reply in alterations:
        found = resolved(reply)
        sign = phrase("not_verified", reply.passage.lang)
        assert found.misquoted == 1 and found.text.count(sign) == 1, reply
        assert f"[{reply.number}]" not in found.text and "【" not in found.text, reply
        assert found.removed >= found.misquoted


def test_no_altered_quotation_of_a_language_model_reaches_the_reader_as_verified(alterations):
    for reply in alterations[:330]:
        found = generated(reply)
        assert found.citations == () and found.outcome == "answered"
        assert phrase("misquoted", reply.passage.lang, count=1) in found.notice
        assert phrase("uncited", reply.passage.lang) in found.notice


def test_no_altered_quotation_gets_a_place_from_the_judge_alone(alterations):
    for reply in alterations:
        verdicts = verify(reply.text, [hit.chunk.text for hit in reply.passage.ranking])
        assert [one.citations for one in verdicts if one.match != "title"] == [()], reply


def test_honest_quotations_are_verified_in_whatever_spelling_and_style(honesty):
    missed = [reply for reply in honesty if not borne_out(reply, resolved(reply))]
    assert len(missed) <= 0.01 * COUNT, missed


def test_honest_quotations_of_a_language_model_reach_the_reader_with_their_places(honesty):
    missed = [reply for reply in honesty[:330] if not borne_out(reply, generated(reply))]
    assert len(missed) <= 3, missed


def borne_out(reply, found) -> bool:
    """Whether the quotation is cited where it stands, with the document's own words."""
    chunks = [hit.chunk for hit in reply.passage.ranking]
    quoted = "".join(one.quote for one in found.citations)
    return (
        bool(found.citations)
        and all(one.match in ("exact", "folded") for one in found.citations)
        and all(one.chunk.text[slice(*one.span)] == one.quote for one in found.citations)
        and all(chunks[one.number - 1] == one.chunk for one in found.citations)
        and loose(reply.original) in loose(quoted)
        and phrase("not_verified", reply.passage.lang) not in found.text
    )


def test_quotations_that_are_as_they_are_written_are_exact_and_the_others_folded(honesty):
    for reply in honesty:
        if reply.how == "as it is" and reply.quote in reply.passage.ranking[reply.number - 1].chunk.text:
            assert {one.match for one in resolved(reply).citations} == {"exact"}, reply
        if reply.how == "full width" and reply.quote != reply.original:
            assert {one.match for one in resolved(reply).citations} == {"folded"}, reply


def test_beside_an_honest_quotation_an_altered_one_is_signed_and_only_the_honest_one_is_cited(
    alterations, honesty
):
    simple = {"curly", "corner", "guillemets"}
    pairs = [
        (good, bad)
        for good in honesty
        for bad in alterations
        if good.passage is bad.passage and {good.style, bad.style} <= simple
    ]
    assert len(pairs) >= 20
    for good, bad in pairs[:120]:
        text = f"「{good.quote}」「{bad.quote}」[{good.number}]"
        found = resolve(text, good.passage.ranking, good.passage.lang)
        assert found.misquoted == 1 and found.citations
        assert f"」[{good.number}]「" in found.text
        assert found.text.endswith(f"」{phrase('not_verified', good.passage.lang)}")
        assert all(loose(one.quote) in loose(good.original) for one in found.citations)
