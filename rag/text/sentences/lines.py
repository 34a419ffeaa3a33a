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
_LAST_LETTER: Final = "\U0001f2ff"
"""What is above it is an emoji."""
_SHORTEST, _SHORT, _VERSE, _UNWRAPPED = 4, 30, 40, 160
"""Columns of a line: that can be a clause; that nobody wraps; of verse; that no editor would wrap."""
_SLACK: Final = 2
_AHEAD: Final = 8  # lines
_LONGEST, _NEAR, _TAIL = 400, 300, 12
"""Characters: of a line as far as it is read, of the lines around it, of the end of a line."""


class _Break(NamedTuple):
    """A line end within a paragraph: the lines around it, "" for none, and its place in the text."""

    text: str
    place: int
    before: str
    itself: str
    after: str
    rules: Rules

    @property
    def following(self) -> str:
        """What is written on the next line."""
        return self.after.lstrip()

    @property
    def tail(self) -> str:
        """The last characters of the line, without those that prolong its last word."""
        return self.itself[-_TAIL:].rstrip("~～〜")


def ends_at_line(text: str, place: int, rules: Rules) -> bool:
    """Whether the sentence ends with the line whose end is at ``place``, where no stop is written."""
    if text.startswith("\n", place + 1):
        return True
    found = _break(text, place, rules)
    if not (found.itself and found.following) or OWN_LINE.match(found.itself) or ITEM.match(found.after):
        return True
    told = _told_by_marks(found)
    if told is not None:
        return told
    if _is_labelled(found):
        return True
    if found.after.startswith(("  ", "\t")) and ITEM.match(found.itself):
        return False
    width = _width(found.itself)
    if width > _UNWRAPPED:
        return True
    return _ends_short(found, width) if width < _SHORT else _ends_wide(found, width)


def _break(text: str, place: int, rules: Rules) -> _Break:
    stop = text.find("\n", place + 1, place + _LONGEST)
    start = text.rfind("\n", max(0, place - _LONGEST), place) + 1 or max(0, place - _LONGEST)
    first = text.rfind("\n", max(0, start - _LONGEST), max(0, start - 1)) + 1
    return _Break(
        text,
        place,
        text[max(first, start - _LONGEST) : max(0, start - 1)],
        text[start:place].rstrip(),
        text[place + 1 : stop if stop >= 0 else place + _LONGEST],
        rules,
    )


def _told_by_marks(one: _Break) -> bool | None:
    """What the marks at the end of a line and at the head of the next one tell; None where nothing."""
    last, following = one.itself[-1], one.following
    opens = following[0] in _OPENING
    if last in ";；" and _width(one.itself) >= _SHORT:
        return True
    if last in _COMMAS or _CLOSING.match(following):
        return False
    if last in "：:" and opens and not _NAMED.match(following):
        return False
    if last in _CLOSERS and (opens or one.rules.resumed.match(following)):
        return opens
    if last in "：:" or one.after[0] == "\u3000" or last in MARKS or last > _LAST_LETTER:
        return True
    return None


def _is_labelled(one: _Break) -> bool:
    """Whether the next line is one of several that begin with a name: 场所：一楼."""
    labelled = LABEL.match(one.itself) is not None
    if not LABEL.match(one.after):
        return labelled and LABEL.match(one.before) is not None
    if _width(one.itself) < _SHORT or labelled or LABEL.match(one.before):
        return True
    return LABEL.match(one.text, one.place + 2 + len(one.after)) is not None


def _goes_on_in_latin(one: _Break) -> bool:
    return one.following[0].islower() and one.tail[-1:].isascii()


def _ends_wide(one: _Break, width: float) -> bool:
    """Whether a line ends that is long enough to have been wrapped."""
    rules, tail, first = one.rules, one.tail, one.following[0]
    if rules.open_line.search(tail) or _goes_on_in_latin(one):
        return False
    if _is_before_heading(one) or (rules.whole_line.search(tail) and not "ぁ" <= first <= "ん"):
        return True
    if first in _OPENING and rules.loose_line.search(tail) and "ぁ" <= tail[-1:] <= "ん":
        return True
    if not _STOP.search("\n".join(_around(one.text, one.place))) and not _STOP.search(one.itself):
        return True
    return _has_room(one, width)


def _is_before_heading(one: _Break) -> bool:
    """Whether the next line is short, without a stop, and text follows it."""
    if _width(one.following) >= _SHORT or _STOP.search(one.following):
        return False
    later = one.place + 1 + len(one.after)
    return one.text[later + 1 : later + 2].strip() != ""


def _has_room(one: _Break, width: float) -> bool:
    """Whether the first word of the next line would have fitted: then nobody wrapped here."""
    word = _FIRST_WORD.match(one.following)
    room = max(_width(one.before), _width(one.after)) - width - _SLACK
    return room > (_width(word[0]) if word else 0)


def _ends_short(one: _Break, width: float) -> bool:
    """Whether a short line ends: a heading, a line of verse, of a chat, of subtitles."""
    rules, tail, following = one.rules, one.tail, one.following
    ahead = _stops_ahead(one.text, one.place, rules)
    if _goes_on_in_latin(one) and (width > _SHORT / 2 or ahead):
        return False
    if rules.whole_line.search(tail) or following[0] in _OPENING or not ahead:
        return True
    if _width(following) > 2 * _SHORT:
        return True
    if width >= _SHORTEST and rules.open_line.search(tail):
        return False
    if rules.final_line.search(tail) or not rules.loose_line.search(tail) or _width(following) > _VERSE:
        return True
    return not any(_is_wrapped(line, rules) for line in _around(one.text, one.place))


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
        _width(line) >= _SHORTEST and rules.open_line.search(line[-_TAIL:]) is not None
    )


def _stops_ahead(text: str, place: int, rules: Rules) -> bool:
    """Whether one of the next lines of the paragraph ends as a sentence."""
    for _ in range(_AHEAD):
        stop = text.find("\n", place + 1, place + 1 + _LONGEST)
        line = text[place + 1 : stop if stop >= 0 else place + 1 + _LONGEST].rstrip()
        if not line or ITEM.match(line):
            return False
        if _STOP.search(line) or rules.polite_line.search(line[-_TAIL:]):
            return True
        if stop < 0:
            return False
        place = stop
    return False


def _width(line: str) -> float:
    """Columns: two for a CJK character, one for a Latin one."""
    return (len(line) + len(line.encode("utf-8", "replace"))) / 2
