from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import StoreError, StoreUnavailable
from rag.stores.payload import decode, encode
from rag.types import Chunk, Part

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(
    chunk=st.builds(
        Chunk,
        id=words,
        doc_id=words,
        document=words,
        text=words,
        start=st.integers(0, 2**40),
        end=st.integers(0, 2**40),
        headings=st.lists(words, max_size=3).map(tuple),
        page=st.none() | st.integers(1, 9999),
        lang=st.sampled_from(["zh-Hans", "zh-Hant", "ja", "ko", "en", "und"]),
        meta=st.dictionaries(words, values, max_size=3),
        tokens=st.integers(0, 9999),
        ends=st.sampled_from(["block", "sentence", "clause", "character"]),
        section=st.none() | st.tuples(st.integers(0, 99), st.integers(100, 2**40)),
        previous=words,
        next=words,
        gap=words,
        parts=st.lists(
            st.builds(
                Part, words, st.integers(0, 99), st.none() | st.integers(1, 9), st.tuples(words, words)
            ),
            max_size=2,
        ).map(tuple),
    )
)
def test_decoding_gives_back_what_was_encoded(chunk):
    assert decode(encode(chunk)) == chunk


@given(words, words)
def test_half_a_character_is_refused_wherever_it_stands(before, after):
    chunk = Chunk("id", "doc", "name", f"{before}\udc80{after}", 0, 1)
    with pytest.raises(StoreError):
        encode(chunk)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"id": 1}', '{"headings": [], "meta": {}, "z": 1}'])
def test_what_encode_did_not_write_is_damage(text):
    with pytest.raises(StoreUnavailable, match="--rebuild"):
        decode(text)
