"""What tests of loaders share: the blocks of a document as text, and damaged bytes."""

from __future__ import annotations

from hypothesis import strategies as st

from ingest.load import parse
from rag.errors import DocumentError
from rag.types import Document, span_of

LANGUAGES = {
    "zh-Hans": ("gb18030", "出差旅费应当在返回后十五日内报销，超过期限的须由部门负责人说明理由。"),
    "zh-Hant": ("cp950", "差旅費應於返回後十五日內報銷，逾期者須由部門主管說明理由並經核准。"),
    "ja": ("cp932", "出張旅費は、帰着後十五日以内に精算しなければならない。遅れた場合は理由を述べる。"),
    "ko": ("cp949", "출장 여비는 돌아온 뒤 십오 일 안에 정산하여야 하며, 늦은 때에는 그 까닭을 밝힌다."),
}
"""A sentence in each language, and the code page that files of it have."""


def blocks(document: Document) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def outline(document: Document) -> list[tuple[int, str]]:
    """Level and text of each heading."""
    return [
        (one.level, document.text[one.start : one.end]) for one in document.blocks if one.kind == "heading"
    ]


def place_of(document: Document, words: str) -> str:
    """Where a citation says that the words stand."""
    start = document.text.index(words)
    return span_of(document.places, start, start + len(words))


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with some of them changed, left out or doubled."""
    place = st.integers(0, max(len(data) - 1, 0))
    edit = st.tuples(place, st.integers(0, 40), st.binary(max_size=8))
    return st.lists(edit, min_size=1, max_size=8).map(lambda edits: _edited(data, edits))


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, length, inserted in edits:
        data = data[:start] + inserted + data[start + length :]
    return data


def survives(data: bytes, name: str) -> None:
    """Fails where reading ends in anything but a document or a DocumentError."""
    try:
        document = parse(data, name=name)
    except DocumentError as error:
        assert error.code and str(error)
        return
    assert all(0 <= one.start < one.end <= len(document.text) for one in document.blocks)
    assert [one.start for one in document.places] == sorted(one.start for one in document.places)
