"""The exported cross-encoder: torch's logits on onnxruntime, weights kept once, nothing heavy loaded."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import rag.models.bundled_reranker as module
from rag.errors import MissingExtra, ModelError
from rag.models.bundled_reranker import MODEL, BundledReranker
from tests.contracts.reranker_contract import LONG, QUERY, RerankerContract
from tests.helpers.scripts import AWKWARD, TEXTS

pytest.importorskip("onnxruntime", reason='needs the extra "onnx"')
pytest.importorskip("onnxscript", reason='needs the extra "train"')
sentence_transformers = pytest.importorskip("sentence_transformers", reason='needs the extra "models"')
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx", reason='needs the extra "train"')
tiny = pytest.importorskip("tests.helpers.tiny")
from rag.train.export import TOLERANCE, compare, export_cross_encoder  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rag" / "models" / "bundled" / "reranker"
MAKERS = {"bert": tiny.cross_bert, "electra": tiny.cross_electra}


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> dict[str, Path]:
    made = {name: make(tmp_path_factory.mktemp(name)) for name, make in MAKERS.items()}
    for folder in made.values():
        export_cross_encoder(folder, max_tokens=256)
    return made


@pytest.fixture(scope="session")
def folder(folders) -> Path:
    return folders["bert"]


@pytest.fixture(scope="session")
def bert(folder):
    return BundledReranker(folder, batch_tokens=1024)


@pytest.fixture
def copied(folder, tmp_path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def logits(folder, query, passages, *, limit=256):
    model = sentence_transformers.CrossEncoder(str(folder), device="cpu", local_files_only=True)
    model.max_seq_length = limit
    pairs = [(query, passage) for passage in passages]
    return model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)


class TestExported(RerankerContract):
    @pytest.fixture
    def reranker(self, bert):
        return bert


@pytest.mark.skipif(not (SHIPPED / MODEL).exists(), reason="no bundled reranker in this checkout")
class TestShipped(RerankerContract):
    @pytest.fixture
    def reranker(self):
        return BundledReranker(SHIPPED)

    def test_its_logits_are_those_of_torch(self, reranker):
        passages = [*TEXTS, *AWKWARD, LONG]
        expected = logits(SHIPPED, QUERY, passages, limit=reranker.max_tokens)
        assert reranker.score(QUERY, passages) == pytest.approx(expected, abs=1e-3)

    def test_it_is_called_bundled(self, reranker):
        assert reranker.name == "bundled"


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("query", [QUERY, "", LONG[:300]], ids=["question", "empty", "long"])
def test_logits_are_those_of_torch_for_texts_of_any_length_in_one_padded_batch(folders, name, query):
    passages = [*TEXTS, *AWKWARD, LONG, *(TEXTS[2] * repeats for repeats in range(1, 12))]
    light = BundledReranker(folders[name], batch_tokens=1 << 20)
    expected = logits(folders[name], query, passages)
    assert light.score(query, passages) == pytest.approx(
        expected, abs=1e-4 * max(1.0, float(np.abs(expected).max()))
    )


@pytest.mark.parametrize("limit", [17, 64, 255])
def test_pairs_are_cut_as_torch_cuts_them(folder, limit):
    light = BundledReranker(folder, max_tokens=limit)
    query, passages = LONG[:700], [LONG[:1000], TEXTS[0], ""]
    assert light.max_tokens == limit
    assert light.score(query, passages) == pytest.approx(
        logits(folder, query, passages, limit=limit), abs=1e-3
    )


def test_the_limit_is_never_above_the_models(folder):
    assert BundledReranker(folder, max_tokens=4096).max_tokens == 256


def test_a_small_budget_gives_the_same_scores_as_a_large_one(folder):
    passages = [*TEXTS, *AWKWARD, LONG]
    small, large = (
        BundledReranker(folder, batch_tokens=tokens).score(QUERY, passages) for tokens in (64, 10**6)
    )
    assert small == pytest.approx(large, abs=1e-4)


@pytest.mark.parametrize("name", MAKERS)
def test_the_weights_are_kept_once(folders, name):
    weights = (folders[name] / "model.safetensors").stat().st_size
    assert weights > 100_000
    assert (folders[name] / MODEL).stat().st_size < weights


def test_an_export_names_no_path_of_the_machine_it_was_made_on(folder):
    content = (folder / MODEL).read_bytes()
    for place in (str(ROOT), sys.prefix, str(folder)):
        assert place.encode() not in content


def test_the_folder_can_be_moved(copied, bert):
    assert BundledReranker(copied).score(QUERY, TEXTS) == pytest.approx(bert.score(QUERY, TEXTS), abs=1e-5)


def test_an_export_that_differs_from_torch_is_seen(copied, tmp_path):
    assert compare(copied, max_tokens=256) <= TOLERANCE
    other = tiny.cross_bert(tmp_path / "other", seed=1)
    shutil.copy(other / "model.safetensors", copied / "kept.safetensors")
    graph = (copied / MODEL).read_bytes().replace(b"model.safetensors", b"kept.safetensors_")
    (copied / "kept.safetensors").rename(copied / "kept.safetensors_")
    (copied / MODEL).write_bytes(graph)
    assert compare(copied, max_tokens=256) > TOLERANCE


def test_a_wrong_export_is_refused_and_not_left_behind(copied, monkeypatch):
    made = SimpleNamespace(model_proto=onnx.load(copied / MODEL))
    monkeypatch.setattr("torch.onnx.export", lambda *_, **__: made)
    assert export_cross_encoder(copied, max_tokens=256) == copied / MODEL
    next(node for node in made.model_proto.graph.node if node.op_type == "Tanh").op_type = "Sigmoid"
    with pytest.raises(ModelError, match="differ from torch's"):
        export_cross_encoder(copied, max_tokens=256)
    assert not (copied / MODEL).exists()


def test_only_a_cross_encoder_with_one_output_can_be_exported(tmp_path):
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        export_cross_encoder(tmp_path)
    with pytest.raises(ModelError, match="3 outputs"):
        export_cross_encoder(tiny.cross_bert(tmp_path, labels=3))


def test_a_folder_without_an_export_says_what_makes_one(copied):
    (copied / MODEL).unlink()
    with pytest.raises(ModelError, match=r"rag\.train\.export"):
        BundledReranker(copied)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_missing_or_broken_tokenizer_is_refused(copied, file):
    (copied / file).write_bytes(b"{")
    with pytest.raises(ModelError, match="tokenizer"):
        BundledReranker(copied)
    (copied / file).unlink()
    with pytest.raises(ModelError, match="tokenizer"):
        BundledReranker(copied)


def test_a_broken_graph_or_missing_weights_are_refused(copied):
    (copied / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx"):
        BundledReranker(copied)
    (copied / MODEL).write_bytes(b"not a graph")
    with pytest.raises(ModelError, match=r"model\.onnx"):
        BundledReranker(copied)


def test_without_onnxruntime_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setattr(module, "onnxruntime", None)
    with pytest.raises(MissingExtra) as caught:
        BundledReranker(folder)
    assert caught.value.extra == "onnx"


def test_scores_that_are_not_finite_are_refused(copied):
    weights = copied / "model.safetensors"
    content = bytearray(weights.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    place = json.loads(content[8:start])["classifier.weight"]["data_offsets"]
    content[start + place[0] : start + place[1]] = b"\xff" * (place[1] - place[0])
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="not finite"):
        BundledReranker(copied).score(QUERY, TEXTS)


def test_scoring_loads_neither_torch_nor_transformers(folder):
    code = (
        "import sys; from pathlib import Path; from rag.models.bundled_reranker import BundledReranker; "
        f"BundledReranker(Path({str(folder)!r})).score('東京', ['東京は首都', '서울']); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(out.stdout.split())
    assert not loaded & {"torch", "transformers", "sentence_transformers", "langchain", "onnx"}
    assert "onnxruntime" in loaded
