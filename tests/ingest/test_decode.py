"""Bytes in every encoding that documents come in."""

from __future__ import annotations

import codecs
import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode import Decoded, codec_of, decode
from rag.errors import ConfigError, DocumentError

JA = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。①㈱髙﨑のソ連表能"
HANS = "本手册适用于全体正式员工，自二〇二六年一月一日起施行。㳇𠮷价格为三百€"
HANT = "本辦法適用於總部的六間會議室，使用前一個工作天須以預約系統登記。功能許蓋"
HONG_KONG = "佢喺度食嘢，𠺢啲人真係好嘢。今日天氣唔錯，我哋一齊去飲茶。"
KO = "서버 정기 점검은 매월 둘째 주 토요일에 실시합니다. 똠방각하와 펲시콜라를 찦차에 실었다."

CASES = [
    (HANS, "gb18030"),
    (HANS[:26], "gbk"),
    (HANS[:26].replace("〇", "零"), "gb2312"),
    (HANT, "cp950"),
    (HANT, "big5"),
    (HONG_KONG, "big5hkscs"),
    (JA, "cp932"),
    (JA[:33], "shift_jis"),
    (JA[:33] + "丂驎", "euc_jp"),
    (KO, "cp949"),
    (KO[:30], "euc_kr"),
    (KO[:30], "johab"),
    (JA[:33], "iso2022_jp"),
    (JA[:33] + "ｶﾅ", "iso2022_jp_ext"),
    (KO[:30], "iso2022_kr"),
    (HANS[:26].replace("〇", "零"), "hz"),
    *((text, codec) for text in (JA, HANS, HANT, KO) for codec in ("utf-8", "utf-16", "utf-32", "utf-8-sig")),
    *((text, codec) for text in (JA, HANS, HANT, KO) for codec in ("utf-16-le", "utf-16-be", "utf-32-le")),
]


@pytest.mark.parametrize(("text", "codec"), CASES, ids=[f"{codec}-{text[:4]}" for text, codec in CASES])
def test_text_comes_back_as_it_was_written(text, codec):
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert not decoded.suspicious
    assert decoded.confidence >= 0.9


def test_half_width_katakana_alone_is_shift_jis():
    text = "ﾌﾘｶﾞﾅﾊ ﾊﾝｶｸｶﾀｶﾅﾃﾞ ｶｲﾃｸﾀﾞｻｲ"
    decoded = decode(text.encode("cp932"))
    assert (decoded.text, decoded.encoding) == (text, "cp932")


@pytest.mark.parametrize("name", ["表ソ能", "設定", "데이터", "数据库", "資料庫"])
def test_a_word_of_utf8_is_utf8_however_short(name):
    assert decode(name.encode()) == Decoded(name, "utf-8", 1.0)


def test_ascii_is_utf8():
    assert decode(b"plain ASCII, ~{ not HZ }~ and 1 + 1\n").encoding == "utf-8"


@given(st.text())
def test_every_text_survives_utf8_with_a_mark(text):
    assert decode(codecs.BOM_UTF8 + text.encode("utf-8", "replace")).text == text.encode(
        "utf-8", "replace"
    ).decode("utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_document_error(data):
    try:
        decoded = decode(data)
    except DocumentError as error:
        assert error.code in {"binary", "undecodable"}
    else:
        assert 0 <= decoded.confidence <= 1


@pytest.mark.parametrize("position", [0, 700, 1500, -1])
def test_one_bad_byte_in_utf8_is_replaced_and_said(position):
    data = bytearray((JA * 40).encode())
    data[position] = 0xFF
    decoded = decode(bytes(data))
    assert decoded.encoding == "utf-8"
    assert decoded.suspicious
    assert 1 <= decoded.text.count("\ufffd") <= 3


@pytest.mark.parametrize(
    ("text", "codec"), [(JA, "cp932"), (HANS, "gb18030"), (HANT, "cp950"), (KO, "cp949")]
)
def test_one_bad_byte_in_a_code_page_is_replaced_and_said(text, codec):
    data = (text * 20).encode(codec) + b"\xff\n" + (text * 20).encode(codec)
    decoded = decode(data)
    assert (decoded.encoding, decoded.suspicious) == (codec, True)
    assert decoded.text.startswith(text * 20)


def test_a_stray_nul_or_colour_codes_make_no_binary_file():
    assert decode(f"甲\x00{JA}".encode()).encoding == "utf-8"
    assert decode(f"\x1b[31m{JA}\x1b[0m".encode()).encoding == "utf-8"


def test_a_file_filled_up_with_nul_is_text():
    decoded = decode(JA.encode("cp932") + bytes(512))
    assert (decoded.text, decoded.encoding) == (JA, "cp932")
    assert decode(JA.encode() + bytes(512)).text.rstrip("\0") == JA


@pytest.mark.parametrize("text", [JA, HANS, KO[:-1]])
def test_a_file_cut_inside_its_last_character_is_read_and_said(text):
    decoded = decode((text * 3).encode()[:-1])
    assert decoded.text == (text * 3)[:-1] + "\ufffd"
    assert decoded.suspicious


UNDECODABLE = {
    "two encodings in one file": (JA * 9).encode() + (JA * 9).encode("cp932"),
    "bytes no encoding has": b"abc \xff\x80\xff\xff def \xff\xfe\xfd",
    "noise": bytes(random.Random(7).choices(range(128, 256), k=3000)),
    "continuation bytes": bytes(range(0x80, 0x100)) * 4,
}


@pytest.mark.parametrize("data", UNDECODABLE.values(), ids=UNDECODABLE)
def test_bytes_that_no_encoding_explains_are_refused(data):
    with pytest.raises(DocumentError) as caught:
        decode(data, name="謎.txt")
    assert (caught.value.code, caught.value.path) == ("undecodable", "謎.txt")


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03" * 50, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4])
def test_binary_data_is_called_binary(data):
    with pytest.raises(DocumentError) as caught:
        decode(data)
    assert caught.value.code == "binary"


def test_a_declared_encoding_decides_where_the_bytes_leave_a_choice():
    data = "会津".encode("euc_jp")
    assert decode(data, declared="euc-jp").text == "会津"
    assert decode(data, declared="gb2312").text == data.decode("gb18030")


@pytest.mark.parametrize("label", ["shift_jis", "gb2312", "utf-7", "no-such-encoding", ""])
def test_a_declared_encoding_that_lies_is_not_believed(label):
    assert decode(KO.encode("cp949"), declared=label).text == KO
    assert decode(JA.encode(), declared=label).encoding == "utf-8"


@pytest.mark.parametrize(
    ("label", "codec"),
    [("x-sjis", "cp932"), ("Shift_JIS", "cp932"), ("ks_c_5601-1987", "cp949"), ("euc-kr", "cp949"),
     ("gb2312", "gb18030"), ("GBK", "gb18030"), ("big5", "cp950"), ("UTF-8", "utf-8"), ("nonsense", None)],
)  # fmt: skip
def test_labels_of_the_web_mean_the_code_page_that_files_are_in(label, codec):
    assert codec_of(label) == codec


def test_an_override_is_obeyed():
    assert decode("설정".encode("euc_kr"), override="EUC-KR").text == "설정"


def test_an_override_that_does_not_fit_is_refused():
    with pytest.raises(DocumentError) as caught:
        decode(JA.encode("cp932"), override="utf-8")
    assert caught.value.code == "undecodable"


def test_an_override_that_is_no_encoding_is_a_setting_error():
    with pytest.raises(ConfigError, match="klingon"):
        decode(b"text", override="klingon")


@pytest.mark.parametrize("codec", ["cp932", "gb18030", "cp949", "cp950"])
def test_a_file_longer_than_what_is_judged_is_decoded_whole(codec):
    text = {"cp932": JA, "gb18030": HANS, "cp949": KO, "cp950": HANT}[codec] * 3000
    assert decode(text.encode(codec)).text == text


SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "text"
SOURCES = {
    "cn-law-zh": ("gb18030",),
    "techdocs-zh": ("gb18030",),
    "aozora-ja": ("cp932", "euc_jp"),
    "techdocs-ja": ("cp932", "euc_jp"),
    "petitions-ko": ("cp949",),
    "techdocs-ko": ("cp949",),
}


def _windows(file: Path, characters: int, codec: str) -> Iterator[bytes]:
    """Random stretches of that many characters, as that code page has them."""
    generator = random.Random(f"{file.name}{characters}")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        text = "".join(line for _, line in zip(range(6000), lines, strict=False))
    text = text.encode(codec, "ignore").decode(codec)
    while True:
        start = generator.randrange(len(text) - characters)
        window = text[start : start + characters]
        if sum(not ch.isascii() for ch in window) >= characters // 4:
            yield window.encode(codec)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared texts beside the repository")
@pytest.mark.parametrize(("characters", "floor"), [(16, 0.99), (128, 0.995)])
def test_short_stretches_of_real_text_are_recognised(characters, floor):
    right = total = 0
    for source, names in SOURCES.items():
        for codec in names:
            for _, data in zip(
                range(60), _windows(SHARED / f"{source}.txt.gz", characters, codec), strict=False
            ):
                right += decode(data).text == data.decode(codec)
                total += 1
    assert right / total >= floor
