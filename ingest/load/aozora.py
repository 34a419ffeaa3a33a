"""The notation of Aozora Bunko: ruby in 《》, notes in ［＃］, characters outside of Shift JIS described.

Source: 青空文庫「注記一覧」 https://www.aozora.gr.jp/annotation/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from ingest.decode import Decoded
from ingest.load.parsed import Builder, Parsed, ruby

_KANA: Final = "ぁ-ゖァ-ヺー"
_KANJI: Final = "\u2e80-\u2fdf々〆〇〻ヶ仝〓\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LATIN: Final = "A-Za-z0-9À-ɏḀ-ỿ"
_RULE: Final = r"-{10,}[ \t　]*\n"
_LEGEND = re.compile(rf"{_RULE}【テキスト中に現れる記号について】.{{0,5000}}?\n{_RULE}", re.DOTALL)
_LEGEND_TITLE: Final = "【テキスト中に現れる記号について】"
_SOURCE = re.compile(r"^底本：「", re.MULTILINE)
_CREDITS = re.compile(r"^入力：.+\n校正：", re.MULTILINE)
_FOOTER = re.compile(r"^(?:翻訳の)?底本：", re.MULTILINE)
_KANA_ONLY = re.compile(f"[{_KANA}]")
_RUBY_OF_KANJI = re.compile(f"[{_KANJI}]《[{_KANA}・　]+》")
_NOTE = re.compile(r"［＃[^［］\n]{0,500}］")
_GAIJI = re.compile(r"※［＃([^［］\n]{1,200})］")
_JIS_CELL = re.compile(r"(?:第[34]水準)?([12])-(\d{1,2})-(\d{1,2})$")
_CODE_POINT = re.compile(r"(?:U\+|UCS-?)([0-9A-Fa-f]{4,6})")
_MARKED = re.compile(r"｜([^｜《》\n]{1,200})《([^《》\n]{1,200})》")
_UNMARKED = re.compile(
    rf"([{_KANJI}]{{1,50}}|[ぁ-ゖゝゞー]{{1,50}}|[ァ-ヺヽヾー]{{1,50}}|[Ａ-Ｚａ-ｚ０-９Α-Ωα-ωА-Яа-яЁё]{{1,50}}"
    rf"|[{_LATIN}]{{1,50}})《([^《》\n]{{1,200}})》"
)
_ACCENTED = re.compile(r"〔([!-~À-ɏ \u2010-\u201f]{1,300})〕")
_DECOMPOSED = re.compile(
    r"(?P<letter>[A-Za-z])(?P<mark>[`'^~:_]|,(?=[A-Za-z])|/(?=[A-Za-z])|&)|(?P<two>ae|AE|oe|OE)&|s&"
)
_MARKS: Final = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    ":": "\u0308",
    "&": "\u030a",
    ",": "\u0327",
    "_": "\u0304",
}
_TWO: Final = {"ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ"}
_STROKED: Final = {"o": "ø", "O": "Ø", "d": "đ", "D": "Đ", "l": "ł", "L": "Ł", "h": "ħ", "H": "Ħ"}

# A heading stands between \x01, its size, and \x02: what `rag.text.clean` leaves has neither.
_AFTER = re.compile(r"^(.{0,300}?)［＃「[^\n]{0,200}?」は(?:同行|窓)?([大中小])見出し］", re.MULTILINE)
_BEFORE = re.compile(r"［＃(?:ここから)?(?:同行|窓)?([大中小])見出し］")
_BEHIND = re.compile(r"［＃(?:ここで)?(?:同行|窓)?[大中小]見出し終わり］")
_HEADING = re.compile("\x01(.)([^\x01\x02]{0,1000})\x02")
_LEVELS: Final = {"大": 2, "中": 3, "小": 4}
_TRANSLATED = re.compile(r".{1,30}[訳編註注]$|.{1,30}(?:校訂|編纂|監修)$")
_LONGEST_TITLE: Final = 60
_MOST_TITLES: Final = 6


def recognised(text: str) -> bool:
    """Whether a text is in this notation.

    It is where the legend of the notation or a ``底本：`` line stands in a text with kana, or where both
    notes and kanji with kana in 《》 do. Titles (《红楼梦》, 映画《となりのトトロ》) are no evidence.
    """
    if not _KANA_ONLY.search(text, 0, 100_000):
        return False
    if _LEGEND_TITLE in text[:5000]:
        return True
    if _SOURCE.search(text):
        return any(one.search(text) for one in (_RUBY_OF_KANJI, _NOTE, _CREDITS))
    return _RUBY_OF_KANJI.search(text) is not None and _NOTE.search(text) is not None


def parsed(text: str, decoded: Decoded) -> Parsed:
    """The text as it is printed: ruby as readings, notes taken out, headings by their notes.

    The first lines are the title and, last, who wrote it; the legend of the notation is left out.
    """
    body = _printed(_LEGEND.sub("\n", text, count=1))
    builder = Builder()
    title, author, rest = _front(body, builder)
    footer = _FOOTER.search(body, rest)
    _blocks(body[rest : footer.start() if footer else None], builder)
    if footer:
        for paragraph in re.split(r"\n[\s　]*\n", body[footer.start() :]):
            builder.add("paragraph", paragraph)
    meta: dict[str, Any] = {"author": author} if author else {}
    return builder.parsed("text/plain", title=title, meta=meta, **decoded.facts())


def _printed(text: str) -> str:
    """The text with its notes carried out; ruby as `ingest.load.parsed.ruby` marks it."""
    text = _GAIJI.sub(_described, text)
    text = text.replace("／＼", "〱").replace("／″＼", "〲")
    text = _AFTER.sub("\x01\\2\\1\x02", text)
    text = _BEHIND.sub("\x02", _BEFORE.sub("\x01\\1", text))
    while (without := _NOTE.sub("", text)) != text:
        text = without
    text = _ACCENTED.sub(_composed, text)
    text = _MARKED.sub(lambda found: ruby(found[1], found[2]), text)
    return _UNMARKED.sub(lambda found: ruby(found[1], found[2]), text)


def _described(found: re.Match[str]) -> str:
    """The character that a note describes, by its cell in JIS X 0213 or its code point; else 〓."""
    for part in reversed(found[1].split("、")):
        cell, code = _JIS_CELL.search(part.strip()), _CODE_POINT.search(part)
        character = _of_cell(*map(int, cell.groups())) if cell else chr(int(code[1], 16)) if code else ""
        if character and character.isprintable():
            return character
    return "〓"


def _of_cell(plane: int, row: int, column: int) -> str:
    if not (1 <= row <= 94 and 1 <= column <= 94):
        return ""
    pair = bytes((row + 0xA0, column + 0xA0))
    return (b"\x8f" * (plane - 1) + pair).decode("euc_jis_2004", "ignore")


def _composed(found: re.Match[str]) -> str:
    """Letters written with their accents behind them (``〔e'tude〕``), composed; others stay as they are."""
    text, count = _DECOMPOSED.subn(_letter, found[1])
    return text if count and text != found[1] else found[0]


def _letter(found: re.Match[str]) -> str:
    if found["two"]:
        return _TWO[found["two"]]
    if not found["letter"]:
        return "ß"
    if found["mark"] == "/":
        return _STROKED.get(found["letter"], found[0])
    character = unicodedata.normalize("NFC", found["letter"] + _MARKS[found["mark"]])
    return character if len(character) == 1 else found[0]


def _front(body: str, builder: Builder) -> tuple[str, str, int]:
    """Title, author and where the text begins: the lines before the first blank one."""
    start = len(body) - len(body.lstrip())
    end = body.find("\n\n", start)
    lines = body[start:end].split("\n") if end >= 0 else []
    plain = [line.strip() for line in lines]
    if not 0 < len(plain) <= _MOST_TITLES or any(len(line) > _LONGEST_TITLE for line in plain):
        return "", "", start
    if "\x01" in body[start:end] or plain[0].endswith(tuple("。」")):
        return "", "", start
    builder.add("heading", plain[0], level=1)
    title = builder.text
    builder.add("paragraph", "\n".join(plain[1:]))
    authors = [line for line in plain[1:] if not _TRANSLATED.fullmatch(line)]
    return title, _without_ruby(authors[-1]) if authors else "", end


def _without_ruby(line: str) -> str:
    return re.sub("\ufffa[^\ufffb]*\ufffb|\ufff9", "", line)


def _blocks(body: str, builder: Builder) -> None:
    """A block for each line and heading, a blank line where the book has one."""
    for kind, level, text, gap in _pieces(body):
        builder.separator = gap
        builder.add("heading" if kind else "paragraph", text, level=level)
    builder.separator = "\n\n"


def _pieces(body: str) -> Iterator[tuple[bool, int, str, str]]:
    """Whether it is a heading, its level, the text, and what parts it from the text before."""
    done, gap = 0, "\n\n"
    for found in _HEADING.finditer(body):
        for line, before in _lines(body[done : found.start()], gap):
            yield False, 0, line, before
        yield True, _LEVELS[found[1]], found[2], "\n\n"
        done = found.end()
        gap = "\n" if body[done : done + 1] == "\n" else "　"
    for line, before in _lines(body[done:], gap):
        yield False, 0, line, before


def _lines(text: str, gap: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.replace("\x01", "").replace("\x02", "").split("\n")):
        if not line.strip():
            gap = "\n\n" if number else gap
            continue
        yield line, gap
        gap = "\n"
