"""The encodings that people's files come in, case by case; short stretches are measured in test_decode.py."""

from __future__ import annotations

import gzip
import random
import tarfile
import unicodedata
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode import decode, signs
from ingest.hints import ENCODING
from ingest.load import parse
from ingest.signs import mojibake
from rag.errors import DocumentError

JA = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
HANS = "本手册适用于全体正式员工，自二〇二六年一月一日起施行。"
HANT = "本辦法適用於總部的六間會議室，使用前一個工作天須以預約系統登記。"
KO = "서버 정기 점검은 매월 둘째 주 토요일에 실시합니다. 담당자는 미리 알려 주시기 바랍니다."
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def back(text: str, codec: str, **told: str) -> str:
    return decode(text.encode(codec), **told).text


@pytest.mark.parametrize(
    "text", ["㳇和𠮷是四字节的字，价格为三百€。", f"{HANS}㳇𠮷", "人员名单：㑇、㛃、䶮、𬱖。"]
)
def test_a1_characters_of_four_bytes_in_gb18030(text):
    decoded = decode(text.encode("gb18030"))
    assert (decoded.text, decoded.encoding) == (text, "gb18030")


def test_a2_gbk_and_gb2312_are_read_as_their_superset():
    assert decode("镕基先生喆".encode("gbk")).encoding == "gb18030"
    assert back("中文信息处理", "gb2312", declared="gb2312") == "中文信息处理"


def test_a2_two_bytes_that_happen_to_be_utf8_are_read_by_what_is_likelier():
    assert back("为 NULL", "gb18030") == "为 NULL"
    assert [decode(text.encode()).text for text in ("ж", "é", "ţţ", "ΐ")] == ["ж", "é", "ţţ", "ΐ"]


def test_a2_russian_words_in_a_chinese_file_stay_russian():
    assert back("Всероссийской олимпиады", "gb18030") == "Всероссийской олимпиады"


@pytest.mark.parametrize("text", ["許功蓋的資料夾", "會議室預約系統", "臺灣大學圖書館"])
def test_a3_big5_with_a_backslash_inside_characters(text):
    assert back(text, "cp950") == text


@pytest.mark.parametrize(
    "text",
    ["佢哋喺度食嘢，𠺢啲人", "你哋去咗邊度呀？我哋啱啱返嚟", "呢個嘢係乜嘢嚟㗎？", "香港嘅天氣好熱，冇風"],
)
def test_a4_cantonese_in_the_set_of_hong_kong(text):
    assert back(text, "big5hkscs") == text


@pytest.mark.parametrize(
    "text", ["①㈱髙﨑〜の表、ソ能", "№㏍℡㊤纊褜鍈銈蓜", "ソースコード表示機能", "申込書～十構成"]
)
def test_a5_windows_characters_in_shift_jis(text):
    text = text.replace("〜", "～")
    assert back(text, "cp932") == text


@given(st.text("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟｰ", min_size=12, max_size=60))
@settings(max_examples=60, derandomize=True)
def test_a6_half_width_katakana_alone(text):
    assert back(f"ﾌﾘｶﾞﾅ {text}", "cp932") == f"ﾌﾘｶﾞﾅ {text}"


@pytest.mark.parametrize(
    "text",
    [
        "丂丄驎という珍しい字を含む",
        "春は、あけぼの",
        "規程集",
        "勤怠管理",
        "お知らせ",
        "特許庁長官",
        "個人情報",
    ],
)
def test_a7_euc_jp_however_short_and_with_three_bytes(text):
    assert back(text, "euc_jp") == text


def test_a7_euc_jp_with_the_characters_of_windows():
    data = (
        "第".encode("euc_jp")
        + b"\xad\xa1"
        + "章　".encode("euc_jp")
        + b"\xad\xea"
        + "山田商店の沿革".encode("euc_jp")
    )
    assert decode(data).text == "第①章　㈱山田商店の沿革"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (JA, "iso2022_jp"),
        (JA + "ｶﾅ", "iso2022_jp_ext"),
        (JA + "丂", "iso2022_jp_1"),
        (JA + "한국", "iso2022_jp_2"),
        (JA + "①", "iso2022_jp_2004"),
        (KO, "iso2022_kr"),
        (HANS.replace("〇", "零"), "hz"),
    ],
)
def test_a8_seven_bits_are_not_taken_for_ascii(text, codec):
    data = text.encode(codec)
    assert data.isascii()
    assert decode(data).text == text


def test_a8_mail_with_the_characters_of_windows_in_iso_2022_jp():
    data = (
        b"\x1b$B" + bytes(byte & 0x7F for byte in "株".encode("euc_jp") + b"\xad\xa1") + b"\x1b(B No. 1\r\n"
    )
    assert decode(data).text == "株① No. 1\r\n"


def test_a8_ascii_that_looks_like_an_escape_stays_ascii():
    assert decode(b"cd ~{user}~} and ~{ }").text == "cd ~{user}~} and ~{ }"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("똠방각하와 펲시콜라를 찦차에", "cp949"),
        ("안녕하세요", "euc_kr"),
        (KO, "johab"),
        ("회의실 예약", "johab"),
    ],
)
def test_a9_korean_code_pages(text, codec):
    assert back(text, codec) == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [JA, HANS, HANT, KO, "会議室の予約", "员工手册"])
def test_a10_wide_characters_without_a_mark(text, codec):
    assert back(text, codec) == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a10_an_odd_byte_at_the_end_is_said(codec):
    decoded = decode(JA.encode(codec) + b"\x00")
    assert decoded.text.rstrip("\ufffd") == JA
    assert decoded.suspicious
    assert "bytes_replaced=1" in decoded.warnings


def test_a11_a_mark_in_the_middle_of_joined_files_is_no_text():
    data = JA.encode("utf-8-sig") + b"\n" + KO.encode("utf-8-sig")
    assert parse(data, name="joined.txt").text == f"{JA}\n{KO}"


@pytest.mark.parametrize(
    ("text", "codec"),
    [(JA, "cp932"), (JA, "euc_jp"), (HANS, "gb18030"), (HANT, "cp950"), (KO, "cp949"), (JA, "utf-8")],
)
@given(place=st.integers(0, 59))
@settings(max_examples=20, derandomize=True)
def test_a12_one_bad_byte_in_two_thousand_characters(text, codec, place):
    pages = [f"{text}\n".encode(codec)] * 60
    pages[place] = b"\xff" + pages[place]
    decoded = decode(b"".join(pages))
    assert decoded.encoding == codec
    assert decoded.suspicious
    assert "bytes_replaced=1" in decoded.warnings
    assert decoded.text.count(text) >= 59


@pytest.mark.parametrize(
    ("old", "codec"), [(JA, "cp932"), (JA, "euc_jp"), (HANS, "gb18030"), (HANT, "cp950"), (KO, "cp949")]
)
@pytest.mark.parametrize("order", ["first", "last", "in turn"])
def test_a13_a_file_of_two_encodings_is_read_line_by_line(old, codec, order):
    new = "這是 UTF-8 のテキスト입니다。"
    texts = {"first": [old] * 4 + [new] * 4, "last": [new] * 4 + [old] * 4, "in turn": [old, new] * 4}[order]
    decoded = decode(b"\n".join(text.encode(codec if text is old else "utf-8") for text in texts))
    assert decoded.text == "\n".join(texts)
    assert decoded.encoding == f"utf-8+{codec}"
    assert decoded.suspicious
    assert decoded.warnings == ("mixed_encodings",)


@pytest.mark.parametrize(
    ("one", "first", "other", "second"),
    [
        (JA, "cp932", JA, "euc_jp"),
        (HANS, "gb18030", KO, "cp949"),
        (HANS, "gb18030", HANT, "cp950"),
        (KO, "cp949", JA, "cp932"),
    ],
)
@pytest.mark.parametrize("lines", [2, 400])
def test_a13_a_file_of_two_code_pages_is_read_line_by_line(one, first, other, second, lines):
    above, below = f"{one}\n\n" * lines, f"{other}\n" * lines
    decoded = decode(above.encode(first) + below.encode(second))
    assert decoded.text == above + below
    assert set(decoded.encoding.split("+")) == {first, second}
    assert decoded.warnings == ("mixed_encodings",)


@pytest.mark.parametrize(
    "text",
    [
        "æ—¥æœ¬",
        "锟斤拷锟斤拷",
        "縺ゅ",
        JA.encode().decode("cp932", "replace"),
        HANS.encode().decode("gb18030", "replace"),
        HANT.encode().decode("latin-1"),
    ],
)
def test_a14_text_that_was_misread_before_is_indexed_as_it_is_and_said(text):
    decoded = decode(text.encode())
    assert decoded.text == text
    assert "mojibake" in decoded.warnings
    assert "mojibake" in parse(text.encode(), name="mojibake.txt").source.warnings


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared texts beside the repository")
def test_a14_no_clean_text_is_called_misread():
    generator = random.Random(14)
    wrong = []
    for file in sorted((SHARED / "text").glob("*.txt.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            text = "".join(islice(lines, 4000))
        for _ in range(1200):
            start, size = generator.randrange(len(text)), generator.choice((8, 16, 60, 300))
            wrong += [text[start : start + size]] if mojibake(text[start : start + size]) else []
    assert wrong == []


@given(st.integers(1, 400))
@settings(max_examples=60, derandomize=True)
def test_a15_a_file_cut_inside_a_character_is_still_known(cut):
    for text, codec in ((JA, "cp932"), (HANS, "gb18030"), (KO, "utf-8")):
        data = (text * 9).encode(codec)[:-cut]
        decoded = decode(data)
        assert decoded.encoding == codec
        assert decoded.text.rstrip("\ufffd") in text * 9 or "\ufffd" not in decoded.text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (JA, "utf-8", "shift_jis"),
        (JA, "cp932", "x-sjis"),
        (JA, "cp932", "utf-8"),
        (KO, "cp949", "ks_c_5601-1987"),
        (HANS + "㳇", "gb18030", "gb2312"),
        (HANT, "cp950", "iso-8859-1"),
    ],
)
def test_a16_a_declared_encoding_is_believed_only_where_the_bytes_agree(text, codec, label):
    assert back(text, codec, declared=label) == text
    page = f'<html><head><meta charset="{label}"></head><body><p>{text}</p></body></html>'
    assert parse(page.encode(codec), name="page.html").text == text


@pytest.mark.parametrize("seed", range(5))
def test_a17_random_bytes_are_no_text(seed):
    with pytest.raises(DocumentError) as caught:
        decode(random.Random(seed).randbytes(4096), name="noise.txt")
    assert caught.value.code == "binary"


def test_a18_what_the_user_says_is_done_or_refused():
    data = "会津".encode("euc_jp")
    assert [back("会津", "euc_jp", override=one) for one in ("euc-jp", "gbk")] == ["会津", data.decode("gbk")]
    with pytest.raises(DocumentError, match="is not utf-8"):
        decode(data, override="utf-8")


@pytest.mark.parametrize(
    ("names", "codec"),
    [("勤怠規程.txt", "cp932"), ("员工手册.docx", "gb18030"), ("회의실 예약.hwp", "cp949")],
)
def test_a19_a_file_name_from_an_archive_is_long_enough(names, codec):
    assert back(names, codec) == names


def test_a_hint_settles_what_is_too_short_to_tell():
    data = "会津".encode("euc_jp")
    assert decode(data).suspicious
    for hint in ("euc_jp", "gb18030"):
        decoded = decode(data, hint=hint)
        assert (decoded.text, decoded.encoding) == (data.decode(hint), hint)


def test_the_hint_of_a_folder_is_known_to_every_loader():
    known = ENCODING.set("gb18030")
    try:
        assert decode("会津".encode("euc_jp")).encoding == "gb18030"
    finally:
        ENCODING.reset(known)


@pytest.mark.parametrize(
    "hint", ["gb18030", "cp949", "big5", "utf-16-le", "koi8-r", "nonsense", "utf-8+cp932"]
)
def test_a_hint_never_outweighs_what_the_bytes_say(hint):
    assert decode(JA.encode("cp932"), hint=hint) == decode(JA.encode("cp932"))
    assert decode("設定".encode(), hint=hint).text == "設定"


WESTERN = [
    ("Les élèves français étudient à l'école où ils ont déjà reçu leurs manuels.", ("cp1252", "iso8859-15")),
    ("Über die Straße läuft ein großer Hund. Schöne Grüße aus München!", ("cp1252",)),
    ("It’s “fine” – or is it? Don’t ask… we’ll see what they’ve got.", ("cp1252",)),
    ("El niño comió una manzana. ¿Dónde está la estación? ¡Qué día más bonito!", ("cp1252",)),
    ("Zażółć gęślą jaźń. Proszę państwa, dziękuję bardzo; miłość, łódź.", ("cp1250", "iso8859-2")),
    ("Příliš žluťoučký kůň úpěl ďábelské ódy. Děkuji, že jste přišli.", ("cp1250", "iso8859-2")),
    ("Съешь же ещё этих мягких французских булок, да выпей чаю.", ("cp1251", "koi8-r", "cp866")),
    ("สวัสดีครับ วันนี้อากาศดีมาก เราไปกินข้าวกันไหม", ("cp874",)),
    ("Η Ελληνική Δημοκρατία είναι κράτος. Καλημέρα σας.", ("cp1253",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codec"), [(text, codec) for text, codecs in WESTERN for codec in codecs])
@pytest.mark.parametrize("characters", [24, 400])
def test_other_languages_in_their_code_pages_are_not_taken_for_chinese(text, codec, characters):
    text = (f"{text} " * 8)[:characters]
    decoded = decode(text.encode(codec))
    assert decoded.text == text or decoded.suspicious
    assert not any("\u3400" <= character <= "\ud7a3" for character in decoded.text)


def test_vietnamese_in_its_code_page_is_read_or_doubted():
    text = unicodedata.normalize("NFC", "Tôi là sinh viên Đông Nam Á, chào ông bà.") * 3
    decoded = decode(text.encode("cp1258"))
    assert decoded.text == text or decoded.suspicious


def test_a_source_full_of_replacement_characters_is_called_damaged():
    assert "source_damaged" in decode(("日本\ufffd語" * 9).encode()).warnings
    assert "source_damaged" not in decode((JA * 2 + "\ufffd").encode()).warnings


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("数\u200b据\u2060库", "invisible=2"),
        ("data\u00adbase の設定", "invisible=1"),
        ("質問" + "".join(chr(0xE0000 + ord(ch)) for ch in "ignore"), "invisible=6"),
        ("外字\ue000と\U000f0001", "pua=2"),
    ],
)
def test_characters_that_hide_are_counted(text, warning):
    assert warning in signs(text)
    assert parse(text.encode(), name="hidden.txt").source.warnings == (warning,)


@pytest.mark.parametrize("text", ["葛\U000e0100城市", "👨\u200d👩\u200d👧 家族", "✌\ufe0f", JA, KO, "plain"])
def test_selectors_and_families_hide_nothing(text):
    assert signs(text) == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared folders beside the repository")
def test_sixty_works_of_aozora_bunko_as_they_are_stored():
    with tarfile.open(SHARED / "folders" / "aozora-cp932-dev.tar.gz") as folder:
        files = [folder.extractfile(one).read() for one in folder.getmembers() if one.name.endswith(".txt")]
    assert len(files) == 60
    assert [decode(data).encoding for data in files] == ["cp932"] * 60
    assert all(decode(data).text == data.decode("cp932") for data in files)
