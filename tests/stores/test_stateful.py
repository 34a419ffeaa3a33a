"""Any sequence of writes, deletes and reopenings leaves the default store equal to the reference."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rag.stores.memory import MemoryStore
from rag.stores.qdrant_edge import QdrantEdgeStore
from rag.types import Point
from tests.contracts.store_contract import agree, ids
from tests.stores.conftest import roomy
from tests.stores.points import DIMENSION, point, sparse, vector

names = st.integers(0, 25)
docs = st.sampled_from(["x", "y", "z"])
generations = st.sampled_from(["old", "new"])
points: st.SearchStrategy[Point] = st.builds(
    lambda name, angle, terms, doc, generation: point(
        name, vector(1, angle), terms, doc=doc, generation=generation
    ),
    names,
    st.integers(-3, 3),
    st.dictionaries(st.integers(0, 5), st.sampled_from([0.5, 1.0, 2.0]), max_size=4),
    docs,
    generations,
)


class StoreMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=roomy()))
        self.store = QdrantEdgeStore(self.folder / "store", DIMENSION)
        self.reference = MemoryStore(DIMENSION)

    @rule(batch=st.lists(points, max_size=12))
    def write(self, batch):
        self.store.upsert(batch)
        self.reference.upsert(batch)

    @rule(doc=docs, generation=st.none() | generations)
    def delete(self, doc, generation):
        self.store.delete(doc, generation=generation)
        self.reference.delete(doc, generation=generation)

    @rule()
    def flush(self):
        self.store.flush()

    @rule()
    def reopen(self):
        self.store.close()
        self.store = QdrantEdgeStore(self.folder / "store", DIMENSION)

    @rule(hidden=st.frozensets(generations), depth=st.integers(1, 30), angle=st.integers(-3, 3))
    def search(self, hidden, depth, angle):
        query = vector(1, angle)[None]
        assert [ids(one) for one in self.store.search_dense(query, depth=depth, hidden=hidden)] == [
            ids(one) for one in self.reference.search_dense(query, depth=depth, hidden=hidden)
        ]
        terms = [sparse({1: 1.0, 2: 0.5, 4: 1.0})]
        agree(
            self.store.search_sparse(terms, depth=depth, hidden=hidden),
            self.reference.search_sparse(terms, depth=depth, hidden=hidden),
            rel=1e-4,
            absolute=1e-6,
        )

    @invariant()
    def same_content(self):
        def content(store):
            return sorted((chunk.id, chunk.doc_id, generation) for chunk, generation in store.scroll())

        assert content(self.store) == content(self.reference)
        assert self.store.count() == self.reference.count()

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


StoreMachine.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
)
TestStoreMachine = StoreMachine.TestCase
