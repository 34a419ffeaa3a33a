"""Where something is quoted or bracketed: a stop in there does not end the sentence around it."""

from __future__ import annotations

import re

_PAIRS = "「」『』（）()【】《》〈〉“”‘’［］[]｛｝{}〔〕〖〗｢｣«»"
_OPENER = {_PAIRS[i + 1]: _PAIRS[i] for i in range(0, len(_PAIRS), 2)}
CLOSERS = "".join(_OPENER)
_BRACKET = re.compile(f'[{re.escape(_PAIRS)}"]|\n[ \t\u3000]*\n')
_LONGEST = 200
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
        elif mark == '"':
            _straight(stack, closed, text, place)
        elif mark in _OPENER:
            _close(stack, closed, _OPENER[mark], place)
        else:
            stack = [*stack[1 - _DEEPEST :], (mark, place)]
    return _outermost(closed)


def _straight(stack: list[tuple[str, int]], closed: list[tuple[int, int]], text: str, place: int) -> None:
    if any(mark == '"' for mark, _ in stack):
        _close(stack, closed, '"', place)
    elif place + 1 < len(text) and not text[place + 1].isspace():
        stack.append(('"', place))


def _close(stack: list[tuple[str, int]], closed: list[tuple[int, int]], opener: str, place: int) -> None:
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth][0] == opener:
            if place - stack[depth][1] < _LONGEST:
                closed.append((stack[depth][1], place + 1))
            del stack[depth:]
            return


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
