"""The static embedder without torch: the same numbers as sentence-transformers, and nothing heavy."""

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.embed.bundled import BundledEmbedder, unit
from rag.errors import ConfigError, ModelError
from tests.contracts.embedder_contract import EmbedderContract
from tests.helpers.scripts import AWKWARD, TEXTS

sentence_transformers = pytest.importorskip("sentence_transformers", reason='needs the extra "models"')
tiny = pytest.importorskip("tests.helpers.tiny")

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rag" / "models" / "bundled" / "embedder"
HUGE = ("大きな" * 17 + "글자와 文字。") * 1725


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return tiny.static(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="session")
def limited(tmp_path_factory) -> Path:
    return tiny.static(tmp_path_factory.mktemp("limited"), max_length=5)


@pytest.fixture
def copied(folder, tmp_path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def reference(path: Path, texts, *, dimension=None):
    model = sentence_transformers.SentenceTransformer(str(path), device="cpu", local_files_only=True)
    rows = model.encode(
        list(texts), truncate_dim=dimension, normalize_embeddings=True, show_progress_bar=False
    )
    return rows.astype(np.float32)


class TestTiny(EmbedderContract):
    zero_rows = True

    @pytest.fixture
    def embedder(self, folder):
        return BundledEmbedder(folder)


@pytest.mark.skipif(
    not (SHIPPED / "model.safetensors").exists(), reason="no bundled weights in this checkout"
)
class TestShipped(EmbedderContract):
    zero_rows = True

    @pytest.fixture
    def embedder(self):
        return BundledEmbedder(SHIPPED)

    def test_it_is_equal_to_sentence_transformers(self, embedder):
        texts = [*TEXTS, *AWKWARD, HUGE]
        assert embedder.encode_passages(texts) == pytest.approx(reference(SHIPPED, texts), abs=1e-5)

    def test_it_is_called_bundled(self, embedder):
        assert embedder.name == "bundled"


def test_texts_in_every_script_are_equal_to_sentence_transformers(folder):
    texts = [*TEXTS, *AWKWARD]
    assert BundledEmbedder(folder).encode_passages(texts) == pytest.approx(reference(folder, texts), abs=1e-6)


@pytest.mark.parametrize(
    "text", ["の" * 100_000, HUGE, "日本語" * 2_731], ids=["one character", "mixed", "8192"]
)
def test_a_text_of_a_hundred_thousand_characters_is_equal_to_sentence_transformers(folder, text):
    rows = BundledEmbedder(folder).encode_passages([text, TEXTS[0]])
    assert rows == pytest.approx(reference(folder, [text, TEXTS[0]]), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=6))
def test_any_text_is_equal_to_sentence_transformers(folder, texts):
    assert BundledEmbedder(folder).encode_passages(texts) == pytest.approx(reference(folder, texts), abs=1e-6)


def test_prompts_of_the_model_are_put_before_queries_and_passages(copied):
    file = copied / "config_sentence_transformers.json"
    config = json.loads(file.read_text()) | {"prompts": {"query": "質問: ", "document": "文書: "}}
    file.write_text(json.dumps(config))
    embedder = BundledEmbedder(copied)
    assert embedder.encode_queries(TEXTS) == pytest.approx(
        reference(copied, ["質問: " + text for text in TEXTS]), abs=1e-6
    )
    assert embedder.encode_passages(TEXTS) == pytest.approx(
        reference(copied, ["文書: " + text for text in TEXTS]), abs=1e-6
    )


def test_a_text_without_a_token_gives_the_zero_row_as_in_sentence_transformers(folder):
    (row,) = BundledEmbedder(folder).encode_passages([""])
    assert not row.any()
    assert np.array_equal(row, reference(folder, [""])[0])


def test_a_shorter_vector_is_cut_and_has_length_one(folder):
    short = BundledEmbedder(folder, dimension=8)
    rows = short.encode_passages(TEXTS)
    assert rows.shape == (len(TEXTS), short.dimension) == (len(TEXTS), 8)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)
    assert rows == pytest.approx(reference(folder, TEXTS, dimension=8), abs=1e-6)
    assert rows == pytest.approx(unit(BundledEmbedder(folder).encode_passages(TEXTS)[:, :8]), abs=1e-5)


def test_more_dimensions_than_there_are_is_refused(folder):
    with pytest.raises(ConfigError, match=r"embed\.dimension is 64"):
        BundledEmbedder(folder, dimension=64)


def test_without_a_limit_of_its_own_the_limit_is_about_memory(folder):
    assert BundledEmbedder(folder).max_tokens == 1 << 20


def test_the_limit_of_the_tokenizer_is_kept_and_counting_goes_past_it(limited):
    embedder = BundledEmbedder(limited)
    assert embedder.max_tokens == 5
    assert embedder.count_tokens(TEXTS)[0] > 5
    assert embedder.encode_passages(TEXTS) == pytest.approx(reference(limited, TEXTS), abs=1e-6)


class TestLimited(EmbedderContract):
    zero_rows = True

    @pytest.fixture
    def embedder(self, limited):
        return BundledEmbedder(limited)

    def test_different_texts_have_different_vectors(self, embedder):
        assert len(np.unique(embedder.encode_passages(TEXTS), axis=0)) == len(TEXTS)


def test_the_fingerprint_is_of_the_content_and_not_of_the_place(folder, copied):
    assert BundledEmbedder(folder).fingerprint == BundledEmbedder(copied).fingerprint


def test_other_weights_vectors_or_prompts_have_another_fingerprint(folder, copied, tmp_path):
    seen = {BundledEmbedder(folder).fingerprint, BundledEmbedder(folder, dimension=8).fingerprint}
    seen.add(BundledEmbedder(tiny.static(tmp_path / "other", seed=1)).fingerprint)
    weights = copied / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    seen.add(BundledEmbedder(copied).fingerprint)
    file = copied / "config_sentence_transformers.json"
    file.write_text(json.dumps({"prompts": {"query": "q: "}}))
    seen.add(BundledEmbedder(copied).fingerprint)
    assert len(seen) == 5


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        BundledEmbedder(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["modules.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(copied, file):
    (copied / file).unlink()
    with pytest.raises(ModelError, match=file):
        BundledEmbedder(copied)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("modules.json", b"{"),
        ("modules.json", b"[]"),
        ("modules.json", b'[{"type": "sentence_transformers.models.Transformer"}]'),
        ("modules.json", b"\xff\xfe"),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"not json"),
        ("model.safetensors", b""),
        ("model.safetensors", b"\x00" * 8),
        ("model.safetensors", b"\xff" * 64),
        ("model.safetensors", struct.pack("<Q", 2) + b"{}"),
        ("model.safetensors", struct.pack("<Q", 2) + b"[]"),
    ],
)
def test_a_broken_file_is_a_model_error_that_names_it(copied, file, content):
    (copied / file).write_bytes(content)
    with pytest.raises(ModelError, match=file):
        BundledEmbedder(copied)


def test_a_truncated_weights_file_is_refused(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        BundledEmbedder(copied)


def test_weights_of_another_precision_are_refused(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes().replace(b'"F32"', b'"F16"'))
    with pytest.raises(ModelError, match="F16"):
        BundledEmbedder(copied)


def test_a_tokenizer_of_another_model_is_refused(copied, tmp_path):
    header = {"embedding.weight": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}}
    text = json.dumps(header).encode()
    (copied / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(48))
    with pytest.raises(ModelError, match="the weights have 3 rows"):
        BundledEmbedder(copied)


def test_encoding_loads_neither_torch_nor_transformers_nor_langchain(folder):
    code = (
        "import sys; from pathlib import Path; from rag.embed.bundled import BundledEmbedder; "
        f"embedder = BundledEmbedder(Path({str(folder)!r})); "
        "embedder.encode_queries(['東京']); embedder.count_tokens(['서울']); embedder.fingerprint; "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(out.stdout.split())
    assert not loaded & {
        "torch",
        "transformers",
        "sentence_transformers",
        "langchain",
        "langchain_core",
        "onnxruntime",
        "safetensors",
        "yaml",
        "pydantic",
    }
    assert {"numpy", "tokenizers"} <= loaded
