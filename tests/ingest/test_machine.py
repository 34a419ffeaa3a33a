"""Any sequence of changes to a folder, runs over it and failures within runs: the index follows the folder.

A model says what the folder holds; after a whole run the index must hold exactly that. Longer:
``CJKRAG_MACHINE=500x50 pytest tests/ingest/test_machine.py``.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ingest.manifest import Manifest
from ingest.pipeline import ingest
from ingest.reading import InProcess
from rag.engine import Engine
from tests.helpers.folders import engine

EXAMPLES, STEPS = map(int, os.environ.get("CJKRAG_MACHINE", "50x40").split("x"))

NAMES = [
    "規程.txt", "Readme.md", "README.md", "안내/점검.txt", unicodedata.normalize("NFD", "안내/점검.txt"),
    unicodedata.normalize("NFD", "ガイド.txt"), "ガイド.txt", "手册/报销.txt", "手册/旧/报销.md",
    "草稿/a.txt",
]  # fmt: skip
TEXTS = [
    f"{word}は{number}日である。{word}须在{number}天内。{word}는 {number}일."
    for word in "甲乙丙丁"
    for number in (3, 5)
]
BLANK = "\n \n"
ARCHIVES = ["資料.zip", "手册/包.zip"]
PATTERNS = ["", "草稿/", "*.md", "/手册"]

names, texts = st.sampled_from(NAMES), st.sampled_from([*TEXTS, BLANK])
members = st.dictionaries(st.sampled_from(["a.txt", "内/b.txt", "c.md"]), st.sampled_from(TEXTS), max_size=3)


class Crash(BaseException):
    """What a kill looks like from inside."""


class Folder(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.place = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.root = self.place / "root"
        self.root.mkdir()
        self.engine = engine(self.place / "data")
        self.ever: set[tuple[str, str]] = set()
        self.known: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.engine.close()
            shutil.rmtree(self.place)

    # -- what happens to folders -----------------------------------------------------------------------

    @rule(name=names, text=texts)
    def write(self, name: str, text: str) -> None:
        self._put(name, text.encode())

    @rule(name=names, text=st.sampled_from(TEXTS))
    def write_with_the_time_of_the_file_before(self, name: str, text: str) -> None:
        path = self.root / name
        before = path.stat() if path.exists() else None
        self._put(name, text.encode())
        if before:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(name=st.sampled_from(ARCHIVES), inside=members)
    def pack(self, name: str, inside: dict[str, str]) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member, text in inside.items():
                archive.writestr(member, text)
        self._put(name, packed.getvalue())

    @rule(name=st.sampled_from([*NAMES, *ARCHIVES]))
    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @rule(old=st.sampled_from([*NAMES, *ARCHIVES]), new=names)
    def move(self, old: str, new: str) -> None:
        if (self.root / old).exists() and old != new and old not in ARCHIVES:
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            (self.root / old).rename(self.root / new)

    @rule(old=names, new=names)
    def copy(self, old: str, new: str) -> None:
        if (self.root / old).exists() and old != new:
            self._put(new, (self.root / old).read_bytes())

    @rule(name=names)
    def touch(self, name: str) -> None:
        if (self.root / name).exists():
            os.utime(self.root / name)

    @rule(pattern=st.sampled_from(PATTERNS))
    def ignore(self, pattern: str) -> None:
        (self.root / ".cjkragignore").write_text(pattern)

    def _put(self, name: str, data: bytes) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(data)

    # -- runs --------------------------------------------------------------------------------------------

    @rule(verify=st.booleans())
    def run(self, verify: bool) -> None:
        now = self._expected()
        with self._counted() as embedded:
            report = ingest(self.root, verifying(self.engine, verify), reader=InProcess())
        assert not report.failed
        if {text for _, text in now} <= self.known:
            assert not embedded, "what the index knew was computed again"
        self._agrees(now)
        again = ingest(self.root, self.engine, reader=InProcess())
        assert not again.indexed and not again.removed and not again.moved
        self.known = {text for _, text in now}

    @rule(part=st.sampled_from(["手册", "안내", "草稿", "規程.txt"]))
    def run_over_a_part(self, part: str) -> None:
        self._expected()
        if (self.root / part).exists():
            ingest(self.root, self.engine, reader=InProcess())
            ingest(self.root / part, self.engine, reader=InProcess())
            self._agrees(self._expected())
            self.known = {text for _, text in self._expected()}

    @rule(after=st.integers(0, 12))
    def run_that_dies(self, after: int) -> None:
        self._expected()
        try:
            with dying(self.engine, after):
                ingest(self.root, self.engine, reader=InProcess())
        except Crash:
            pass
        self.known = set()
        self.engine.close()
        self.engine = engine(self.place / "data")
        hidden = self.engine.collection.hidden()
        seen = Counter(chunk.document for chunk, one in self.engine.store.scroll() if one not in hidden)
        assert set(seen.values()) <= {1}, "a document is there twice"
        assert set(self._seen()) <= self.ever, "half a document can be seen"

    # -- what is and what should be ------------------------------------------------------------------------

    def _expected(self) -> list[tuple[str, str]]:
        """Name and text of every document the folder holds now."""
        ignored = (self.root / ".cjkragignore").read_text() if (self.root / ".cjkragignore").exists() else ""
        found = []
        for path in self.root.rglob("*"):
            name = unicodedata.normalize("NFC", path.relative_to(self.root).as_posix())
            if path.is_dir() or name == ".cjkragignore" or left_out(name, ignored):
                continue
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    found += [(f"{name}/{one}", archive.read(one).decode()) for one in archive.namelist()]
            elif path.read_text().strip():
                found.append((name, path.read_text()))
        self.ever |= set(found)
        return sorted(found)

    def _seen(self) -> list[tuple[str, str]]:
        """Name (without the number of a double) and text of every document that can be found."""
        hidden = self.engine.collection.hidden()
        return sorted(
            (re.sub(r" \(\d\)$", "", chunk.document), chunk.text)
            for chunk, generation in self.engine.store.scroll()
            if generation not in hidden
        )

    def _agrees(self, expected: list[tuple[str, str]]) -> None:
        assert self._seen() == expected
        assert self.engine.store.count() == len(expected), "points that nobody sees were left"
        assert not self.engine.collection.hidden()
        with Manifest(self.engine.collection.manifest) as manifest:
            assert not manifest.deletions()
            live = {row.doc_id: row.generation for row in manifest.rows().values() if row.state == "live"}
        assert live == {chunk.doc_id: generation for chunk, generation in self.engine.store.scroll()}

    @contextmanager
    def _counted(self):
        embedded: list[str] = []
        encode = self.engine.embedder.encode_passages
        with patch.object(
            type(self.engine.embedder),
            "encode_passages",
            lambda _, texts: (embedded.extend(texts), encode(texts))[1],
        ):
            yield embedded


def verifying(opened: Engine, verify: bool) -> Engine:
    how = opened.settings.ingest.model_copy(update={"verify": verify})
    opened.settings = opened.settings.model_copy(update={"ingest": how})
    return opened


def left_out(name: str, pattern: str) -> bool:
    return (
        bool(pattern)
        and {
            "草稿/": name.startswith("草稿/"),
            "*.md": name.endswith(".md"),
            "/手册": name.startswith("手册/"),
        }[pattern]
    )


@contextmanager
def dying(opened, after: int):
    """The process is killed before its n-th write, to the store or to the manifest."""
    left = iter(range(after))

    def dies(step):
        def stepped(*arguments, **options):
            if next(left, None) is None:
                raise Crash
            return step(*arguments, **options)

        return stepped

    store = type(opened.store)
    with (
        patch.object(store, "upsert", dies(store.upsert)),
        patch.object(store, "delete", dies(store.delete)),
        patch.object(Manifest, "_transaction", dies(Manifest._transaction)),
    ):
        yield


TestFolder = Folder.TestCase
TestFolder.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
