"""Texts as quotations are compared: folded, without white space, each letter knowing where it stands."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.text.han import APART, simplify
from rag.text.normalise import normalise

# One to one, before folding: all quotation marks are one mark, dashes as long as a letter one dash.
_SAME = str.maketrans(
    {
        **dict.fromkeys("「」『』｢｣﹁﹂﹃﹄“”„‟〝〞〟«»‹›‘’‚‛ʼ＇'＂", '"'),
        **dict.fromkeys("―─━⸺⸻", "—"),
        "⋯": "…",
    }
)
# NFKC would make 102 of 10², x2 of x² and 21/2 of 2½; in the private use area they stay what they are.
_RAISED = re.compile("(?<=[0-9A-LN-Za-ln-z０-９])[²³¹⁰⁴-⁹]+|(?<=[0-9０-９])[₀-₉¼-¾⅐-⅞↉①-⓿❶-➓㉑-㉟㊱-㊿]+")
_PRIVATE = 0x100000

_NONE = "."
_SHORT = 8_192  # characters; of longer texts fewer are remembered
_LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"
_WIDE = re.compile('[\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"]')
_WESTERN = re.compile("[0-9a-z\u00df-\u024f\u0370-\u052f]{2}")

# In each of these the first and the last group count for nothing.
_REPEATED = re.compile(r"(?<=[—―─━⸺⸻])([—―─━⸺⸻]+)()|(?<=[…⋯])([…⋯]+)()|(?<=\.\.\.)(\.+)()")
_MARKUP = (
    re.compile(r"(?<![0-9*])(\*{2,3})(?=[^\s*])[^\n]*?[^\s*](\1)(?!\*)"),
    re.compile(r"(?<=[0-9])(\*\*)(?=[^\n*]*[^\x00-\x7f])[^\n*]*[^\s*](\*\*)(?!\*)"),
    re.compile(r"(?<![0-9A-Za-z*])(\*)(?=[^\s*])[^\n]*?[^\s*](\*)(?![0-9A-Za-z*])"),
    re.compile(r"(?<!`)(`++)[^`\n]+(\1)(?!`)"),
    re.compile(r"(\[)[^\[\]\n]+(\]\([^()\s]*\))"),
    re.compile(r"(\\)[!-/:-@\[-`{-~]()"),
    re.compile(r"(?<=[A-Za-z])([-\u2010]\n[ \t]*)(?=[a-z])()"),
)
_MARKED = re.compile(r"[*`\[\\]|[-\u2010]\n|[\u30a1-\u30fc][\u2010-\u2013\u2212\uff0d]")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\uff0d", "-"))


class Compared:
    r"""A text's letters as they are compared.

    ``gaps[i]`` is what stands before letter ``i``: `_NONE`, a space or a line end. ``begins[i]`` is where
    in the text a stretch begins that has letter ``i`` first, ``ends[i]`` where one ends that has it last;
    -1 where half a character would be cut off. ``words`` tells apart the letters that only look the same.
    """

    __slots__ = ("begins", "ends", "gaps", "letters", "words")

    def __init__(self, text: str, hidden: frozenset[int]) -> None:
        """What stands at the ``hidden`` places of the text is passed over."""
        folded, offsets = normalise(_RAISED.sub(_private, text.translate(_SAME)))
        kept: list[str] = []
        gaps: list[str] = []
        self.begins = array("i")
        self.ends = array("i")
        self.words: dict[int, str] = {}
        gap = _NONE
        for place, letter in enumerate(simplify(folded)):
            if offsets[place] in hidden:
                continue
            if letter.isspace():
                gap = "\n" if letter in _LINE_ENDS or gap == "\n" else " "
                continue
            if folded[place] in APART:
                self.words[len(kept)] = APART[folded[place]]
            repeats = letter == "々" and kept
            kept.append(kept[-1] if repeats else letter)
            gaps.append(gap)
            self.begins.append(-1 if repeats else _edge(offsets, place - 1, place))
            self.ends.append(_edge(offsets, place, place + 1))
            gap = _NONE
        self.letters = "".join(kept)
        self.gaps = "".join(gaps)

    def places(self, quote: Compared, begin: int = 0) -> Iterator[tuple[int, int]]:
        """The stretches of this text, from ``begin`` on, that read as the quotation, in order."""
        size = len(quote.letters)
        at = self.letters.find(quote.letters) if size else -1
        while at >= 0:
            start, end = self.begins[at], self.ends[at + size - 1]
            if begin <= start < end and self._spaced_as(quote, at) and self._means_as(quote, at):
                yield start, end
            at = self.letters.find(quote.letters, at + 1)

    def _spaced_as(self, quote: Compared, at: int) -> bool:
        return all(
            gap == self.gaps[at + place]
            or _may_differ({gap, self.gaps[at + place]}, quote.letters[place - 1 : place + 1])
            for place, gap in enumerate(quote.gaps)
            if place
        )

    def _means_as(self, quote: Compared, at: int) -> bool:
        return all(self.words.get(at + place, word) == word for place, word in quote.words.items())


def compared(text: str) -> Compared:
    """The text for comparison: width, case, script, marks of quotation and invisible characters aside."""
    return (_short if len(text) <= _SHORT else _long)(text, text, (_REPEATED,))


def bare(text: str) -> Compared:
    """As `compared`, without emphasis, code marks and links of Markdown and hyphens at line ends.

    A dash behind katakana is a dash here, where `compared` may take it for a long vowel.
    """
    if not _MARKED.search(text):
        return compared(text)
    return (_short if len(text) <= _SHORT else _long)(text, text.translate(_DASHES), (_REPEATED, *_MARKUP))


def _made(text: str, read: str, passed_over: tuple[re.Pattern[str], ...]) -> Compared:
    return Compared(read, _hidden(text, passed_over))


_short, _long = lru_cache(1024)(_made), lru_cache(16)(_made)


def plain(text: str) -> str:
    """The text without emphasis, code marks and links of Markdown.

    Example:
        >>> plain("年假为**七天**，见[手册](a.md)")
        '年假为七天，见手册'
    """
    hidden = _hidden(text, _MARKUP) if _MARKED.search(text) else ()
    return "".join(letter for place, letter in enumerate(text) if place not in hidden)


def _hidden(text: str, patterns: Sequence[re.Pattern[str]]) -> frozenset[int]:
    return frozenset(
        place
        for pattern in patterns
        for found in pattern.finditer(text)
        for group in range(1, pattern.groups + 1)
        for place in range(*found.span(group))
    )


def _private(found: re.Match[str]) -> str:
    return "".join(chr(_PRIVATE + ord(character)) for character in found[0])


def _edge(offsets: Sequence[int], left: int, right: int) -> int:
    """The place in the text between two folded letters, -1 where both came from one character."""
    return offsets[right] if left < 0 or offsets[left] != offsets[right] else -1


def _may_differ(gaps: set[str], around: str) -> bool:
    """Whether white space matters little there: beside wide characters, and where lines end."""
    if _WIDE.search(around):
        return True
    return "\n" in gaps and not (_NONE in gaps and _WESTERN.match(around))
