import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.language import detect

GOLDEN = [
    ("zh-Hans", "数据库怎么配置"),
    ("zh-Hans", "三码是什么意思？"),
    ("zh-Hans", "RAG如何配置PostgreSQL"),
    ("zh-Hans", "员工可以请几天年假？"),
    ("zh-Hans", "《ポケットモンスター》是任天堂发行的游戏系列，在日本很受欢迎。"),
    ("zh-Hans", "防弹少年团（방탄소년단）是韩国的男子组合。"),
    ("zh-Hant", "資料庫怎麼設定"),
    ("zh-Hant", "臺灣的首都在哪裡？"),
    ("zh-Hant", "忽必烈在蒙哥汗去世後與何人爭奪汗位?"),
    ("zh-Hant", "員工可以請幾天年假？"),
    ("zh-Hant", "佢哋喺度食嘢"),
    ("ja", "有給休暇は何日取れますか"),
    ("ja", "東京駅"),
    ("ja", "会議室予約方法"),
    ("ja", "図書館利用規則"),
    ("ja", "サーバー"),
    ("ja", "ﾌﾘｶﾞﾅ"),
    ("ja", "Kubernetesのインストール方法"),
    ("ja", "渋谷区の条例"),
    ("ko", "연차 휴가는 며칠입니까?"),
    ("ko", "PostgreSQL 설정"),
    ("ko", "大韓民國은 民主共和國이다"),
    ("en", "How many days of annual leave do employees get?"),
    ("en", "What does 有給 mean in English?"),
    ("en", "PPR-9087"),
    ("und", "12345 !?"),
    ("und", ""),
    ("und", "Привет"),
]


@pytest.mark.parametrize(("lang", "text"), GOLDEN)
def test_the_language_of_short_texts(lang, text):
    assert detect(text) == lang


def test_decomposed_hangul_and_kana_count_as_they_are_read():
    import unicodedata

    assert detect(unicodedata.normalize("NFD", "한국어 문서")) == "ko"
    assert detect(unicodedata.normalize("NFD", "ガイドブック")) == "ja"


@pytest.mark.parametrize("default", ["zh-Hans", "zh-Hant", "ja"])
def test_the_default_decides_where_the_characters_do_not(default):
    assert detect("人口", default) == default


def test_the_default_does_not_overrule_the_characters():
    assert detect("数据库", "ja") == "zh-Hans"
    assert detect("資料庫", "zh-Hans") == "zh-Hant"
    assert detect("東京駅", "zh-Hans") == "ja"


def test_a_long_text_is_what_its_parts_are():
    assert detect("見出し\n" + "これは本文です。" * 10_000) == "ja"
    assert detect("这是正文。" * 10_000 + "おわり") == "zh-Hans"


@given(st.text(st.characters()), st.sampled_from(["zh-Hans", "ja", "und"]))
def test_any_text_gets_one_of_the_languages(text, default):
    assert detect(text, default) in {"zh-Hans", "zh-Hant", "ja", "ko", "en", "und", default}
