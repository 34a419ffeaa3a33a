from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rag.settings import load
from ui.local import LocalFace

DOCUMENTS = {
    "規程/休暇.md": "# 就業規則\n\n## 休暇\n\n年次有給休暇は、最大で二十日とする。\n\n"
    "## 退職\n\n退職は三十日前に届け出る。\n",
    "안내.txt": "유급휴가는 일 년에 열다섯 날이다. 신청은 하루 전까지 한다.\n",
    "制度.txt": "员工每年享有十五天带薪年假。报销须在十五个工作日内提交。\n",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """A folder with three documents."""
    root = tmp_path_factory.mktemp("documents")
    for name, text in DOCUMENTS.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture(scope="session")
def indexed(tmp_path_factory, folder) -> Path:
    data_dir = tmp_path_factory.mktemp("data")
    with LocalFace(load(environ={}, overrides={"data_dir": data_dir, "collection": "docs"})) as face:
        assert len(face.ingest(folder).indexed) == len(DOCUMENTS)
    return data_dir


@pytest.fixture
def data_dir(tmp_path, indexed) -> Path:
    """A data directory of one's own, with the collection ``docs``."""
    return copied(indexed, tmp_path / "data")


def copied(source: Path, mine: Path) -> Path:
    done = subprocess.run(["cp", "-r", source, mine], check=False)  # leaves the holes of sparse files
    if done.returncode:
        shutil.copytree(source, mine)
    return mine


@pytest.fixture
def settings(data_dir):
    return load(environ={}, overrides={"data_dir": data_dir, "collection": "docs", "store.lock_timeout": 0.5})


@pytest.fixture
def env(data_dir) -> dict[str, str]:
    return environment(data_dir)


def environment(data_dir: Path) -> dict[str, str]:
    mine = {"CJKRAG_DATA_DIR": str(data_dir), "CJKRAG_COLLECTION": "docs", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **mine}


@pytest.fixture
def more(tmp_path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "食堂.txt").write_text("社員食堂のカレーは六百円です。", "utf-8")
    return tmp_path / "more"
