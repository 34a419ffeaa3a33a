r"""RTF of Word, WordPad, LibreOffice, TextEdit and WPS: the bytes of each run in the encoding of its font.

Own reader: libraries drop tables, notes and text boxes, and take the halves of wide characters apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.load.eq import equation
from ingest.load.opc import meta, titled
from ingest.load.parsed import Builder, Parsed, plain
from ingest.load.rtfflow import Flow, write
from ingest.load.rtffonts import Font, Fonts, codec_of, ends_open
from ingest.load.rtfstate import (
    AROUND,
    ASIDE,
    DATES,
    GOES,
    KEPT,
    NEVER,
    PROPERTIES,
    PROPERTY,
    Field,
    State,
    Style,
)
from ingest.load.symbols import symbol
from ingest.load.wordstyles import HEADING, TITLES
from rag.errors import DocumentError

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|((?:\\'[0-9a-fA-F]{2})+)|\\(?s:(.))|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_DEEPEST: Final = 10_000
_WORDS: Final = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005",
}  # fmt: skip
_SIGNS: Final = {b"~": "\xa0", b"_": "-", b"-": "", b"*": "", b":": "", b"|": ""}


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of an RTF file.

    Headings by outline level or the names of styles, tables as rows, numbers of lists as they were written
    out, notes and text boxes after their paragraph, results of fields; pictures, page headers, comments,
    hidden and deleted text are left out. Phonetic guides of Word become readings.

    Raises:
        DocumentError: ``broken`` where it is nested without measure.
    """
    del encoding
    reader = _Reader(data, name)
    reader.read()
    builder = Builder()
    levels, titles = reader.styles()
    title = write(builder, reader.flow.finished(), levels, titles)
    said = {key: plain(" ".join(value.split()))[0] for key, value in reader.said.items()}
    return builder.parsed(
        "application/rtf",
        title=title or titled(said.get("title", "")),
        meta=meta(reader.date("revtim") or reader.date("creatim"), said.get("author", "")),
        warnings=("source_damaged",) if reader.is_cut else (),
    )


@dataclass(slots=True)
class _Reader:
    """Goes through the tokens once; depth costs no recursion."""

    data: bytes
    name: str
    flow: Flow = field(default_factory=Flow)
    said: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    _state: State = field(default_factory=State)
    _stack: list[State] = field(default_factory=list)
    _flows: list[Flow] = field(default_factory=list)
    _fonts: Fonts = field(default_factory=Fonts)
    _sheet: dict[int, Style] = field(default_factory=dict)
    _times: dict[str, dict[str, int]] = field(default_factory=dict)
    _bytes: bytearray = field(default_factory=bytearray)
    _codec: str = ""
    _run: State | None = None
    _skip: int = 0
    _starred: bool = False
    _default: int = 0

    def read(self) -> None:
        """The whole file; what follows its last brace is none of it."""
        at, end, match = 0, len(self.data), _TOKEN.match
        while at < end and (token := match(self.data, at)):
            at = token.end()
            word, number, code, sign, brace, text = token.groups()
            if word:
                if word == b"bin":
                    at += max(int(number or 0), 0)
                else:
                    self._word(word.decode(), None if number is None else int(number))
            elif text or code:
                self._add(text or bytes.fromhex(code.replace(b"\\'", b"").decode()))
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                if not self._close():
                    break
            elif sign:
                self._sign(sign)
        self._flush()
        self.is_cut = bool(self._stack)
        while self._stack:
            self._close()

    def styles(self) -> tuple[dict[int, int], set[int]]:
        """The heading levels of styles, and the styles of titles."""
        titles = {key for key, one in self._sheet.items() if self._name(one) in TITLES}
        levels = {key: level for key in self._sheet if key not in titles and (level := self._level(key))}
        return levels, titles

    def date(self, kind: str) -> str:
        """A date of the file's properties."""
        time = self._times.get(kind, {})
        year, month, day = time.get("yr", 0), time.get("mo", 0), time.get("dy", 0)
        return f"{year:04}-{month:02}-{day:02}" if year > 1900 and 0 < month < 13 and 0 < day < 32 else ""

    @staticmethod
    def _name(style: Style) -> str:
        return style.name.strip().rstrip(";").strip().lower()

    def _level(self, key: int) -> int:
        for _ in range(20):
            style = self._sheet.get(key)
            if style is None:
                return 0
            named = HEADING.fullmatch(self._name(style))
            if style.outline or named:
                return style.outline or int(named[1] if named else 0)
            key = style.based
        return 0

    def _open(self) -> None:
        if len(self._stack) >= _DEEPEST:
            raise DocumentError(self.name, "broken", "is nested without measure; save it again")
        self._skip = 0
        self._starred = False
        self._stack.append(self._state)
        state = self._state
        if state.both == "?":  # of two halves the second is the one in Unicode
            self._state = replace(state, ends="", goes="nowhere", both=state.goes)
        else:
            self._state = replace(state, ends="", both="")

    def _close(self) -> bool:
        """A group ends; False where it was the last."""
        self._skip = 0
        ended = self._state
        if ended.ends == "flow":
            self._flush()
            pieces = self.flow.finished()
            self.flow = self._flows.pop()
            self.flow.beside += pieces
        elif ended.ends == "field" and ended.field and not ended.field.shown:
            self._flush()
            self._write(equation(ended.field.code), self._stack[-1] if self._stack else ended)
        if self._stack:
            self._state = self._stack.pop()
        return bool(self._stack)

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._starred = True
        elif sign in b"\r\n":
            self._end_paragraph()
        elif sign in b"\\{}":
            self._add(sign)
        elif self._skip:
            self._skip -= 1
        else:
            self._say(_SIGNS.get(sign, ""))

    def _add(self, data: bytes) -> None:
        """Bytes of text: those of a run are decoded together, even where groups part a character."""
        if self._skip:
            dropped = min(self._skip, len(data))
            self._skip -= dropped
            data = data[dropped:]
        state = self._state
        if not data or state.goes == "nowhere":
            return
        codec = self._fonts.codec(state.font, state.wide if state.mode == "dbch" else None)
        if self._run is None or codec != self._codec or not state.writes_as(self._run):
            if self._run is not None and ends_open(bytes(self._bytes), self._codec):
                self._bytes += data[:1]
                data = data[1:]
            self._flush()
        self._run = state
        self._codec = codec
        self._bytes += data

    def _flush(self) -> None:
        if self._bytes and self._run is not None:
            text = self._fonts.decoded(bytes(self._bytes), self._codec, self._run.font)
            self._bytes.clear()
            self._write(text, self._run)
        self._run = None
        self._codec = ""

    def _say(self, text: str) -> None:
        if text:
            self._flush()
            self._write(text, self._state)

    def _write(self, text: str, state: State) -> None:
        """Text goes where its group says."""
        if state.goes == "body":
            if not state.unseen:
                self.flow.text.append(text)
                if state.field is not None and text:
                    state.field.shown = True
        elif state.goes == "label":
            self.flow.label.append(text)
        elif state.goes == "code" and state.field is not None:
            state.field.code += text
        elif state.goes == "fonts":
            self._fonts.table.setdefault(state.font, Font()).name += text.rstrip(";")
        elif state.goes == "style":
            self._sheet.setdefault(state.style, Style()).name += text
        elif state.goes in PROPERTY:
            self.said[state.goes] = self.said.get(state.goes, "") + text

    def _end_paragraph(self) -> None:
        self._flush()
        state = self._state
        if state.goes == "body":
            self.flow.end_paragraph(state.style, state.outline, listed=state.listed, in_table=state.in_table)

    def _word(self, word: str, number: int | None) -> None:
        """A control word: the start of a destination, text, a property."""
        starred, self._starred = self._starred, False
        if word == "u" and number is not None:
            self._unicode(number)
        elif self._skip:
            self._skip -= 1
        elif word in _WORDS:
            self._say(_WORDS[word])
        elif word in _BREAKS:
            self._flush()
            if self._state.goes == "body":
                _BREAKS[word](self)
        elif not self._destination(word, starred=starred):
            self._property(word, number)

    def _unicode(self, number: int) -> None:
        code = number % 0x10000
        font = self._fonts.table.get(self._state.font, Font()).name
        shown = symbol(font, f"{code:x}") if 0xF000 <= code <= 0xF0FF else ""
        self._say(shown or chr(code))
        self._skip = self._state.uc

    def _destination(self, word: str, *, starred: bool) -> bool:
        """Whether the word says where the text of its group goes."""
        state = self._state
        if word == "ud" and state.both:
            self._state = replace(state, goes=state.both, both="")
        elif state.goes == "nowhere":
            return word in GOES or word in PROPERTY
        elif word in NEVER:
            self._state = replace(state, goes="nowhere")
        elif word in AROUND or word in DATES:
            self._state = replace(state, goes=word)
        elif word in ASIDE:
            self._flush()
            self._flows.append(self.flow)
            self.flow = Flow()
            self._state = replace(state, goes="body", ends="flow", in_table=False, field=None, unseen=False)
        elif word in PROPERTY:
            known = state.goes != "info" or word in self.said
            self._state = replace(state, goes="nowhere" if known else word)
        elif word in GOES:
            self._state = replace(state, goes=GOES[word], style=0 if word == "stylesheet" else state.style)
        elif word == "field":
            self._state = replace(state, field=Field(), ends="field")
        elif word == "upr":
            self._state = replace(state, both="?")
        elif starred and word not in KEPT:
            self._state = replace(state, goes="nowhere")
        else:
            return False
        return True

    def _property(self, word: str, number: int | None) -> None:
        state, value = self._state, 0 if number is None else number
        if state.goes in DATES:
            self._times.setdefault(state.goes, {})[word] = value
        elif state.goes == "fonts" and word in {"fcharset", "cpg"}:
            font = self._fonts.table.setdefault(state.font, Font())
            font.charset, font.page = (value, font.page) if word == "fcharset" else (font.charset, value)
        elif state.goes == "style" and word in {"outlinelevel", "sbasedon"}:
            style = self._sheet.setdefault(state.style, Style())
            if word == "sbasedon":
                style.based = value
            elif value < 9:
                style.outline = value + 1
        elif word == "ansicpg" and value:
            self._fonts.page = codec_of(value)
        elif word in {"mac", "pc"} and self._fonts.page == "cp1252":
            self._fonts.page = "mac_roman" if word == "mac" else "cp437"
        elif word == "deff":
            self._default = value
            self._state = replace(state, font=value)
        elif word in PROPERTIES:
            self._state = PROPERTIES[word](state, value, number is None or number != 0, self._default)


def _end_cell(reader: _Reader) -> None:
    reader.flow.end_cell()


def _end_row(reader: _Reader) -> None:
    reader.flow.end_row()


def _end_inner(reader: _Reader) -> None:
    """A cell or row of a table inside a cell: a line of that cell."""
    reader.flow.end_paragraph(0, 0, listed=False, in_table=True)


_BREAKS: Final[dict[str, Callable[[_Reader], None]]] = {
    "par": _Reader._end_paragraph,
    "sect": _Reader._end_paragraph,
    "cell": _end_cell,
    "row": _end_row,
    "nestcell": _end_inner,
    "nestrow": _end_inner,
}
