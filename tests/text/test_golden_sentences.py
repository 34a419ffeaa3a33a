"""Sentence ends on texts cut by hand: the golden sets, and those of writers who never saw the rules."""

import pytest

from rag.text.sentences import sentences
from tests.helpers.golden import LANGUAGES, UNSEEN, passages, score

FLOOR = 0.98
FLOOR_UNSEEN = 0.95
LEAST = {"zh": 450, "ja": 400, "ko": 400, "en": 150}


def test_the_golden_sets_are_whole():
    for name in LANGUAGES:
        given = passages(name)
        assert sum(len(one.sentences) for one in given) >= LEAST[name]
        for one in given:
            assert "".join("".join(one.sentences).split()) == "".join(one.text.split())
            assert all(sentence in one.text and sentence == sentence.strip() for sentence in one.sentences)


@pytest.mark.parametrize("told", [True, False], ids=["language told", "language unknown"])
@pytest.mark.parametrize("hard", [False, True], ids=["all", "hard"])
@pytest.mark.parametrize("name", LANGUAGES)
def test_sentences_end_where_readers_end_them(name, hard, told):
    given = [one for one in passages(name) if one.hard or not hard]
    found = score(lambda text, lang: sentences(text, lang if told else "und"), given)
    assert found.f1 >= FLOOR, found


@pytest.mark.parametrize("name", LANGUAGES)
def test_sentences_of_texts_never_seen_end_there_too(name):
    given = passages(name, UNSEEN)
    if not given:
        pytest.skip("no unseen passages of this language yet")
    found = score(sentences, given)
    assert found.f1 >= FLOOR_UNSEEN, found


@pytest.mark.parametrize("part", ["all", "hard"])
def test_kiwi_takes_nothing_away_from_the_rules(part):
    pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    given = [one for one in passages("ko") if one.hard or part == "all"]
    found = score(lambda text, lang: sentences(text, lang, by="kiwi"), given)
    assert found.f1 >= FLOOR, found
