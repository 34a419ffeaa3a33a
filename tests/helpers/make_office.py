"""Makes tests/fixtures/office with LibreOffice: python -m tests.helpers.make_office"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.helpers.office import SOURCES, Source, presentation, spreadsheet, text_document

TARGET = Path(__file__).parents[1] / "fixtures" / "office"
MADE: dict[str, tuple[Callable[[Source], str], tuple[str, ...]]] = {
    "fodt": (text_document, ("docx", "odt", "rtf", "doc")),
    "fodp": (presentation, ("pptx", "odp")),
    "fods": (spreadsheet, ("xlsx", "xls", "ods")),
}


def main() -> None:
    """Writes the flat sources, and lets LibreOffice convert all of a kind in one run."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for flat, (make, kinds) in MADE.items():
        sources = [TARGET / f"{lang}.{flat}" for lang in SOURCES]
        for source, path in zip(SOURCES.values(), sources, strict=True):
            path.write_text(make(source), encoding="utf-8")
        for kind in kinds:
            convert(sources, kind, TARGET)


def converted(source: Path, kind: str, target: Path) -> Path:
    """The file made of one source."""
    convert([source], kind, target)
    return target / f"{source.stem}.{kind}"


def convert(sources: list[Path], kind: str, target: Path) -> None:
    """LibreOffice converts files into a folder."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                str(target),
                *map(str, sources),
            ],
            check=True,
            timeout=300,
        )


if __name__ == "__main__":
    main()
