"""Any cross-encoder as a reranker: the model's raw logits, in our order, within its limits."""

from pathlib import Path

import pytest

from rag.errors import ConfigError, ModelError
from rag.settings import RerankSettings
from tests.contracts.reranker_contract import LONG, QUERY, RerankerContract
from tests.helpers.scripts import AWKWARD, TEXTS

sentence_transformers = pytest.importorskip("sentence_transformers", reason='needs the extra "models"')
torch = pytest.importorskip("torch")
tiny = pytest.importorskip("tests.helpers.tiny")
from rag.models.cross_encoder import CrossEncoderReranker  # noqa: E402

MAKERS = {"bert": tiny.cross_bert, "electra": tiny.cross_electra}


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> dict[str, Path]:
    return {name: make(tmp_path_factory.mktemp(name)) for name, make in MAKERS.items()}


@pytest.fixture(scope="session")
def bert(folders):
    return reranker(folders["bert"], batch_tokens=1024)


def reranker(folder, **settings) -> CrossEncoderReranker:
    return CrossEncoderReranker(RerankSettings(model=str(folder), device="cpu", **settings))


def logits(folder, passages, *, limit=256):
    model = sentence_transformers.CrossEncoder(str(folder), device="cpu", local_files_only=True)
    model.max_seq_length = limit
    pairs = [(QUERY, passage) for passage in passages]
    return model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)


class TestBert(RerankerContract):
    @pytest.fixture
    def reranker(self, bert):
        return bert


@pytest.mark.parametrize("name", MAKERS)
def test_scores_are_the_raw_logits_of_the_model(folders, name):
    passages = [*TEXTS, *AWKWARD, LONG]
    scores = reranker(folders[name], batch_tokens=512).score(QUERY, passages)
    assert scores == pytest.approx(logits(folders[name], passages), abs=1e-4)
    assert min(scores) < 0 or max(scores) > 1


def test_a_pair_is_cut_at_the_limit_of_the_settings(folders):
    model = reranker(folders["bert"], max_tokens=40)
    assert model.max_tokens == 40
    assert model.score(QUERY, [LONG]) == pytest.approx(logits(folders["bert"], [LONG], limit=40), abs=1e-4)


def test_a_limit_beyond_the_model_is_the_models(folders):
    assert reranker(folders["bert"], max_tokens=4096).max_tokens == 256


def test_a_batch_never_holds_more_tokens_than_its_budget(folders, monkeypatch):
    shapes = []
    forward = sentence_transformers.CrossEncoder.forward

    def watched(self, features, **kwargs):
        shapes.append(tuple(features["input_ids"].shape))
        return forward(self, features, **kwargs)

    monkeypatch.setattr(sentence_transformers.CrossEncoder, "forward", watched)
    reranker(folders["bert"], batch_tokens=300).score(QUERY, [*TEXTS, LONG])
    assert len(shapes) > 2
    assert all(rows * width <= 300 for rows, width in shapes)


def test_a_batch_that_does_not_fit_in_memory_is_halved(folders, bert, monkeypatch):
    expected = bert.score(QUERY, TEXTS)
    forward = sentence_transformers.CrossEncoder.forward

    def cramped(self, features, **kwargs):
        if len(features["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return forward(self, features, **kwargs)

    monkeypatch.setattr(sentence_transformers.CrossEncoder, "forward", cramped)
    assert reranker(folders["bert"]).score(QUERY, TEXTS) == pytest.approx(expected, abs=1e-4)


def test_a_classifier_with_more_than_one_output_is_refused(tmp_path):
    with pytest.raises(ModelError, match="gives 3 numbers"):
        reranker(tiny.cross_bert(tmp_path, labels=3))


def test_scores_that_are_not_finite_are_refused(tmp_path):
    model = reranker(tiny.cross_bert(tmp_path))
    with torch.no_grad():
        model._model.model.classifier.bias.fill_(float("inf"))
    with pytest.raises(ModelError, match="not finite"):
        model.score(QUERY, TEXTS)


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(ModelError, match=r"retrieve\.rerank\.model: there is no folder"):
        reranker("/no/such/folder")


def test_a_non_commercial_model_is_refused_before_it_is_loaded():
    with pytest.raises(ConfigError, match=r"retrieve\.rerank\.allow_noncommercial"):
        reranker("jinaai/jina-reranker-v3")


def test_a_model_is_known_by_the_name_that_was_configured(folders, bert):
    assert bert.name == str(folders["bert"])
