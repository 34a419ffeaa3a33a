"""Ignore files: what the patterns of ``.cjkragignore`` leave out, in the notation of gitignore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from ingest.decode import decode
from rag.errors import CjkRagError, ConfigError

NAME: Final = ".cjkragignore"


class Ignored:
    """Which paths below a root are left out by the ignore files between the root and them.

    A pattern counts from the folder of its file on; deeper files are heard first, as in git.

    Raises:
        ConfigError: an ignore file cannot be read, or holds a pattern that cannot be understood.
    """

    def __init__(self, root: Path, target: Path, *, gitignore: bool = False) -> None:
        self._names = (NAME, ".gitignore") if gitignore else (NAME,)
        self._specs: dict[Path, GitIgnoreSpec] = {}
        above = [one for one in target.parents if one.is_relative_to(root)]
        for folder in above:
            self.enter(folder)

    def enter(self, folder: Path) -> None:
        """Hear the ignore files of a folder, before its files are asked about."""
        lines = [line for name in self._names for line in _lines(folder / name)]
        if lines:
            try:
                self._specs[folder] = GitIgnoreSpec.from_lines(lines)
            except GitIgnorePatternError as error:
                raise ConfigError(f"{folder / NAME}: {error}") from error

    def __call__(self, path: Path, *, folder: bool = False) -> bool:
        """Whether a file or folder is left out."""
        if not self._specs:
            return False
        for above in path.parents:
            spec = self._specs.get(above)
            if spec is not None:
                found = spec.check_file(path.relative_to(above).as_posix() + "/" * folder).include
                if found is not None:
                    return found
        return False


def _lines(path: Path) -> list[str]:
    if not os.path.isfile(path):  # nor a pipe of that name, nor where paths are too long
        return []
    try:
        data = path.read_bytes()
        return decode(data, name=path.name).text.splitlines() if data.strip() else []
    except (OSError, CjkRagError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
