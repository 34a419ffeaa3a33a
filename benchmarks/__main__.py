"""The benchmarks there are: ``python -m benchmarks``, then ``python -m benchmarks.NAME --help``.

``python -m benchmarks run`` runs those that need no arguments and no data beside the project.
"""

from __future__ import annotations

import pkgutil
import runpy
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
ALONE = ("stores", "ingest")


def first_line(name: str) -> str:
    spec = find_spec(f"benchmarks.{name}")
    source = Path(str(spec.origin)).read_text("utf-8") if spec else ""
    return source.split('"""')[1].split("\n")[0]


def main() -> None:
    if sys.argv[1:] == ["run"]:
        for name in ALONE:
            print(f"== {name}", flush=True)
            sys.argv = [f"benchmarks.{name}"]
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        return
    for one in pkgutil.iter_modules([str(HERE)]):
        if not one.name.startswith("_"):
            print(f"{one.name:12} {first_line(one.name)}")


if __name__ == "__main__":
    main()
