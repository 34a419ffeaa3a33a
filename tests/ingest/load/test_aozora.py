"""Works in the notation of Aozora Bunko are read as they are printed; other texts are left alone."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from rag.errors import DocumentError
from rag.types import Document

ARCHIVE = Path(__file__).parents[4] / "shared/data/folders/aozora-cp932-dev.tar.gz"
LEGEND = """-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）呑気《のんき》
-------------------------------------------------------
"""
FOOTER = "底本：「全集」岩波書店\n　　　1981（昭和56）年7月16日第1刷発行\n入力：甲\n校正：乙\n"
WORK = f"""旅の記
佐藤花子

{LEGEND}
［＃７字下げ］一［＃「一」は中見出し］

　{{}}
　次の段落。

{FOOTER}"""


def work(line: str) -> Document:
    return parse(WORK.format(line).encode("cp932"), name="a.txt")


def printed(line: str) -> str:
    """A line of the notation as it is read."""
    document = work(line)
    start = document.blocks[3].start
    return document.text[start : document.blocks[3].end]


def test_a_work_has_title_author_headings_and_its_source_but_no_legend():
    document = work("本文である。")
    assert [(one.kind, one.level, document.text[one.start : one.end]) for one in document.blocks] == [
        ("heading", 1, "旅の記"),
        ("paragraph", 0, "佐藤花子"),
        ("heading", 3, "一"),
        ("paragraph", 0, "本文である。"),
        ("paragraph", 0, "次の段落。"),
        ("paragraph", 0, FOOTER.strip()),
    ]
    assert document.text.startswith("旅の記\n\n佐藤花子\n\n一\n\n本文である。\n次の段落。\n\n底本")
    assert (document.title, document.meta, document.source.encoding) == (
        "旅の記",
        {"author": "佐藤花子"},
        "cp932",
    )


@pytest.mark.parametrize(
    ("line", "text", "readings"),
    [
        ("呑気《のんき》とも", "呑気とも", ["のんき"]),
        ("汽走軍艦｜咸臨丸《かんりんまる》で", "汽走軍艦咸臨丸で", ["かんりんまる"]),
        ("パン屋《や》とＡＢ《エービー》", "パン屋とＡＢ", ["や", "エービー"]),
        ("阿房［＃「阿房」に傍点］《ドゥラーク》", "阿房", ["ドゥラーク"]),
        ("※［＃「てへん＋劣」、第3水準1-84-77］《つか》む", "挘む", ["つか"]),
        ("青空《あおぞら》文庫《ぶんこ》", "青空文庫", ["あおぞらぶんこ"]),
    ],
)
def test_of_ruby_the_base_is_text_and_the_reading_is_kept(line, text, readings):
    document = work(line)
    assert text in document.text and "《" not in document.text and "｜" not in document.text
    assert [one.text for one in document.readings] == readings
    first = document.readings[0]
    assert document.text[first.start : first.end] in text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("つひ［＃「つひ」に傍点］に", "つひに"),
        ("罫［＃「「※［＃「弓＋享」、第3水準1-84-22］」の左」の注記］の", "罫の"),
        ("［＃ここから２字下げ］引用［＃ここで字下げ終わり］", "引用"),
        ("詫びる［＃「詫びる」は底本では「詑びる」と誤植］", "詫びる"),
        ("鶴［＃（个）］岡", "鶴岡"),
        ("※［＃「弓＋享」、第3水準1-84-22］は", "弴は"),
        ("※［＃「虫＋廷」、第4水準2-87-52］", "蜓"),
        ("※［＃「てへん＋吾」、U+6342、281-7］", "捂"),
        ("※［＃「竹かんむり／候」、UCS25C4C、14-1］", "𥱌"),
        ("※［＃感嘆符二つ、1-8-75］", "‼"),
        ("※［＃「魚＋昜」、360-24］は", "〓は"),
        ("※［＃「無い字」、1-99-99］は", "〓は"),
        ("いろ／＼でさま／″＼な", "いろ〱でさま〲な"),
        ("〔Pie'ta〕と〔franc,ais〕と〔La_ta〕", "PiétaとfrançaisとLāta"),
        ("〔論創叢書8〕と〔A, B〕", "〔論創叢書8〕と〔A, B〕"),
        ("※印と｜棒は残る", "※印と｜棒は残る"),
    ],
)
def test_notes_are_carried_out_and_taken_away(line, text):
    assert printed(line) == text


@pytest.mark.parametrize(
    ("line", "level", "heading", "rest"),
    [
        ("［＃５字下げ］序章《じょしょう》［＃「序章」は大見出し］", 2, "序章", "次の段落。"),
        ("［＃５字下げ］［＃大見出し］序章［＃大見出し終わり］", 2, "序章", "次の段落。"),
        ("［＃ここから中見出し］\n上\n下\n［＃ここで中見出し終わり］", 3, "上\n下", "次の段落。"),
        ("［＃同行小見出し］二月某日［＃同行小見出し終わり］　臥床。", 4, "二月某日", "臥床。"),
    ],
)
def test_heading_notes_make_headings(line, level, heading, rest):
    document = work(line)
    found, after = document.blocks[3:5]
    assert (found.kind, found.level, document.text[found.start : found.end]) == ("heading", level, heading)
    assert document.text[after.start : after.end] == rest


def test_the_author_of_a_translation_is_not_its_translator():
    text = WORK.replace("佐藤花子", "LE HORLA\nモオパッサン\n秋田滋訳").format("本文。")
    assert parse(text.encode(), name="a.txt").meta == {"author": "モオパッサン"}


@pytest.mark.parametrize(
    "text",
    [
        "我喜欢《红楼梦》和《三国演义》。［＃这是注］\n\n他读了《西游记》。",
        "昨日は映画《となりのトトロ》を見た。\n\n《千と千尋》も見た。",
        "臺灣出版《紅樓夢》｜注釋本。\n\n底本：「紅樓夢」。",
        "책 《홍길동전》을 읽었다.\n\n《춘향전》도 읽었다.",
    ],
)
def test_titles_in_double_brackets_are_not_ruby(text):
    assert parse(text.encode(), name="a.txt").text == text


@pytest.mark.skipif(not ARCHIVE.exists(), reason="needs the works of ../shared")
def test_sixty_real_works_lose_nothing_that_is_printed():
    with tarfile.open(ARCHIVE) as archive:
        works = [archive.extractfile(one).read() for one in archive if one.isfile()]
    assert len(works) == 60
    for data in works:
        document = parse(data, name="a.txt")
        assert document.source.encoding == "cp932" and document.meta["author"] and document.title
        kept = re.sub(r"[\s〔〕]", "", document.text)
        lines = [line for line in _bare(data.decode("cp932")) if line]
        missing = [line for line in lines if line not in kept]
        assert not missing, missing[:3]


def _bare(text: str) -> list[str]:
    """The lines without any notation, those with characters that notes describe or compose left out."""
    text = re.sub(r"-{40,}\s+【テキスト.*?-{40,}", "", text, flags=re.DOTALL)
    while (fewer := re.sub(r"(?<!※)［＃[^［］]*］", "", text)) != text:
        text = fewer
    text = re.sub("《[^》]*》|｜", "", text).replace("／＼", "〱").replace("／″＼", "〲")
    return [re.sub(r"\s", "", line) for line in text.splitlines() if "※［" not in line and "〔" not in line]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from("［＃※］《》｜「」は大見出し終わり〔〕字あいア漢e'1-2、／＼\n"), max_size=60
    ).map("".join)
)
def test_any_mixture_of_marks_is_read(line):
    try:
        work(line)
    except DocumentError as error:
        assert error.code in {"empty", "undecodable"}
