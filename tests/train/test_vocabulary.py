import pytest

from rag.train.vocabulary import build, folding, unknown_share
from tests.train.world import every_sentence


@pytest.fixture(scope="module")
def tokenizer():
    return build(every_sentence() * 5, size=900, alphabet=False)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("經濟", "经济"),
        ("経済", "经济"),
        ("ＡＰＩ", "api"),
        ("ﾊﾟﾘ", "パリ"),
        ("대학교", "대학교"),
        ("芸術", "芸术"),
    ],
)
def test_folding_happens_inside_the_tokenizer(tokenizer, written, read):
    assert tokenizer.normalizer.normalize_str(written) == read


def test_decomposed_hangul_and_kana_are_composed(tokenizer):
    assert tokenizer.normalizer.normalize_str("\u1112\u1161\u11ab") == "한"
    assert tokenizer.normalizer.normalize_str("か\u3099") == "が"


def test_folding_is_done_after_one_pass():
    table = folding()
    assert not [target for target in table.values() if table.get(target, target) != target]


def test_traditional_and_simplified_text_have_the_same_pieces(tokenizer):
    assert tokenizer.encode("東京的機場怎麼樣？").ids == tokenizer.encode("东京的机场怎么样？").ids


@pytest.mark.parametrize(
    ("text", "piece"), [("北京的天气", "北京的"), ("ソウルのてんき", "ソウルの"), ("The", "the")]
)
def test_what_many_texts_share_becomes_a_piece(tokenizer, text, piece):
    assert tokenizer.encode(text).tokens[0] == piece


def test_what_was_never_seen_is_spelt_in_bytes(tokenizer):
    assert tokenizer.encode("龘").tokens == [f"<0x{byte:02X}>" for byte in "龘".encode()]


def test_known_text_has_no_unknown_pieces_and_foreign_text_has(tokenizer):
    assert unknown_share(tokenizer, every_sentence()) == 0
    assert unknown_share(tokenizer, ["Ωμέγα"]) > 0.5


def test_a_common_character_is_a_piece_though_it_was_never_seen():
    wide = build(every_sentence(), size=12_000)
    assert wide.encode("龍").tokens == ["龙"]
