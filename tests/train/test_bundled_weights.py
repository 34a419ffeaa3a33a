import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from sentence_transformers import CrossEncoder, SentenceTransformer
from tokenizers import Tokenizer

from rag.train.vocabulary import unknown_share

ROOT = Path(__file__).parents[2]
EMBEDDER = ROOT / "rag/models/bundled/embedder"
EVAL = ROOT.parent / "shared/data/eval"

PASSAGES = {
    "zh": "安装 Python 之后，可以用 pip 命令安装第三方软件包，并用虚拟环境把它们隔开。",
    "zh-Hant": "勞工每七日中應有二日之休息，其中一日為例假，一日為休息日。",
    "ja": "データベースのバックアップを取るには、まずサーバーを停止してからファイルをコピーします。",
    "ko": "컴포넌트의 상태가 바뀌면 화면이 다시 렌더링됩니다.",
    "en": "The garbage collector frees memory of objects that are no longer referenced.",
}
QUESTIONS = {
    "zh": "怎样安装第三方软件包？",
    "zh-Hant": "勞工每週可以休息幾日？",
    "ja": "データベースのバックアップの方法は？",
    "ko": "컴포넌트 상태가 바뀌면 어떻게 되나요?",
    "en": "How is memory of unused objects freed?",
}
ACROSS = {
    "ja": ("zh", "サードパーティのパッケージをインストールするには"),
    "en": ("ko", "What happens when the state of a component changes?"),
    "zh": ("en", "垃圾回收器怎样释放对象的内存？"),
    "ko": ("zh", "패키지를 설치하는 방법"),
}


@pytest.fixture(scope="module")
def model():
    return SentenceTransformer(str(EMBEDDER), device="cpu")


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(EMBEDDER / "tokenizer.json"))


def _found(model, question):
    scores = model.encode([question]) @ model.encode(list(PASSAGES.values())).T
    return list(PASSAGES)[int(scores[0].argmax())]


@pytest.mark.parametrize("lang", QUESTIONS)
def test_a_question_finds_its_passage(model, lang):
    assert _found(model, QUESTIONS[lang]) == lang


@pytest.mark.parametrize("lang", ACROSS)
def test_a_question_finds_its_passage_in_another_language(model, lang):
    expected, question = ACROSS[lang]
    assert _found(model, question) == expected


def test_traditional_and_simplified_wordings_have_one_vector(model):
    first, second = model.encode(["數據庫的備份與恢復", "数据库的备份与恢复"])
    assert float(first @ second) > 0.999


def test_vectors_have_256_numbers_on_the_half_grid_and_length_1(model):
    weights = load_file(EMBEDDER / "model.safetensors")["embedding.weight"]
    assert weights.dtype == np.float32
    assert weights.shape[1] == 256
    assert np.array_equal(weights, weights.astype(np.float16).astype(np.float32))
    assert np.allclose(np.linalg.norm(model.encode(list(PASSAGES.values())), axis=1), 1, atol=1e-5)


def test_there_is_a_vector_for_every_piece_and_a_longest_text(tokenizer):
    rows = load_file(EMBEDDER / "model.safetensors")["embedding.weight"].shape[0]
    assert tokenizer.get_vocab_size() == rows
    assert 512 <= tokenizer.truncation["max_length"] < 10_000


def test_bundled_weights_stay_within_sixty_megabytes():
    size = sum(file.stat().st_size for file in EMBEDDER.parent.rglob("*.safetensors"))
    assert 20e6 < size <= 62e6


@pytest.mark.parametrize(
    "name", ["cmrc2018-zh", "drcd-dev-zh-hant", "jsquad-valid-ja", "korquad-ko-dev", "techdocs-q_zh-p_en"]
)
def test_less_than_one_piece_in_two_hundred_is_spelt_in_bytes(tokenizer, name):
    file = EVAL / name / "corpus.jsonl.gz"
    if not file.exists():
        pytest.skip("the shared evaluation sets are not beside this checkout")
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()[:400]
    assert unknown_share(tokenizer, [json.loads(line)["text"] for line in lines]) < 0.005


@pytest.mark.parametrize("lang", QUESTIONS)
def test_the_cross_encoder_prefers_the_right_passage_to_most_others(lang):
    model = CrossEncoder(str(EMBEDDER.parent / "reranker"), device="cpu")
    scores = model.predict([(QUESTIONS[lang], passage) for passage in PASSAGES.values()])
    right = list(PASSAGES).index(lang)
    assert scores[right] > np.delete(scores, right).mean()


def test_the_cross_encoder_s_logits_lie_around_zero():
    model = CrossEncoder(str(EMBEDDER.parent / "reranker"), device="cpu")
    pairs = [(question, passage) for question in QUESTIONS.values() for passage in PASSAGES.values()]
    scores = model.predict(pairs)
    assert scores.min() < 0 < scores.max()
    assert np.abs(scores).max() < 30
