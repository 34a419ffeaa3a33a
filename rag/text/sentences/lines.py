"""Whether a sentence ends with its line, or the line was only wrapped."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.text.quotations import CLOSERS
from rag.text.sentences.items import ITEM, LABEL, OWN_LINE
from rag.text.sentences.rules import Rules
from rag.text.sentences.tails import MARKS

_CLOSING: Final = re.compile("[ \t]*[、。，．,.！？!?」』）)】》〉’”：；:;…—]")
_CLOSERS: Final = frozenset(CLOSERS + "\"'")
_OPENING: Final = frozenset('「『“‘"｢«〝《〈')
_NAMED: Final = re.compile('["“「『][^"”」』\n]{1,30}["”」』][ ]?[:：]')
_FIRST_WORD: Final = re.compile(
    "[A-Za-z0-9가-힣_.,'\"()/-]{1,16}|[「『（“]?.[、。，．！？」』）”ゃゅょっぁぃぅぇぉャュョッァィゥェォーん々]*"
)
_STOP: Final = re.compile("[。！？｡．]|[.!?…](?=[\\s」』”’\"')）]|$)")
_COMMAS: Final = "、，,；;—–"
_SHORT, _SHORTEST = 30, 4  # columns
_VERSE: Final = 40
_SLACK: Final = 2
_UNWRAPPED: Final = 160
_AHEAD: Final = 8  # lines
_LONGEST: Final = 400
_NEAR: Final = 300


class Line(NamedTuple):
    """A line with those before and after it; "" where it is the first or the last of its paragraph."""

    before: str
    itself: str
    after: str


def ends_at_line(text: str, place: int, rules: Rules) -> bool:
    """Whether the sentence ends with the line whose end is at ``place``, where no stop is written."""
    if text.startswith("\n", place + 1):
        return True
    stop = text.find("\n", place + 1, place + _LONGEST)
    after = text[place + 1 : stop if stop >= 0 else place + _LONGEST]
    following = after.lstrip()
    if not following:
        return True
    start = text.rfind("\n", max(0, place - _LONGEST), place) + 1 or max(0, place - _LONGEST)
    itself = text[start:place].rstrip()
    if not itself or OWN_LINE.match(itself) or ITEM.match(after):
        return True
    told = _ends_by_marks(itself, after, following, rules)
    if told is not None:
        return told
    first = text.rfind("\n", max(0, start - _LONGEST), max(0, start - 1)) + 1
    line = Line(text[max(first, start - _LONGEST) : max(0, start - 1)], itself, after)
    if _is_labelled(text, place, line):
        return True
    if after.startswith(("  ", "\t")) and ITEM.match(itself):
        return False
    return _ends_unmarked(text, place, line, following, rules)


def _ends_by_marks(itself: str, after: str, following: str, rules: Rules) -> bool | None:
    """What the marks at the end of a line and at the head of the next one tell; None where nothing."""
    last, opens = itself[-1], following[0] in _OPENING
    if last in ";；" and _width(itself) >= _SHORT:
        return True
    if last in _COMMAS or _CLOSING.match(following):
        return False
    if last in "：:" and opens and not _NAMED.match(following):
        return False
    if last in _CLOSERS and (opens or rules.resumed.match(following)):
        return opens
    if last in "：:" or after[0] == "\u3000" or last in MARKS or last > "\U0001f2ff":
        return True
    return None


def _is_labelled(text: str, place: int, line: Line) -> bool:
    """Whether the next line is one of several that begin with a name: 场所：一楼."""
    if not LABEL.match(line.after):
        return LABEL.match(line.itself) is not None and LABEL.match(line.before) is not None
    if _width(line.itself) < _SHORT or LABEL.match(line.itself) or LABEL.match(line.before):
        return True
    later = place + 2 + len(line.after)
    return LABEL.match(text, later) is not None


def _ends_unmarked(text: str, place: int, line: Line, following: str, rules: Rules) -> bool:
    width = _width(line.itself)
    if width > _UNWRAPPED:
        return True
    tail = line.itself[-12:].rstrip("~～〜")
    if width < _SHORT:
        return _ends_short(text, place, line, following, width, tail, rules)
    return _ends_wide(text, place, line, following, width, tail, rules)


def _ends_wide(
    text: str, place: int, line: Line, following: str, width: float, tail: str, rules: Rules
) -> bool:
    first = following[0]
    if rules.open_line.search(tail) or (first.islower() and tail[-1:].isascii()):
        return False
    later = place + 1 + len(line.after)
    if _width(following) < _SHORT and not _STOP.search(following) and text[later + 1 : later + 2].strip():
        return True
    if rules.whole_line.search(tail) and not "ぁ" <= first <= "ん":
        return True
    if first in _OPENING and rules.loose_line.search(tail) and "ぁ" <= tail[-1:] <= "ん":
        return True
    if not _STOP.search("\n".join(_around(text, place))) and not _STOP.search(line.itself):
        return True
    word = _FIRST_WORD.match(following)
    room = max(_width(line.before), _width(line.after)) - width - _SLACK
    return room > (_width(word[0]) if word else 0)


def _ends_short(
    text: str, place: int, line: Line, following: str, width: float, tail: str, rules: Rules
) -> bool:
    latin = following[0].islower() and tail[-1:].isascii()
    if latin and (width > _SHORT / 2 or _stops_ahead(text, place, rules)):
        return False
    if rules.whole_line.search(tail) or following[0] in _OPENING or not _stops_ahead(text, place, rules):
        return True
    if _width(following) > 2 * _SHORT:
        return True
    if width >= _SHORTEST and rules.open_line.search(tail):
        return False
    if rules.final_line.search(tail) or not rules.loose_line.search(tail) or _width(following) > _VERSE:
        return True
    return not any(_is_wrapped(one, rules) for one in _around(text, place))


def _around(text: str, place: int) -> list[str]:
    """The three lines before the end of a line and the three after it, in the same paragraph."""
    earlier = text[max(0, place - _NEAR) : place].rpartition("\n\n")[2].split("\n")[-4:-1]
    return earlier + text[place + 1 : place + _NEAR].partition("\n\n")[0].split("\n")[:3]


def _is_wrapped(line: str, rules: Rules) -> bool:
    """Whether a short line plainly goes on in the next one."""
    line = line.rstrip()
    if not line or _width(line) >= _SHORT:
        return False
    return line[-1] in _COMMAS or (
        _width(line) >= _SHORTEST and rules.open_line.search(line[-12:]) is not None
    )


def _stops_ahead(text: str, place: int, rules: Rules) -> bool:
    """Whether one of the next lines of the paragraph ends as a sentence."""
    for _ in range(_AHEAD):
        stop = text.find("\n", place + 1, place + 1 + _LONGEST)
        line = text[place + 1 : stop if stop >= 0 else place + 1 + _LONGEST].rstrip()
        if not line or ITEM.match(line):
            return False
        if _STOP.search(line) or rules.polite_line.search(line[-12:]):
            return True
        if stop < 0:
            return False
        place = stop
    return False


def _width(line: str) -> float:
    """Columns: two for a CJK character, one for a Latin one."""
    return (len(line) + len(line.encode("utf-8", "replace"))) / 2
