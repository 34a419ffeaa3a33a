"""The encoding that most files of a folder have: files that lie together were written on one system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

_LEAST = 2


def majority(
    name: str, sure: Iterable[tuple[str, str | None]], doubtful: Iterable[tuple[str, str]] = ()
) -> str | None:
    """The legacy encoding of more than half of the files around, or None.

    The nearest folder above ``name`` counts in which at least two were read with certainty; where no
    folder has them, the guesses at the doubtful files themselves.

    Args:
        name: of the file, with ``/``.
        sure: names and encodings of files that were read with certainty.
        doubtful: names and likeliest encodings of the others.

    Example:
        >>> majority("旧/短.txt", [("旧/a.txt", "cp932"), ("旧/b.txt", "cp932"), ("c.txt", "cp949")])
        'cp932'
    """
    sure = [(one, encoding) for one, encoding in sure if _legacy(encoding)]
    for votes in (sure, [(one, encoding) for one, encoding in doubtful if _legacy(encoding)]):
        for folder in PurePosixPath(name).parents:
            counted = Counter(encoding for one, encoding in votes if folder in PurePosixPath(one).parents)
            if counted.total() >= _LEAST:
                encoding, count = counted.most_common(1)[0]
                if 2 * count > counted.total():
                    return encoding
                break
    return None


def _legacy(encoding: str | None) -> bool:
    return encoding is not None and not encoding.startswith("utf")
