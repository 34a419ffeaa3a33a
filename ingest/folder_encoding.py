"""The encoding that most files of a folder have: files that lie together were written on one system."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

_LEAST = 2


class Votes:
    """The encodings of the files of each folder, and of those below it.

    Args:
        sure: names and encodings of files that were read with certainty.
        doubtful: names and likeliest encodings of the others.

    Example:
        >>> votes = Votes([("旧/a.txt", "cp932"), ("旧/b.txt", "cp932"), ("c.txt", "cp949")])
        >>> votes.majority("旧/短.txt")
        'cp932'
    """

    def __init__(
        self, sure: Iterable[tuple[str, str | None]], doubtful: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._counted = (_counted(sure), _counted(doubtful))

    def majority(self, name: str) -> str | None:
        """The legacy encoding of more than half of the files around, or None.

        The nearest folder above ``name`` counts in which at least two were read with certainty; where no
        folder has them, the guesses at the doubtful files themselves.
        """
        for counted in self._counted:
            for folder in PurePosixPath(name).parents:
                here = counted.get(folder, Counter())
                if here.total() >= _LEAST:
                    encoding, count = here.most_common(1)[0]
                    if 2 * count > here.total():
                        return encoding
                    break
        return None


def _counted(votes: Iterable[tuple[str, str | None]]) -> dict[PurePosixPath, Counter[str]]:
    counted: defaultdict[PurePosixPath, Counter[str]] = defaultdict(Counter)
    for name, encoding in votes:
        if encoding is not None and _legacy(encoding):
            for folder in PurePosixPath(name).parents:
                counted[folder][encoding] += 1
    return counted


def _legacy(encoding: str) -> bool:
    return not encoding.startswith("utf")
