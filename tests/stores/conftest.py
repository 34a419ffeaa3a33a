from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # a store syncs often; in memory that costs nothing


def roomy() -> Path | None:
    """A file system in memory with room for a few stores, None where there is none."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31 else None


@pytest.fixture
def quick_path():
    """An empty folder, in memory where that is possible."""
    with tempfile.TemporaryDirectory(dir=roomy()) as folder:
        yield Path(folder)
