"""What holds for the whole house."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for room in ("rag", "ingest", "ui") for path in (ROOT / room).rglob("*.py"))
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "langchain",
    "langchain_core",
    "streamlit",
    "chromadb",
}


def loaded_by(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return {name.partition(".")[0] for name in out.stdout.split()}


def test_importing_rag_loads_nothing_heavy_not_even_numpy():
    assert not loaded_by("import rag") & (HEAVY | {"numpy", "pydantic"})


def test_the_public_face_is_small_and_every_name_of_it_is_real():
    assert len(rag.__all__) <= 20
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    assert set(dir(rag)) == set(rag.__all__)


def test_a_name_that_rag_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError):
        rag.no_such_name  # noqa: B018


def test_assembling_the_offline_profile_loads_no_torch_and_no_chain():
    assert not loaded_by("import rag.assemble, ingest.pipeline") & HEAVY


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_a_room_not_a_hall(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_functions_stay_under_sixty_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert not long


def test_nothing_in_the_product_unpickles_or_evaluates():
    banned = {"pickle", "dill", "joblib", "marshal", "shelve"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [(node.module or "").partition(".")[0]]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, path
            assert not banned & set(names), path
