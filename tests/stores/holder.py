"""Owns a folder until its standard input closes: ``python -m tests.stores.holder FOLDER [URL]``."""

from __future__ import annotations

import sys
from pathlib import Path

from rag.stores.lock import own

if __name__ == "__main__":
    with own(Path(sys.argv[1]), timeout=5) as owner:
        if len(sys.argv) > 2:
            owner.announce(sys.argv[2])
        print("owned", flush=True)
        sys.stdin.read()
