"""Points made from numbers, the same for the same seed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import numpy as np

from rag.types import Chunk, Lang, Matrix, Place, Point, Sparse

DIMENSION = 8
TEXTS: dict[Lang, str] = {
    "zh-Hans": "年假从入职满一年起计算，每年十五天。",
    "zh-Hant": "特休假自到職滿一年起算，每年十五日。",
    "ja": "年次有給休暇は𠮷野家で入社半年後に十日です。",
    "ko": "연차 휴가는 입사 1년 후부터 15일입니다.",
    "en": "Annual leave is fifteen days. 🏝️",
}


def chunk_id(name: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"chunk/{name}"))


def sparse(terms: dict[int, float]) -> Sparse:
    indices = np.array(sorted(terms), dtype=np.uint32)
    return Sparse(indices, np.array([terms[int(one)] for one in indices], dtype=np.float32))


def vector(*numbers: float) -> np.ndarray:
    return np.array([*numbers, *[0.0] * (DIMENSION - len(numbers))], dtype=np.float32)


def point(
    name: object,
    dense: np.ndarray | None = None,
    terms: dict[int, float] | None = None,
    *,
    doc: str = "doc",
    generation: str = "g1",
    text: str = "文",
) -> Point:
    chunk = Chunk(chunk_id(name), doc, f"{doc}.txt", text, 0, len(text))
    return Point(
        chunk, generation, vector(1) if dense is None else dense, sparse({1: 1.0} if terms is None else terms)
    )


def rich_points() -> list[Point]:
    """One chunk per language, with every field filled."""
    return [
        Point(
            Chunk(
                id=chunk_id(lang),
                doc_id=f"document of {lang}",
                document=f"規則/{lang} 휴가.pdf",
                text=text,
                start=7,
                end=7 + len(text),
                headings=("第一章　総則", "休暇 > 휴가"),
                page=3,
                lang=lang,
                places=(Place(0, "売上", "A2:C2"), Place(9, "売上", "A3:C3")),
                readings=("けんり", "ほんき"),
                meta={"題": "値\n\x00\t'\"", "n": [1, 2.5, None, True], "nested": {"가": "𠮷"}},
            ),
            "g1",
            vector(1, number),
            sparse({number + 1: 1.0}),
        )
        for number, (lang, text) in enumerate(TEXTS.items())
    ]


def gaussian(seed: int, count: int) -> list[Point]:
    """Unit vectors in all directions; terms as uneven as words are."""
    rng = np.random.default_rng(seed)
    points = []
    for number in range(count):
        dense = rng.standard_normal(DIMENSION).astype(np.float32)
        numbers = (rng.pareto(1, 6) * 5).astype(int) % 60
        terms = {int(one): float(rng.random() + 0.01) for one in numbers}
        name, turn = (seed, number), number % 11
        points.append(
            point(name, dense / np.linalg.norm(dense), terms, doc=f"d{turn}", generation=f"g{turn}")
        )
    return points


def grid(seed: int, count: int) -> list[Point]:
    """Few different vectors and weights, so that most scores are shared by many points."""
    rng = np.random.default_rng(seed)
    return [
        point(
            (seed, number),
            vector(1, *rng.integers(-1, 2, 3)),
            {int(term): 1.0 for term in rng.integers(0, 6, 3)},
            doc=f"d{number % 7}",
            generation=f"g{number % 7}",
        )
        for number in range(count)
    ]


def matrix(points: Iterable[Point]) -> Matrix:
    return np.array([one.dense for one in points], dtype=np.float32)
