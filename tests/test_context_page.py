"""What docs/context.md shows is run, and the defaults that it names are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.pipeline import ingest
from rag.settings import AnswerSettings
from tests.helpers.folders import engine

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "context.md").read_text("utf-8")


def test_the_python_of_the_page_shows_a_section_and_what_stands_beside_a_chunk(tmp_path, monkeypatch, capsys):
    with engine(tmp_path, "examples") as opened:
        ingest(ROOT / "examples" / "ja" / "就業規則.md", opened)
    monkeypatch.setenv("CJKRAG_DATA_DIR", str(tmp_path))
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "docs/context.md", "exec"), {})
    section, beside = capsys.readouterr().out.rsplit("\n[", 1)
    assert "有給休暇" in section and "有給休暇" in beside


def test_the_defaults_of_the_page_are_those_of_the_code():
    how = AnswerSettings()
    assert f"`answer.parent_tokens` ({how.parent_tokens})" in PAGE
    assert f"`answer.neighbours` ({how.neighbours})" in PAGE
    assert f"| `{how.context}` (the default) |" in PAGE
    assert (how.context_tokens, how.room) == (3000, 2500)
    assert "five sixths of `answer.context_tokens`" in PAGE and '"room": 2500' in PAGE
