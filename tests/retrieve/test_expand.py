"""Hits grown by their neighbours and to their sections."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ConfigError
from rag.retrieve.expand import Neighbours, Parent, beside, expand, growth
from rag.settings import AnswerSettings
from rag.types import Citation, Part, Place
from tests.retrieve.linked import Piece, Shelf, cut, hits
from tests.retrieve.world import ids

pieces = st.builds(
    Piece,
    text=st.text("員は休暇を取る。가é\n", min_size=1, max_size=8).map(lambda text: f"第{text}。"),
    gap=st.sampled_from(["", " ", "\n", "\n\n  "]),
    repeated=st.sampled_from([0, 0, 0, 1, 3]),
    new_section=st.booleans(),
    new_page=st.booleans(),
)
documents = st.lists(pieces, min_size=1, max_size=9)
growths = st.builds(Neighbours, st.integers(0, 3), st.integers(0, 3)) | st.builds(Parent, st.integers(1, 60))

TEXTS = (
    "年次有給休暇は二十日とする。",
    "半日の休暇も取れる。",
    "届け出は前日までとする。",
    "慶弔休暇は五日とする。",
)


def plain(*texts: str, **more):
    return cut([Piece(text, "\n", **more) for text in texts])


@st.composite
def rankings(draw):
    """Two documents, and hits in both in any order."""
    one, other = draw(documents), draw(documents)
    (first, cuts), (second, others) = cut(one, "甲.md"), cut(other, "乙.md")
    found = draw(st.lists(st.sampled_from([*cuts, *others]), unique_by=lambda chunk: chunk.id, min_size=1))
    return {"甲.md": first, "乙.md": second}, Shelf(cuts, others), hits(found)


@given(rankings(), growths)
def test_a_grown_text_is_the_document_s_own_stretch(world, by):
    texts, shelf, ranking = world
    for hit in expand(ranking, shelf, by):
        chunk = hit.chunk
        assert chunk.text == texts[chunk.doc_id][chunk.start : chunk.end]
        for part in chunk.parts:
            own = shelf.chunks[part.id]
            assert (part.start, part.page, part.headings) == (own.start, own.page, own.headings)
            assert chunk.start <= own.start and own.end <= chunk.end


@given(rankings(), growths)
def test_every_hit_is_kept_or_is_part_of_a_better_one(world, by):
    _, shelf, ranking = world
    grown = expand(ranking, shelf, by)
    places = {hit.chunk.id: rank for rank, hit in enumerate(ranking)}
    assert [places[one] for one in ids(grown)] == sorted(places[one] for one in ids(grown))
    for hit in ranking:
        holder = next(one for one in grown if hit.chunk.id in _parts(one))
        assert places[holder.chunk.id] <= places[hit.chunk.id]
    for hit in grown:
        before = ranking[places[hit.chunk.id]]
        assert (hit.score, hit.trace) == (before.score, before.trace)


@given(rankings(), growths)
def test_no_chunk_is_in_two_hits(world, by):
    _, shelf, ranking = world
    for one, other in combinations(expand(ranking, shelf, by), 2):
        assert not _parts(one) & _parts(other)


@given(st.lists(pieces.map(lambda one: replace(one, repeated=0)), min_size=1, max_size=9), growths, st.data())
def test_without_overlap_no_stretch_of_text_is_in_two_hits(document, by, data):
    _, chunks = cut(document)
    found = data.draw(st.lists(st.sampled_from(chunks), unique_by=lambda chunk: chunk.id))
    for one, other in combinations(expand(hits(found), Shelf(chunks), by), 2):
        assert one.chunk.end <= other.chunk.start or other.chunk.end <= one.chunk.start


@given(rankings(), st.integers(1, 60))
def test_a_section_is_never_grown_over_its_budget(world, tokens):
    _, shelf, ranking = world
    for hit in expand(ranking, shelf, Parent(tokens)):
        chunk, own = hit.chunk, shelf.chunks[hit.chunk.id]
        assert chunk == own or chunk.tokens <= tokens
        assert chunk.end - chunk.start <= chunk.tokens + sum(map(len, _gaps(hit, shelf)))
        assert own.section[0] <= chunk.start and chunk.end <= own.section[1]


@given(rankings(), growths, st.integers(0, 120))
def test_together_hits_grow_to_the_room_that_is_given(world, by, room):
    _, shelf, ranking = world
    grown = expand(ranking, shelf, by, room)
    size = sum(hit.chunk.tokens for hit in ranking)
    assert sum(hit.chunk.tokens for hit in grown) <= max(room, size)


@given(rankings(), growths)
def test_growing_asks_the_store_once_for_each_step(world, by):
    _, shelf, ranking = world
    expand(ranking, shelf, by)
    assert len(shelf.asked) <= (max(by.before, by.after) if isinstance(by, Neighbours) else 9) + 1
    wanted = [one for ids in shelf.asked for one in ids]
    assert len(wanted) == len(set(wanted))


def test_a_section_that_fits_is_seen_whole_and_nothing_of_the_next():
    text, chunks = cut([*(Piece(one, "\n") for one in TEXTS[:3]), Piece(TEXTS[3], new_section=True)])
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Parent(100))
    assert hit.chunk.text == "\n".join(TEXTS[:3]) == text[slice(*chunks[1].section)]
    assert hit.chunk.id == chunks[1].id and hit.chunk.headings == chunks[1].headings


def test_a_section_that_does_not_fit_is_seen_around_the_hit_first_what_follows():
    _, chunks = plain("一の文。", "二の文。", "三の文。", "四の文。")
    grown = [expand(hits([chunks[1]]), Shelf(chunks), Parent(4 * count))[0] for count in (1, 2, 3, 4)]
    assert [(hit.chunk.text[0], hit.chunk.text[-4]) for hit in grown] == [
        ("二", "二"),
        ("二", "三"),
        ("一", "三"),
        ("一", "四"),
    ]


def test_a_neighbour_too_large_leaves_the_other_side_its_room():
    _, chunks = plain("短い。", "中の文。", "これはとてもとても長い文である。")
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Parent(8))
    assert hit.chunk.text == "短い。\n中の文。"


def test_neighbours_are_taken_over_headings_and_not_beyond_the_document():
    _, chunks = cut([Piece(one, "\n", new_section=True) for one in TEXTS])
    (hit,) = expand(hits([chunks[0]]), Shelf(chunks), Neighbours(1, 1))
    assert hit.chunk.text == f"{TEXTS[0]}\n{TEXTS[1]}"
    assert hit.chunk.headings == ("就業規則",)
    (hit,) = expand(hits([chunks[2]]), Shelf(chunks), Neighbours(9, 0))
    assert hit.chunk.text == "\n".join(TEXTS[:3])


def test_repeated_sentences_stand_once_in_the_grown_text():
    text, chunks = cut([Piece("甲は一。乙は二。"), Piece("丙は三。", repeated=4)])
    assert chunks[1].text == "乙は二。丙は三。"
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Parent(100))
    assert hit.chunk.text == text == "甲は一。乙は二。丙は三。"


def test_what_a_grown_chunk_carries_is_what_its_parts_carry():
    _, chunks = cut([Piece(TEXTS[0], "\n"), Piece(TEXTS[1], "\n", new_page=True)])
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Parent(100))
    chunk = hit.chunk
    assert chunk.places == (Place(0, "本文", "0"), Place(15, "本文", "1"))
    assert chunk.readings == ("よみ0", "きそく", "よみ1")
    assert (chunk.page, chunk.tokens) == (1, sum(one.tokens for one in chunks))
    assert (chunk.previous, chunk.next, chunk.section) == ("", "", chunks[0].section)
    assert chunk.parts == tuple(Part(one.id, one.start, one.page, one.headings) for one in chunks)


def test_a_quotation_from_a_grown_chunk_names_the_page_and_the_heading_it_stands_on():
    _, chunks = cut([Piece(one, "\n", new_section=True, new_page=True) for one in TEXTS])
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Neighbours(1, 1))
    for one in chunks[:3]:
        cited = Citation(hit.chunk, one.start + 2, one.end, one.text[2:])
        assert (cited.page, cited.headings, cited.place) == (one.page, one.headings, one.place)
    plain_chunk = Citation(chunks[3], chunks[3].start, chunks[3].end, chunks[3].text)
    assert (plain_chunk.page, plain_chunk.headings) == (chunks[3].page, chunks[3].headings)


def test_hits_of_one_section_become_the_better_one():
    _, chunks = plain(*TEXTS)
    ranking = hits([chunks[2], chunks[0]])
    (hit,) = expand(ranking, Shelf(chunks), Parent(100))
    assert (hit.chunk.id, hit.score, hit.trace) == (chunks[2].id, ranking[0].score, ranking[0].trace)
    assert hit.chunk.text == "\n".join(TEXTS)


def test_room_goes_to_the_best_hit_first():
    first, second = plain(*TEXTS)[1], cut([Piece(one) for one in TEXTS], "乙.md")[1]
    ranking = hits([first[0], second[0]])
    room = first[0].tokens + second[0].tokens + first[1].tokens
    grown = expand(ranking, Shelf(first, second), Parent(100), room)
    assert [len(hit.chunk.parts) for hit in grown] == [2, 0]
    assert grown[1] == ranking[1]


@pytest.mark.parametrize("by", [Neighbours(2, 2), Parent(100)])
def test_chunks_of_an_older_index_stay_as_they_are(by):
    chunks = [replace(one, section=None, previous="", next="", gap="", tokens=0) for one in plain(*TEXTS)[1]]
    ranking = hits(chunks[:2])
    assert expand(ranking, Shelf(chunks), by) == ranking


@pytest.mark.parametrize(
    "wrong",
    [
        {"doc_id": "other.md"},
        {"start": 0},
        {"start": 99, "end": 120},
        {"end": 3},
    ],
)
def test_a_neighbour_that_does_not_join_is_left_out(wrong):
    _, chunks = plain(*TEXTS)
    shelf = Shelf(chunks)
    shelf.chunks[chunks[2].id] = replace(chunks[2], **wrong)
    (hit,) = expand(hits([chunks[1]]), shelf, Neighbours(1, 1))
    assert hit.chunk.text == f"{TEXTS[0]}\n{TEXTS[1]}"


def test_neighbours_that_are_gone_are_left_out():
    _, chunks = plain(*TEXTS)
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks[:2]), Parent(100))
    assert hit.chunk.text == f"{TEXTS[0]}\n{TEXTS[1]}"


def test_an_empty_ranking_stays_empty():
    assert expand((), Shelf(), Parent(100)) == ()


def test_neighbours_are_fetched_in_the_order_of_the_text():
    _, chunks = plain(*TEXTS)
    assert beside(chunks[2], Shelf(chunks), before=1, after=5) == tuple(chunks[1:])
    assert beside(chunks[2], Shelf(chunks), before=0, after=0) == (chunks[2],)


def test_a_grown_chunk_has_neighbours_too():
    _, chunks = plain(*TEXTS)
    (hit,) = expand(hits([chunks[1]]), Shelf(chunks), Neighbours(0, 1))
    assert beside(hit.chunk, Shelf(chunks), before=1, after=1) == (chunks[0], hit.chunk, chunks[3])


def test_settings_say_how_hits_grow():
    settings = AnswerSettings(neighbours=2, parent_tokens=300)
    assert growth("chunk", settings) is None
    assert growth("neighbours", settings) == Neighbours(2, 2)
    assert growth("parent", settings) == Parent(300)
    with pytest.raises(ConfigError, match="chunk, neighbours, parent"):
        growth("page", settings)


def _parts(hit):
    return {part.id for part in hit.chunk.parts} or {hit.chunk.id}


def _gaps(hit, shelf):
    return [shelf.chunks[part.id].gap for part in hit.chunk.parts]
