"""chunk.sentences: what tells sentences apart where documents are cut."""

import pytest

from ingest.chunk import chunk_document, chunk_text
from ingest.load import parse
from rag.assemble import embedder
from rag.errors import ConfigError
from rag.settings import load

SPOKEN = "배송이 빨라서 좋았다 포장도 꼼꼼하다 다음에도 여기서 살 거다"
IN_THREE = ["배송이 빨라서 좋았다", "포장도 꼼꼼하다", "다음에도 여기서 살 거다"]


def cut(text, **how):
    return [one.text for one in chunk_text(text, count=len, **how)]


def test_with_kiwi_spoken_korean_is_cut_between_sentences():
    pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    assert cut(SPOKEN, tokens=16, sentences="kiwi") == IN_THREE
    assert cut(SPOKEN, tokens=16) != IN_THREE


def test_what_other_splitters_cut_are_other_chunks():
    pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    (one,), (other,) = (chunk_text("좋다.", count=len, sentences=by) for by in ("rules", "kiwi"))
    assert one.text == other.text
    assert one.id != other.id


def test_the_setting_reaches_the_chunker_and_tells_its_index_from_others():
    pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    rules, kiwi = (
        load(overrides={"chunk.sentences": by, "chunk.tokens": 16}, environ={}) for by in ("rules", "kiwi")
    )
    document = parse(SPOKEN.encode(), name="review.txt")
    found = [one.text for one in chunk_document(document, embedder(kiwi), kiwi.chunk)]
    assert set(found) <= set(IN_THREE) | {" ".join(IN_THREE[:2]), " ".join(IN_THREE[1:])}
    assert rules.chunk.fingerprint != kiwi.chunk.fingerprint


def test_a_splitter_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match="rules, kiwi"):
        cut(SPOKEN, sentences="mecab")
    with pytest.raises(ConfigError):
        load(overrides={"chunk.sentences": "mecab"}, environ={})
