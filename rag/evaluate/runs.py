"""Rankings as TREC run files: ``query Q0 passage rank score tag``, one hit a line."""

from __future__ import annotations

from pathlib import Path

from rag.errors import ConfigError
from rag.evaluate.metrics import Run
from rag.evaluate.qrels import lines, malformed


def save_run(path: str | Path, run: Run, *, tag: str = "cjkrag") -> None:
    """Write a run.

    Raises:
        ConfigError: an id or the tag holds white space, which the format cannot say.
    """
    rows = [
        (query, "Q0", passage, str(rank), repr(float(score)), tag)
        for query, ranking in run.items()
        for rank, (passage, score) in enumerate(ranking, start=1)
    ]
    for field in {field for row in rows for field in row}:
        if len(field.split()) != 1 or field != field.strip():
            raise ConfigError(f"a TREC run has no place for white space in {field!r}")
    Path(path).write_text("".join(" ".join(row) + "\n" for row in rows), "utf-8")


def load_run(path: str | Path) -> dict[str, list[tuple[str, float]]]:
    """Read a run, plain or gzip; hits in the order of their ranks.

    Raises:
        DocumentError: a line is malformed, or a passage stands twice under a query.
    """
    path = Path(path)
    found: dict[str, dict[str, tuple[int, float]]] = {}
    for number, line in lines(path):
        fields = line.split()
        try:
            query, _, passage, rank, score, _ = fields
            entry = (int(rank), float(score))
        except ValueError:
            raise malformed(
                path, number, f"expected query Q0 passage rank score tag, found {line[:80]}"
            ) from None
        hits = found.setdefault(query, {})
        if passage in hits:
            raise malformed(path, number, f"{passage!r} stands there twice for {query!r}")
        hits[passage] = entry
    return {query: _in_order(hits) for query, hits in found.items()}


def _in_order(hits: dict[str, tuple[int, float]]) -> list[tuple[str, float]]:
    return [(one, score) for one, (_, score) in sorted(hits.items(), key=lambda item: item[1][0])]
