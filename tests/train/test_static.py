import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from rag.train.folder import on_half_grid, save_embedder
from rag.train.pairs import Cloze
from rag.train.static import Dataset, Recipe, initial, train
from rag.train.vocabulary import build
from tests.train.world import every_sentence, told_apart

RECIPE = Recipe(dimension=32, cuts=(16,), batch=32, epochs=6, rate=0.1, seed=3)


@pytest.fixture(scope="module")
def tokenizer():
    return build(every_sentence() * 5, size=900, alphabet=False)


@pytest.fixture(scope="module")
def learned(tokenizer):
    groups, held_out = zip(*(told_apart(*pair) for pair in (("zh", "en"), ("ja", "ko"))), strict=True)
    dataset = Dataset(tokenizer, groups, [])
    return *train(dataset, tokenizer.get_vocab_size(), RECIPE), held_out


def _first(model, pairs):
    questions, passages = (model.encode([pair[side] for pair in pairs]) for side in (0, 1))
    return (questions @ passages.T).argmax(axis=1) == np.arange(len(pairs))


def test_the_loss_falls(learned):
    losses = learned[1]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_translations_that_were_never_seen_are_found_through_the_folder(learned, tokenizer, tmp_path):
    weights, _, held_out = learned
    save_embedder(tmp_path / "made", tokenizer, weights)
    model = SentenceTransformer(str(tmp_path / "made"), device="cpu")
    untrained = save_embedder(
        tmp_path / "raw", tokenizer, initial(np.ones(len(weights), dtype=np.int64), RECIPE).numpy()
    )
    for pairs in held_out:
        assert _first(model, pairs).mean() >= 0.9
        assert _first(untrained, pairs).mean() < 0.5
    assert np.allclose(np.linalg.norm(model.encode(["北京的天气"]), axis=1), 1, atol=1e-6)


def test_cut_vectors_still_find_most_translations(learned, tokenizer, tmp_path):
    model = save_embedder(tmp_path / "cut", tokenizer, learned[0][:, :16])
    assert all(_first(model, pairs).mean() >= 0.8 for pairs in learned[2])


def test_the_same_seed_gives_the_same_vectors(tokenizer):
    dataset = Dataset(tokenizer, [told_apart("zh", "ko")[0]], [])
    recipe = Recipe(dimension=8, cuts=(), batch=64, epochs=1, seed=5)
    first, again = (train(dataset, tokenizer.get_vocab_size(), recipe)[0] for _ in range(2))
    assert np.array_equal(first, again)


def test_a_cloze_asks_for_the_rest_of_its_passage(tokenizer):
    passage = ("北京的天气怎么样？", "上海的地铁怎么样？", "大阪的机场怎么样？")
    dataset = Dataset(tokenizer, [], [Cloze("cloze-zh", [passage] * 8)])
    recipe = Recipe(thinned=0, kept=0)
    batch = dataset.batch(0, np.arange(8), recipe, np.random.default_rng(0))
    sentences = [tokenizer.encode(text).ids for text in passage]
    whole = sorted(piece for pieces in sentences for piece in pieces)
    for query, rest in zip(batch.queries, batch.passages, strict=True):
        assert query.tolist() in sentences
        assert sorted([*query, *rest]) == whole


def test_a_batch_holds_one_group_and_an_epoch_every_row(tokenizer):
    groups = [told_apart("zh", "en")[0], told_apart("ja", "ko")[0]]
    seen = [
        (number, row) for number, rows in Dataset(tokenizer, groups, []).batches(RECIPE, 0) for row in rows
    ]
    assert sorted(seen) == [(number, row) for number in (0, 1) for row in range(len(groups[0].pairs))]


def test_frequent_pieces_start_short():
    lengths = np.linalg.norm(initial(np.array([100_000, 10, 0]), Recipe()).numpy(), axis=1)
    assert lengths[0] < 0.05 * lengths[1]


def test_the_half_grid_keeps_three_digits_and_is_stable():
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    rounded = on_half_grid(values)
    assert rounded.dtype == np.float32
    assert np.allclose(rounded, values, rtol=1e-3)
    assert np.array_equal(on_half_grid(rounded), rounded)
