import json

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer

from rag.train import cross
from rag.train.folder import save_embedder
from rag.train.negatives import Asked, Lexical, mine
from rag.train.static import Recipe, initial
from rag.train.vocabulary import build
from tests.train.world import every_sentence

RECIPE = cross.Recipe(
    narrow=24, hidden=64, heads=2, layers=2, inner=32, negatives=3, batch=8, epochs=12, rate=3e-3, tokens=48
)


def _passages():
    return [f"{text}{number}" for number, text in enumerate(every_sentence()[:64])]


@pytest.fixture(scope="module")
def embedder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedder")
    tokenizer = build(every_sentence() * 5, size=900, alphabet=False)
    counts = np.ones(tokenizer.get_vocab_size(), dtype=np.int64)
    save_embedder(folder, tokenizer, initial(counts, Recipe(dimension=32)).numpy())
    return folder


def _asked(rng, count):
    """The passage that holds the question's words answers it."""
    texts = every_sentence()[:64]
    asked = []
    for index in rng.permutation(64)[:count]:
        others = [texts[other] for other in rng.permutation(64)[:4] if other != index][:3]
        asked.append(Asked(texts[index][:5], texts[index], tuple(others)))
    return asked


def test_it_learns_to_put_the_answer_first_and_loads_by_its_folder(embedder, tmp_path):
    asked = _asked(np.random.default_rng(0), 64)
    losses = cross.train(asked[:44] * 2, embedder, tmp_path, RECIPE)
    assert np.mean(losses[-8:]) < 0.5 * np.mean(losses[:8])
    model = CrossEncoder(str(tmp_path), device="cpu")
    firsts = [
        int(np.argmax(model.predict([(one.query, text) for text in (one.positive, *one.negatives)]))) == 0
        for one in asked[44:]
    ]
    assert np.mean(firsts) > 0.6
    assert (
        json.loads((tmp_path / "tokenizer_config.json").read_text())["model_max_length"] == cross.MAX_TOKENS
    )


def test_scores_are_logits_and_weights_lie_on_the_half_grid(embedder, tmp_path):
    model, tokenizer = cross.start(embedder, RECIPE)
    with torch.no_grad():
        model.classifier.out_proj.bias += 9
    cross.save(tmp_path, model, tokenizer)
    loaded = CrossEncoder(str(tmp_path), device="cpu")
    assert loaded.predict([("北京", "北京的天气")])[0] > 1
    for value in loaded.model.state_dict().values():
        assert torch.equal(value, value.half().to(value.dtype))


def test_a_pair_is_marked_off_and_its_second_text_is_typed(embedder):
    _, tokenizer = cross.start(embedder, RECIPE)
    features = tokenizer("北京", "天气")
    pieces = tokenizer.convert_ids_to_tokens(features["input_ids"])
    assert (pieces[0], pieces[-1], pieces.count("[SEP]")) == ("[CLS]", "[SEP]", 2)
    between = pieces.index("[SEP]") + 1
    assert features["token_type_ids"] == [0] * between + [1] * (len(pieces) - between)


def test_narrowing_keeps_who_is_like_whom_and_how_telling_it_is():
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(8, 64))
    vectors = (rng.normal(size=(200, 8)) @ basis * rng.uniform(0.1, 3, size=(200, 1))).astype(np.float32)
    narrow = cross.narrowed(vectors, 9)

    def cosines(rows):
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit @ unit.T

    assert np.allclose(cosines(narrow[:, :8]), cosines(vectors), atol=1e-3)
    assert np.corrcoef(narrow[:, 8], np.log(np.linalg.norm(vectors, axis=1)))[0, 1] > 0.999


def test_negatives_look_like_the_positive_and_are_never_it(embedder):
    model = SentenceTransformer(str(embedder), device="cpu")
    pairs = [(text[:3], text) for text in _passages()]
    for (query, positive), one in zip(pairs, mine(pairs, model, depth=4), strict=True):
        assert (one.query, one.positive) == (query, positive)
        assert len(one.negatives) == 4
        assert positive not in one.negatives
        assert query[:2] in one.negatives[0]


def test_rare_pieces_weigh_more_than_frequent_ones(embedder):
    tokenizer = SentenceTransformer(str(embedder), device="cpu")[0].tokenizer
    lexical = Lexical(tokenizer, ["北京的天气", "上海的天气", "东京的天气"])
    assert int(np.argmax(lexical.scores("上海的天气"))) == 1
    assert np.count_nonzero(lexical.scores("大阪")) == 0
