"""What the documentation of the chunker shows is run, and what it prints is what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ingest.strategies import STRATEGIES
from rag.settings import Settings, load
from ui.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "chunks.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CJKRAG_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("number", range(1, len(blocks("python")) + 1))
def test_the_python_of_the_page_prints_what_it_says(number):
    source = blocks("python")[number - 1]
    if "llama_index" in source:
        pytest.importorskip("llama_index.core", reason="needs the extra llamaindex")
    test = doctest.DocTestParser().get_doctest(source, {}, f"block {number}", "docs/chunks.md", 0)
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert not told, "".join(told)
    assert test.examples


@pytest.mark.parametrize("module", ["ingest.chunk", "ingest.faces.langchain", "rag.text.clean"])
def test_the_examples_in_the_code_give_what_they_say(module):
    found = doctest.testmod(import_module(module))
    assert found.attempted and not found.failed


def test_the_commands_of_the_page_print_what_it_says():
    shown = [one.partition("\n") for one in blocks("console")]
    assert shown
    for line, _, output in shown:
        prompt, program, *arguments = shlex.split(line)
        assert (prompt, program) == ("$", "cjkrag")
        assert CliRunner().invoke(app, arguments).stdout == output


def test_the_settings_of_the_page_are_settings(tmp_path):
    (block,) = blocks("yaml")
    (tmp_path / "settings.yaml").write_text(block, "utf-8")
    assert (
        load(tmp_path / "settings.yaml", environ={}).chunk.tokens == yaml.safe_load(block)["chunk"]["tokens"]
    )


def test_every_strategy_is_on_the_page_and_the_defaults_are_those_of_the_code():
    listed = re.findall(r"^\| `(\w+)` \| .*? \| .*? \|$", PAGE, re.MULTILINE)
    assert listed[: len(STRATEGIES)] == list(STRATEGIES)
    how = Settings().chunk
    assert f"`chunk.tokens` ({how.tokens})" in PAGE and f"`chunk.overlap` ({how.overlap})" in PAGE
    assert re.search(rf"^\| `{how.strategy}` \| .*\(the default\)", PAGE, re.MULTILINE)
