"""Where something is quoted or bracketed: a stop in there does not end the sentence around it."""

from __future__ import annotations

import re

_PAIRS = "「」『』（）()【】《》〈〉“”‘’［］[]｛｝{}〔〕〖〗｢｣«»＜＞〝〟"
_OPENER = {_PAIRS[i + 1]: _PAIRS[i] for i in range(0, len(_PAIRS), 2)}
CLOSERS = "".join(_OPENER)
_APOSTROPHE = "’"
_PLAIN = re.escape(_PAIRS.replace(_APOSTROPHE, ""))
_BRACKET = re.compile(  # one set of first characters: that is what makes it fast
    f'[{re.escape(_PAIRS)}"\'<\n](?:(?<=\n)[ \t\u3000]*\n|(?<=[{_PLAIN}])|(?<=")(?<![0-9]")'
    "|(?<=’)(?:(?<![A-Za-z]’)|(?![A-Za-z]))|(?<=')(?:(?<![^\\s(（「“]')(?=\\S)|(?<=\\S')(?![A-Za-z0-9]))"
    "|(?<=<)[^\\s<>][^<>\n]{0,58}>)"
)
_SAID = re.compile("이?라[고는며면]|고[ ]|하[고며]")
"""What Korean writes right after a quotation."""
_LONGEST = 200
_LONGEST_SINGLE = 100  # an apostrophe is seldom a quotation mark
_DEEPEST = 16


def quotations(text: str) -> list[tuple[int, int]]:
    """Spans from an opening quote or bracket to its closing one, outermost first, not overlapping.

    A pair stays within a paragraph and within 200 characters: a longer quotation is read as sentences of
    its own, and a bracket that nothing closes is no quotation.

    Example:
        >>> quotations("彼は「行く。（嘘。）」と言った）")
        [(2, 11)]
    """
    closed: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    for found in _BRACKET.finditer(text):
        mark, place = found[0], found.start()
        if mark[0] == "\n":
            stack.clear()
        elif mark in "\"'":
            _straight(stack, closed, text, place)
        elif mark[0] == "<":
            closed.append(found.span())
        elif mark in _OPENER:
            _close(stack, closed, _OPENER[mark], place)
        else:
            stack = [*stack[1 - _DEEPEST :], (mark, place)]
    return _outermost(closed)


def _straight(stack: list[tuple[str, int]], closed: list[tuple[int, int]], text: str, place: int) -> None:
    """A mark that opens and closes: what stands beside it tells which, else whether one is open."""
    mark, after = text[place], text[place + 1 : place + 2]
    said = _SAID.match(text, place + 1) is not None
    opens = mark == '"' and after.strip() != "" and not text[place - 1 : place].strip() and not said
    is_open = any(opener == mark and place - start < _longest(mark) for opener, start in stack)
    if is_open and not opens:
        _close(stack, closed, mark, place)
    elif after.strip() and not said:
        stack.append((mark, place))


def _close(stack: list[tuple[str, int]], closed: list[tuple[int, int]], opener: str, place: int) -> None:
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth][0] == opener:
            if place - stack[depth][1] < _longest(opener):
                closed.append((stack[depth][1], place + 1))
            del stack[depth:]
            return


def _longest(opener: str) -> int:
    return _LONGEST_SINGLE if opener == "'" else _LONGEST


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
