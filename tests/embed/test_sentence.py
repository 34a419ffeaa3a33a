"""Any sentence-transformers model as an embedder: equal to it, in our order, within its limits."""

import logging
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rag.catalogue import ModelCard
from rag.errors import ConfigError, ModelError
from rag.settings import EmbedSettings
from tests.contracts.embedder_contract import LONG, EmbedderContract
from tests.helpers.scripts import AWKWARD, TEXTS

sentence_transformers = pytest.importorskip("sentence_transformers", reason='needs the extra "models"')
torch = pytest.importorskip("torch")
tiny = pytest.importorskip("tests.helpers.tiny")
from rag.embed.bundled import BundledEmbedder  # noqa: E402
from rag.embed.loading import exhausted  # noqa: E402
from rag.embed.sentence import SentenceEmbedder  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
MAKERS = {
    "bert": tiny.bert,
    "xlm-roberta": tiny.xlm_roberta,
    "distil": tiny.distil_dense,
    "qwen": tiny.qwen,
    "static": tiny.static,
}
LIMITS = {"bert": 64, "xlm-roberta": 64, "distil": 64, "qwen": 64, "static": 1 << 20}


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> dict[str, Path]:
    return {name: make(tmp_path_factory.mktemp(name)) for name, make in MAKERS.items()}


@pytest.fixture(scope="session")
def folder(folders) -> Path:
    return folders["bert"]


def embedder(folder, card=None, **settings) -> SentenceEmbedder:
    return SentenceEmbedder(EmbedSettings(model=str(folder), device="cpu", **settings), card)


@pytest.fixture(scope="session")
def loaded(folders):
    return cache(lambda name: embedder(folders[name], batch_tokens=256))


def prefixed(query, passage) -> ModelCard:
    return ModelCard(name="a/b", kind="embedder", query_prefix=query, passage_prefix=passage)


def reference(folder, texts, *, limit=None, prompt="", dimension=None):
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    if limit:
        model.max_seq_length = limit
    return model.encode(
        list(texts),
        prompt=prompt,
        normalize_embeddings=True,
        truncate_dim=dimension,
        show_progress_bar=False,
    )


class TestBert(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded):
        return loaded("bert")


class TestXlmRoberta(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded):
        return loaded("xlm-roberta")


class TestDistilWithDense(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded):
        return loaded("distil")


class TestQwenLastToken(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded):
        return loaded("qwen")


class TestStatic(EmbedderContract):
    zero_rows = True

    @pytest.fixture
    def embedder(self, loaded):
        return loaded("static")


@pytest.mark.parametrize("name", MAKERS)
def test_vectors_are_equal_to_those_of_sentence_transformers(folders, name):
    texts = [*TEXTS, *AWKWARD, LONG]
    limit = None if name == "static" else LIMITS[name]
    rows = embedder(folders[name], batch_tokens=300).encode_passages(texts)
    assert rows == pytest.approx(reference(folders[name], texts, limit=limit), abs=1e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_the_limit_is_what_the_positions_hold(folders, name):
    assert embedder(folders[name]).max_tokens == LIMITS[name]


def test_a_dense_layer_gives_its_own_width(folders):
    assert embedder(folders["distil"]).dimension == 16


def test_the_static_model_agrees_with_the_runtime_without_torch(folders):
    with_torch, without = embedder(folders["static"]), BundledEmbedder(folders["static"])
    texts = [*TEXTS, *AWKWARD, LONG]
    assert with_torch.encode_passages(texts) == pytest.approx(without.encode_passages(texts), abs=1e-6)
    assert with_torch.count_tokens(texts) == without.count_tokens(texts)


def test_prefixes_of_the_card_stand_before_queries_and_passages(folder):
    model = embedder(folder, prefixed("検索クエリ: ", "検索文書: "))
    assert model.encode_queries(TEXTS) == pytest.approx(
        reference(folder, TEXTS, prompt="検索クエリ: "), abs=1e-5
    )
    assert model.encode_passages(TEXTS) == pytest.approx(
        reference(folder, TEXTS, prompt="検索文書: "), abs=1e-5
    )


def test_prefixes_come_from_the_catalogue_by_the_name_of_the_folder(folder, tmp_path):
    named = Path(shutil.copytree(folder, tmp_path / "multilingual-e5-small"))
    rows = embedder(named).encode_queries(TEXTS)
    assert rows == pytest.approx(reference(folder, TEXTS, prompt="query: "), abs=1e-5)


def test_a_model_that_is_not_listed_uses_the_prompts_saved_with_it(tmp_path):
    folder = tiny.bert(tmp_path, prompts={"query": "問: ", "document": "文: "})
    model = embedder(folder)
    assert model.encode_queries(TEXTS) == pytest.approx(reference(folder, TEXTS, prompt="問: "), abs=1e-5)
    assert model.encode_passages(TEXTS) == pytest.approx(reference(folder, TEXTS, prompt="文: "), abs=1e-5)


def test_an_empty_prefix_of_the_card_silences_a_saved_prompt(tmp_path):
    folder = tiny.bert(tmp_path, prompts={"query": "問: ", "document": "文: "})
    rows = embedder(folder, prefixed("", None)).encode_queries(TEXTS)
    assert rows == pytest.approx(reference(folder, TEXTS), abs=1e-5)


def test_a_model_without_prompts_gets_none(folder):
    model = embedder(folder)
    assert np.array_equal(model.encode_queries(TEXTS), model.encode_passages(TEXTS))


def test_a_plain_transformers_folder_is_pooled_as_the_catalogue_says(folder, tmp_path):
    plain = Path(shutil.copytree(folder.parent / "plain", tmp_path / "bge-m3"))
    model = sentence_transformers.SentenceTransformer(str(plain), device="cpu")
    assert model[1].pooling_mode == "mean"
    model[1].pooling_mode = "cls"
    expected = model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert embedder(plain).encode_passages(TEXTS) == pytest.approx(expected, abs=1e-5)


def test_a_model_that_says_how_it_is_pooled_is_pooled_so_and_a_difference_is_told(folder, caplog):
    rows = embedder(folder, ModelCard(name="a/b", kind="embedder", pooling="cls")).encode_passages(TEXTS)
    assert "pools by mean, the catalogue says cls" in caplog.text
    assert rows == pytest.approx(reference(folder, TEXTS), abs=1e-5)


def test_a_lower_limit_of_the_card_is_kept(folder):
    model = embedder(folder, ModelCard(name="a/b", kind="embedder", max_tokens=12))
    assert model.max_tokens == 12
    assert model.encode_passages([LONG]) == pytest.approx(reference(folder, [LONG], limit=12), abs=1e-5)


def test_the_prefix_counts_towards_the_limit(folder):
    model = embedder(folder, prefixed("", "検索文書: " * 40))
    assert model.encode_passages(TEXTS)[0] == pytest.approx(model.encode_passages(TEXTS)[5], abs=1e-5)


def test_a_small_budget_gives_the_same_vectors_as_a_large_one(folder):
    texts = [*TEXTS, *AWKWARD, LONG]
    small, large = (embedder(folder, batch_tokens=budget).encode_passages(texts) for budget in (64, 10**6))
    assert small == pytest.approx(large, abs=1e-5)


def test_a_batch_never_holds_more_tokens_than_its_budget(folder, monkeypatch):
    shapes = []
    forward = sentence_transformers.SentenceTransformer.forward

    def watched(self, features, **kwargs):
        shapes.append(tuple(features["input_ids"].shape))
        return forward(self, features, **kwargs)

    monkeypatch.setattr(sentence_transformers.SentenceTransformer, "forward", watched)
    embedder(folder, batch_tokens=128).encode_passages([*TEXTS, LONG, *TEXTS])
    assert len(shapes) > 3
    assert all(rows * width <= 128 for rows, width in shapes)
    padded = sum(rows * width for rows, width in shapes)
    assert padded < 2 * len(TEXTS) * 64


def test_a_batch_that_does_not_fit_in_memory_is_halved(folder, monkeypatch):
    expected = embedder(folder).encode_passages(TEXTS)
    forward = sentence_transformers.SentenceTransformer.forward

    def cramped(self, features, **kwargs):
        if len(features["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return forward(self, features, **kwargs)

    monkeypatch.setattr(sentence_transformers.SentenceTransformer, "forward", cramped)
    assert embedder(folder).encode_passages(TEXTS) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"), True),
        (RuntimeError("shape mismatch"), False),
        (IndexError("index out of range in self"), False),
    ],
)
def test_running_out_of_memory_is_told_from_other_failures(error, answer):
    assert exhausted(error) is answer


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    folder = tiny.bert(tmp_path)
    model = embedder(folder)
    with torch.no_grad():
        model._model.transformers_model.embeddings.word_embeddings.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        model.encode_passages(TEXTS)


def test_a_shorter_vector_is_cut_and_has_length_one(folder):
    model = embedder(folder, dimension=8)
    rows = model.encode_passages(TEXTS)
    assert rows.shape == (len(TEXTS), model.dimension) == (len(TEXTS), 8)
    assert rows == pytest.approx(reference(folder, TEXTS, dimension=8), abs=1e-5)


def test_more_dimensions_than_there_are_is_refused(folder):
    with pytest.raises(ConfigError, match=r"embed\.dimension is 64"):
        embedder(folder, dimension=64)


def test_cutting_a_model_that_was_not_trained_for_it_is_warned_of(folder, caplog):
    embedder(folder, ModelCard(name="a/b", kind="embedder", matryoshka=(8,)), dimension=8)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    embedder(folder, ModelCard(name="a/b", kind="embedder"), dimension=8)
    assert "shorter vectors" in caplog.text


def test_a_non_commercial_model_is_refused_before_it_is_loaded():
    settings = EmbedSettings(model="jinaai/jina-embeddings-v3")
    with pytest.raises(ConfigError, match="not for commercial use"):
        SentenceEmbedder(settings)


@pytest.mark.parametrize(
    "name", ["/no/such/folder", "./folder", "~/no-such-folder", "a/b/c", "C:\\models\\x"]
)
def test_a_path_that_is_not_there_is_never_looked_for_on_a_hub(name):
    with pytest.raises(ModelError, match="there is no folder") as caught:
        SentenceEmbedder(EmbedSettings(model=name))
    assert name in str(caught.value)


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        embedder(tmp_path)


def test_a_broken_weights_file_says_so(folder, tmp_path):
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(ModelError, match="cannot be loaded"):
        embedder(broken)


def test_a_device_that_is_not_there_says_so(folder):
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceEmbedder(EmbedSettings(model=str(folder), device="cuda:99"))


NO_NETWORK = """
import socket
tried = []
def refused(*args, **kwargs):
    tried.append(args)
    raise OSError("there is no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
from rag.embed.sentence import SentenceEmbedder
from rag.settings import EmbedSettings
print(SentenceEmbedder(EmbedSettings(model=FOLDER)).encode_queries(["東京"]).shape, len(tried))
print(SentenceEmbedder(EmbedSettings(model="multilingual-e5-base")).encode_queries(["東京"]).shape)
try:
    SentenceEmbedder(EmbedSettings(model="multilingual-e5-small"))
except Exception as error:
    print(type(error).__name__, error)
"""


def cached(folder: Path, home: Path, name: str) -> None:
    """Put a model into a Hugging Face cache."""
    place = home / "hub" / f"models--{name.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / "0123abc")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("0123abc")


def test_without_a_network_folders_and_cached_names_load_and_others_say_what_to_do(folder, tmp_path):
    cached(folder, tmp_path, "intfloat/multilingual-e5-base")
    out = subprocess.run(
        [sys.executable, "-c", NO_NETWORK.replace("FOLDER", repr(str(folder)))],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "HF_HOME": str(tmp_path)},
    )
    of_folder, of_cached, of_name = out.stdout.splitlines()
    assert of_folder == f"(1, {tiny.WIDTH}) 0"
    assert of_cached == f"(1, {tiny.WIDTH})"
    assert of_name.startswith("ModelError")
    for word in ("intfloat/multilingual-e5-small", "hf download", "HF_HOME", "embed.model: FOLDER"):
        assert word in of_name


def test_the_fingerprint_is_of_the_content_and_not_of_the_place(folder, tmp_path):
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    assert embedder(folder).fingerprint == embedder(moved).fingerprint


def test_the_fingerprint_does_not_change_with_what_was_encoded_or_counted(folder):
    model, other = embedder(folder), embedder(folder)
    model.encode_passages([*TEXTS, LONG])
    model.count_tokens([LONG])
    assert model.fingerprint == other.fingerprint


def test_the_batch_size_and_device_are_no_part_of_the_fingerprint(folder):
    assert embedder(folder, batch_tokens=64).fingerprint == embedder(folder).fingerprint


def test_weights_prefixes_lengths_and_pooling_are_part_of_the_fingerprint(folder, folders, tmp_path):
    one_bit = embedder(folder)
    with torch.no_grad():
        one_bit._model.transformers_model.embeddings.word_embeddings.weight[399, 31] += 1e-3
    other = Path(shutil.copytree(folder, tmp_path / "cls"))
    pooling = other / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text().replace('"mean"', '"cls"'))
    models = [
        embedder(folder),
        one_bit,
        embedder(other),
        embedder(folder, prefixed("query: ", "")),
        embedder(folder, prefixed("", "query: ")),
        embedder(folder, dimension=8),
        embedder(folder, ModelCard(name="a/b", kind="embedder", max_tokens=12)),
        embedder(folders["qwen"]),
    ]
    assert len({model.fingerprint for model in models}) == len(models)


def test_a_model_is_known_by_the_name_that_was_configured(folder):
    assert embedder(folder).name == str(folder)
