import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from rag.errors import ConfigError
from rag.train.finetune import Course, finetune
from rag.train.folder import save_embedder
from rag.train.pairs import Group
from rag.train.static import Recipe, initial
from rag.train.vocabulary import build
from tests.train.world import every_sentence, told_apart

COURSE = Course(epochs=6, batch=24, rate=0.05, seed=1)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    tokenizer = build(every_sentence() * 5, size=900, alphabet=False)
    counts = np.ones(tokenizer.get_vocab_size(), dtype=np.int64)
    save_embedder(folder, tokenizer, initial(counts, Recipe(dimension=32)).numpy())
    return folder


def _right(folder, pairs):
    model = SentenceTransformer(str(folder), device="cpu")
    questions, passages = (model.encode([pair[side] for pair in pairs]) for side in (0, 1))
    return float(((questions @ passages.T).argmax(axis=1) == np.arange(len(pairs))).mean())


def test_a_fine_tuned_model_finds_translations_that_it_was_not_shown(raw, tmp_path):
    group, held_out = told_apart("zh", "ko")
    losses = finetune(str(raw), [group], tmp_path / "tuned", COURSE)
    assert losses[-1] < 0.7 * losses[0]
    assert _right(tmp_path / "tuned", held_out) > _right(raw, held_out) + 0.3


def test_without_a_pair_there_is_nothing_to_fine_tune_on(raw, tmp_path):
    with pytest.raises(ConfigError, match="no group holds a pair"):
        finetune(str(raw), [Group("parallel-zh-ko")], tmp_path)
