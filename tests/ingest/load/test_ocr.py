"""Pictures and scanned pages: recognised where an engine is installed, refused with a hint where none is."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.load import image, ocr, pdf
from ingest.worker import Worker
from rag.errors import DocumentError
from rag.text.normalise import fold

NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LINES = {
    "ja": [
        "就業規則",
        "従業員は年次有給休暇を取得することができる。",
        "申請書は三日前までに総務部へ提出すること。",
    ],
    "zh-Hans": ["员工手册", "本手册适用于智能门锁的全部型号。", "请在安装之前仔细阅读并且妥善保管。"],
    "zh-Hant": ["使用手冊", "本手冊適用於智慧門鎖的全部型號。", "請在安裝之前仔細閱讀並且妥善保管。"],
    "ko": [
        "이용 안내",
        "회원의 이름과 전자우편 주소를 안전하게 보관합니다.",
        "처음으로 책을 빌리는 사람은 서류를 가지고 오십시오.",
    ],
}
NEEDED = {"ko": "kor"}

drawn_with = pytest.mark.skipif(not NOTO.exists(), reason="the Noto CJK fonts are not installed")


def readable(lang):
    if lang in NEEDED:
        return NEEDED[lang] in ocr._languages()
    return ocr._has_rapid()


def drawn(lang: str) -> Image.Image:
    """The lines of a language in black on white."""
    picture = Image.new("RGB", (1200, 420), "white")
    index = {"ja": 0, "ko": 1, "zh-Hans": 2, "zh-Hant": 3}[lang]
    font = ImageFont.truetype(str(NOTO), 34, index=index)
    for number, line in enumerate(LINES[lang]):
        ImageDraw.Draw(picture).text((60, 50 + 110 * number), line, font=font, fill="black")
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def plain(text: str) -> str:
    return "".join(fold(text).split())


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setattr(ocr, "_has_rapid", lambda: False)
    monkeypatch.setattr(ocr, "_languages", lambda: ())


@drawn_with
@pytest.mark.parametrize("lang", LINES)
def test_a_picture_is_read_in_its_language_and_says_that_it_was_recognised(lang):
    if not readable(lang):
        pytest.skip(f"no engine for {lang} is installed")
    parsed = image.load(saved(drawn(lang)), "a.png")
    assert all(plain(line) in plain(parsed.text) for line in LINES[lang])
    assert parsed.warnings == ("ocr", "ocr_pages=1") and parsed.meta == {"ocr": True}
    assert parsed.confidence > 0.7 and not parsed.suspicious


@drawn_with
def test_korean_keeps_its_spaces():
    if not readable("ko"):
        pytest.skip("Tesseract with Korean is not installed")
    assert LINES["ko"][1] in image.load(saved(drawn("ko")), "a.png").text


@drawn_with
def test_the_pages_of_a_scanned_pdf_are_recognised_each_with_its_number():
    if not (readable("ja") and readable("zh-Hans")):
        pytest.skip("RapidOCR is not installed")
    data = saved(drawn("ja"), "PDF", save_all=True, append_images=[drawn("zh-Hans")], resolution=150)
    parsed = pdf.load(data, "a.pdf")
    of_page = {one.page: plain(parsed.text[one.start : one.end]) for one in parsed.blocks}
    assert of_page == {1: plain(LINES["ja"][-1]), 2: plain(LINES["zh-Hans"][-1])}
    assert parsed.warnings == ("ocr", "ocr_pages=2")


@drawn_with
def test_the_engines_work_in_the_process_that_reads_files(tmp_path):
    if not readable("ja"):
        pytest.skip("RapidOCR is not installed")
    path = tmp_path / "a.png"
    path.write_bytes(saved(drawn("ja")))
    with Worker(timeout=120) as worker:
        assert plain(LINES["ja"][1]) in plain(worker.read(path, name="a.png").text)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_without_an_engine_a_picture_is_refused_with_what_to_install(kind, no_engine):
    with pytest.raises(DocumentError) as caught:
        image.load(saved(Image.new("RGB", (40, 40), "white"), kind), "a.png")
    assert caught.value.code == "no_ocr" and "cjkrag[ocr]" in str(caught.value)


def test_without_an_engine_a_scanned_pdf_is_refused_with_what_to_install(no_engine):
    with pytest.raises(DocumentError) as caught:
        pdf.load(saved(Image.new("RGB", (400, 400), "white"), "PDF"), "a.pdf")
    assert caught.value.code == "no_text" and "cjkrag[ocr]" in str(caught.value)


def lines(*rows):
    """Lines of one height as an engine gives them: text, left, right, top."""
    return tuple(ocr.Line(text, (left, top, right, top + 20), 0.9) for text, left, right, top in rows)


def test_lines_that_fill_the_column_go_on_in_the_next():
    found = ocr.Recognised(
        lines(("長い行の", 0, 400, 0), ("続き。", 0, 60, 26), ("次の段落", 0, 90, 52)), 0.9
    )
    assert found.paragraphs == ["長い行の続き。", "次の段落"]


def test_an_engine_that_is_not_sure_makes_the_picture_suspicious(monkeypatch):
    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda picture: ocr.Recognised(lines(("不明", 0, 40, 0)), 0.4))
    assert image.load(saved(Image.new("RGB", (40, 40))), "a.png").suspicious


def test_a_picture_without_text_is_refused(monkeypatch):
    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda picture: ocr.NOTHING)
    with pytest.raises(DocumentError) as caught:
        image.load(saved(Image.new("RGB", (40, 40))), "a.png")
    assert caught.value.code == "empty"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (saved(Image.new("1", (20_000, 20_000))), "too_large"),
        (saved(Image.new("RGB", (400, 400), "red"))[:200], "broken"),
        (b"\x89PNG\r\n\x1a\nnothing", "broken"),
    ],
    ids=["bomb", "cut", "head"],
)
def test_hostile_pictures_are_refused(monkeypatch, data, code):
    monkeypatch.setattr(ocr, "available", lambda: True)
    with pytest.raises(DocumentError) as caught:
        image.load(data, "a.png")
    assert caught.value.code == code


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_tesseract_that_fails_on_a_picture_gives_nothing():
    assert ocr._tesseract(Image.new("RGB", (40, 40), "white"), "eng") == ocr.NOTHING
