"""Whole sentences, nothing lost, on public development sets; they live beside the checkout, not in it."""

import tarfile
from functools import cache
from pathlib import Path

import pytest

from ingest.measuring import cut_files
from rag.assemble import embedder
from rag.evaluate.chunks import cutting
from rag.evaluate.documents import placed, read_folder
from rag.settings import load

SETS = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval-docs"
NAMES = ["cmrc2018-zh", "drcd-dev-zh-hant", "jsquad-valid-ja", "korquad-dev-ko"]

pytestmark = pytest.mark.skipif(not SETS.is_dir(), reason="needs the folder shared beside the checkout")


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Figures by set and strategy."""
    place = tmp_path_factory.mktemp("documents")

    @cache
    def measured(name, strategy):
        if not (place / name).exists():
            with tarfile.open(SETS / f"{name}.tar.gz") as archive:
                archive.extractall(place, filter="data")
        settings = load(environ={}, overrides={"chunk.tokens": 256, "chunk.strategy": strategy})
        folder, model = read_folder(place / name), embedder(settings)
        cut = cut_files(folder.files, model, settings.chunk)
        answers = placed(folder.questions, cut.sources)
        assert len(answers) == len(folder.questions)
        return cutting(cut.chunks, cut.sources, answers, model.count_tokens, 256)

    return measured


@pytest.mark.parametrize("strategy", ["sentence", "structure", "page", "fixed"])
@pytest.mark.parametrize("name", NAMES)
def test_no_chunk_is_over_budget_or_altered_and_no_character_is_lost(figures, name, strategy):
    found = figures(name, strategy)
    assert (found.over_budget, found.lost_characters, found.altered_chunks) == (0, 0, 0)


@pytest.mark.parametrize("strategy", ["sentence", "structure", "page"])
@pytest.mark.parametrize("name", NAMES)
def test_hardly_a_chunk_ends_inside_a_sentence_that_has_room(figures, name, strategy):
    found = figures(name, strategy)
    assert found.mid_sentence_avoidable <= 0.01 * found.chunks, found.cuts


@pytest.mark.parametrize("strategy", ["sentence", "structure", "page"])
@pytest.mark.parametrize("name", NAMES)
def test_answers_stand_whole_in_one_chunk(figures, name, strategy):
    found = figures(name, strategy)
    assert found.spans_whole >= 0.999 * found.questions
