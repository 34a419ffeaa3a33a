import subprocess
import sys
import unicodedata
from collections import Counter
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import morphemes
from rag.text.analyse import PASSAGE, Bm25, average_length, kinds, terms
from rag.text.language import detect

BM25 = Bm25(k1=0.7, b=0.75, average_length=50)
LANGS = ["zh-Hans", "zh-Hant", "ja", "ko", "en", "und"]


def shared(query, passage, query_lang=None, passage_lang=None):
    """Terms that a query and a passage have in common, each told in the language it is detected as."""
    one = terms(query, query_lang or detect(query))
    other = terms(passage, passage_lang or detect(passage))
    return set(one) & set(other)


def score(query, passage):
    """The inner product of the two sparse vectors."""
    (q,) = BM25.queries([query], [detect(query)])
    (p,) = BM25.passages([passage], [detect(passage)])
    _, left, right = np.intersect1d(q.indices, p.indices, return_indices=True)
    return float(q.values[left] @ p.values[right])


@pytest.mark.parametrize(
    ("text", "lang", "words"),
    [
        ("员工可以请几天年假", "zh-Hans", {"员工", "可以"}),
        ("中國科學院計算所", "zh-Hant", {"中国", "科学院", "中国科学院", "计算所"}),
        ("サーバを起動しました", "ja", {"サーバー", "起动"}),
        ("有給休暇は何日取れますか", "ja", {"有给", "休暇", "取れる"}),
        ("서울특별시에서 태어났다", "ko", {"서울특별시", "서울", "태어나"}),
        ("연차 휴가는 며칠입니까?", "ko", {"연차", "휴가", "며칠"}),
    ],
)
def test_words_are_content_words_in_their_base_form(text, lang, words):
    assert words <= set(kinds(text, lang).words)


@pytest.mark.parametrize(
    ("text", "lang", "function_words"),
    [
        ("東京は日本の首都です。", "ja", {"は", "の", "です", "。"}),
        ("서울은 수도이다.", "ko", {"은", "이", "다", "."}),
    ],
)
def test_particles_endings_and_punctuation_are_no_words(text, lang, function_words):
    assert not function_words & set(kinds(text, lang).words)


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("三码", "发货时三码必须一致。"),
        ("珠海涵崧", "供应商珠海涵崧科技有限公司的联系方式"),
        ("PPR-9087", "型番ＰＰＲ－９０８７の交換手順"),
        ("ppr‐9087", "PPR-9087 부품 교체"),
        ("9087", "型番PPR-9087の交換"),
        ("第12条", "就業規則第１２条による"),
        ("3.14", "圆周率约为3.14159，常取3.14。"),
        ("ｻｰﾊﾞｰ", "サーバーの設定"),
        ("數據庫", "数据库配置说明"),
        ("数据库", "數據庫設定說明"),
        ("圖書館", "図書館の利用規則"),
        ("葛\U000e0100城", "葛城市の人口"),
        ("数\u200b据库", "数据库"),
        (unicodedata.normalize("NFD", "휴가"), "연차 휴가 규정"),
        ("연차휴가", unicodedata.normalize("NFD", "연차휴가는")),
        ("PostgreSQL", "RAG如何配置PostgreSQL"),
    ],
)
def test_a_name_or_number_finds_the_passage_that_has_it(query, passage):
    assert shared(query, passage)
    assert score(query, passage) > 0


def test_an_exact_name_scores_above_one_that_only_resembles_it():
    assert score("珠海涵崧", "珠海涵崧科技") > score("珠海涵崧", "珠海海涵科技")
    assert score("第12条", "規則の第12条") > score("第12条", "規則の第21条と12月")


def test_a_query_taken_for_another_language_still_finds_the_passage():
    for wrong in LANGS:
        assert shared("渋谷区役所", "渋谷区役所の窓口は", wrong, "ja")


def test_kana_and_hangul_are_read_by_their_analysers_in_any_passage():
    assert "サーバー" in kinds("他说サーバ很贵", "zh-Hans").words
    assert "휴가" in kinds("The word 휴가는 means leave", "en").words


def test_han_words_between_latin_ones_are_split_off():
    assert {"rag", "如何", "配置", "postgresql"} <= set(terms("RAG如何配置PostgreSQL", "zh-Hans"))


def test_identifiers_are_told_whole_and_in_parts():
    found = kinds("v2.0.1 user_name a@b.co PPR-9087 C++", "en")
    assert {"v2.0.1", "a@b.co", "ppr-9087", "c++", "user", "name"} <= {*found.tokens, *found.parts}
    assert {"ppr", "9087", "2.0.1"} <= set(found.parts)


def test_numbers_are_told_with_their_neighbours():
    assert {"第12", "12条", "3月"} <= set(kinds("第12条は3月", "ja").numbers)


def test_text_beyond_the_analysers_limits_is_analysed_in_pieces():
    long = "有給休暇は何日取れますか" * 3_000  # 108,000 bytes; SudachiPy takes 49,149
    counts = Counter(kinds(long, "ja").words)
    assert 2_900 <= counts["休暇"] <= 3_000
    assert "".join(morphemes.pieces(long)) == long
    assert kinds("휴가" * 30_000, "ko").words


@pytest.mark.parametrize("lang", LANGS)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_has_terms_and_finite_weights_in_any_language(lang, text):
    (passage,) = BM25.passages([text], [lang])
    (query,) = BM25.queries([text], [lang])
    for sparse in (passage, query):
        assert sparse.indices.dtype == np.uint32
        assert sparse.values.dtype == np.float32
        assert np.all(np.diff(sparse.indices.astype(np.int64)) > 0)
        assert np.all(np.isfinite(sparse.values))
        assert np.all(sparse.values > 0)
    assert set(query.indices) == set(passage.indices)


def test_an_empty_text_has_an_empty_vector():
    (passage,) = BM25.passages(["、。 "], ["ja"])
    assert passage.indices.size == passage.values.size == 0


def test_a_weight_is_bm25_of_its_weighted_count():
    text = "tea tea coffee"
    (passage,) = BM25.passages([text], ["en"])
    weight = dict(zip(passage.indices.tolist(), passage.values.tolist(), strict=True))[crc32(b"tea")]
    count, norm = 2 * PASSAGE.tokens, 0.7 * (1 - 0.75 + 0.75 * 3 / 50)
    assert weight == pytest.approx(count * 1.7 / (count + norm))


def test_a_longer_passage_weighs_a_term_less():
    short, long = BM25.passages(["tea", "tea " + " ".join(f"word{i}" for i in range(80))], ["en", "en"])
    tea = crc32(b"tea")
    assert long.values[long.indices == tea] < short.values[short.indices == tea]


def test_a_very_long_query_keeps_its_heaviest_terms():
    text = "휴가 규정 " * 40 + " ".join(f"word{i}" for i in range(1_000)) + " leave" * 50
    (query,) = BM25.queries([text], ["ko"])
    assert len(query.indices) == 256
    assert {crc32(b"leave"), crc32("휴가".encode())} <= set(query.indices.tolist())


def test_the_same_text_in_a_batch_or_alone_has_the_same_vector():
    texts, langs = ["東京駅", "数据库配置", "휴가 규정"], ["ja", "zh-Hans", "ko"]
    batch = BM25.passages(texts, langs)
    for text, lang, sparse in zip(texts, langs, batch, strict=True):
        (alone,) = BM25.passages([text], [lang])
        assert np.array_equal(alone.indices, sparse.indices)
        assert np.array_equal(alone.values, sparse.values)


def test_threads_get_the_same_terms():
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"有給休暇は{i}日、연차 휴가는 {i}일, 年假{i}天" for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        parallel = list(pool.map(lambda text: terms(text, "ja"), texts))
    assert parallel == [terms(text, "ja") for text in texts]


def test_the_fingerprint_names_the_weights_and_the_analysers():
    assert Bm25(0.7, 0.75, 50).fingerprint == BM25.fingerprint
    assert (
        len({Bm25(*setting).fingerprint for setting in ((0.7, 0.75, 50), (0.9, 0.75, 50), (0.7, 0.4, 50))})
        == 3
    )
    assert all(name in BM25.fingerprint for name in ("rjieba-", "sudachidict-small-", "python-mecab-ko-dic-"))


def test_a_larger_budget_means_a_longer_average_chunk():
    assert 0 < average_length(128) < average_length(256)


@pytest.mark.parametrize(
    ("question", "lang", "unwanted"),
    [
        ("How many days of leave?", "en", {"rjieba", "sudachipy", "mecab"}),
        ("연차 휴가는 며칠입니까?", "ko", {"rjieba", "sudachipy"}),
        ("有給休暇は何日ですか", "ja", {"rjieba", "mecab"}),
        ("年假有几天", "zh-Hans", {"sudachipy", "mecab"}),
    ],
)
def test_a_question_loads_only_the_analyser_of_its_language(question, lang, unwanted):
    script = (
        "import sys; from rag.text.analyse import terms; terms(*sys.argv[1:]); print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, question, lang], capture_output=True, text=True, check=True
    )
    assert not unwanted & set(done.stdout.split())
