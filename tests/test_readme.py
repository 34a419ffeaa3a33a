"""What the README shows is run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rag.settings import load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A data directory in which the examples are ingested, as ``examples``."""
    data = tmp_path_factory.mktemp("data")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CJKRAG_")}
    env = {**clean, "CJKRAG_DATA_DIR": str(data), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run([sys.executable, "-m", "ingest", "examples", "--collection", "examples"], env)
    return env


def run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_of_the_readme_runs_and_is_under_ten_lines(environment, number):
    block = blocks("python")[number]
    if "llamaindex" in block:
        pytest.importorskip("llama_index.core")
    assert len([line for line in block.splitlines() if line.strip()]) < 10
    assert run([sys.executable, "-c", block], environment).strip()


def test_the_commands_of_the_readme_run(environment):
    lines = [line.split(" #")[0].strip() for block in blocks("bash") for line in block.splitlines()]
    commands = [shlex.split(line) for line in lines if line]
    assert len(commands) >= 6
    for program, *arguments in commands:
        assert program == "cjkrag"
        run([sys.executable, "-m", "ui", *arguments], environment)


def test_the_settings_of_the_readme_are_settings(tmp_path):
    (block,) = blocks("yaml")
    file = tmp_path / "settings.yaml"
    file.write_text(block, "utf-8")
    assert yaml.safe_load(block)
    assert load(file, environ={}).chain == "llamaindex"


def test_the_plain_commands_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for part in ("--upgrade pip", "constraints.txt", "ui.demo", "[dev]", "-m pytest"):
        assert part in makefile
        assert part in "".join(blocks("console"))


def test_the_extras_of_the_readme_are_those_of_the_project():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    listed = re.search(r"Extras: (.*?)\.\n", README, re.DOTALL)
    assert listed
    assert set(re.findall(r"`(\w+)`", listed.group(1))) == set(extras) - {"test", "lint", "dev"}
