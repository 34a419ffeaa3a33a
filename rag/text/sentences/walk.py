"""The walk over the places of a text where a sentence may end."""

from __future__ import annotations

import re
from typing import Final

from rag.text.quotations import CLOSERS, quotations
from rag.text.sentences.korean import AFTER_BARE, BARE, ends_barely
from rag.text.sentences.lines import ends_at_line
from rag.text.sentences.quoted import ends_between_quotations, ends_with_quotation, stands_alone
from rag.text.sentences.rules import Passage, rules
from rag.text.sentences.stops import end_at_stop
from rag.text.sentences.tails import FACES, MARKS, after_tail
from rag.types import Lang

_STOPS: Final = "。！？!?｡．.…‼⁇⁈⁉"
_LAUGH: Final = "[笑泣汗涙爆^;_´｀ω▽][)）]"
_MARK: Final = f"[{FACES}{MARKS}]"
_KINDS: Final = "|".join(  # each looks back at the first character, which is any of them
    (
        "(?<=\n)(?P<line>)",
        f"(?<=[{_STOPS}])(?P<stop>[{_STOPS}]*)[{re.escape(CLOSERS)}]*(?:[\"'](?=\\s|$))?",
        "(?<=[」』])(?P<close>(?=[「『\u4e00-\u9fff]))",
        f"(?<=[{BARE}])(?P<bare>{AFTER_BARE})",
        f"(?<={_MARK})(?P<mark>)",
        f"(?<={_LAUGH})(?P<laugh>)",
    )
)
_CANDIDATE: Final = re.compile(f"[{_STOPS}\n」』{BARE}{FACES}{MARKS})）](?:{_KINDS})")
"""Where a sentence may end; one set of first characters is what makes it fast."""
_VISIBLE: Final = re.compile("\\S")
_LONGEST_ROW: Final = 4_000
_SHORTEST_NOTE: Final = 6


def spans(text: str, lang: Lang) -> list[tuple[int, int]]:
    """The sentences of a text by rules; see ``rag.text.sentences.sentences``."""
    passage = Passage(text, quotations(text), rules(lang, text))
    quoted = passage.quoted
    found: list[tuple[int, int]] = []
    begin = _after_space(text, 0)
    row = _row(text, begin)
    at = 0
    for match in _CANDIDATE.finditer(text):
        place = match.start()
        if place < begin or place < row:
            continue
        while at < len(quoted) and quoted[at][1] <= place:
            at += 1
        end = _end(passage, match, at if at < len(quoted) and quoted[at][0] < place else -1, begin)
        while end > begin:
            found.append((begin, begin + len(text[begin:end].rstrip())))
            begin = _after_space(text, end)
            end = _note(passage, found[-1][1], begin, at)
            row = _row(text, begin)
    if begin < len(text):
        found.append((begin, begin + len(text[begin:].rstrip())))
    return found


def _row(text: str, begin: int) -> int:
    """The end of the table row that begins here; ``begin`` where none does."""
    if not text.startswith("|", begin):
        return begin
    end = text.find("\n", begin, begin + _LONGEST_ROW)
    if end < 0:
        end = min(len(text), begin + _LONGEST_ROW)
    return end if text[begin + 1 : end].rstrip().endswith("|") else begin


def _note(passage: Passage, end: int, begin: int, at: int) -> int:
    """The end of a bracketed note that stands by itself between two sentences of a line, -1 for none."""
    text, quoted = passage.text, passage.quoted
    if text[begin : begin + 1] not in ("(", "（") or "\n" in text[end:begin]:
        return -1
    while at < len(quoted) and quoted[at][0] < begin:
        at += 1
    if at == len(quoted) or quoted[at][0] > begin or quoted[at][1] - begin < _SHORTEST_NOTE:
        return -1
    return quoted[at][1] if stands_alone(text, quoted[at][1]) else -1


def _after_space(text: str, place: int) -> int:
    found = _VISIBLE.search(text, place)
    return found.start() if found else len(text)


def _end(passage: Passage, found: re.Match[str], at: int, begin: int) -> int:
    """Where the sentence ends at this candidate, which quotation ``at`` holds (-1 for none), or -1."""
    kind, end = found.lastgroup, found.end()
    if kind == "stop":
        return _end_at_stop(passage, found, at, begin)
    if kind in ("close", "laugh"):
        return _end_at_close(passage, found, at, begin)
    if at >= 0:
        return -1
    if kind == "line":
        return end if ends_at_line(passage.text, found.start(), passage.rules) else -1
    if kind == "mark":
        return _end_at_mark(passage, found.start(), end)
    end = after_tail(passage.text, end)
    return end if ends_barely(passage.text, found.start(), end) else -1


def _end_at_stop(passage: Passage, found: re.Match[str], at: int, begin: int) -> int:
    text, end = passage.text, found.end()
    if at < 0:
        return end_at_stop(passage, found.start(), end, begin)
    close = passage.quoted[at][1]
    if close > end and text[end:close].strip("\"'>＞" + CLOSERS):
        return -1  # more is said before the quotation closes
    end = max(end, close)
    return after_tail(text, end) if ends_with_quotation(passage, end, at, begin) else -1


def _end_at_close(passage: Passage, found: re.Match[str], at: int, begin: int) -> int:
    end = found.end()
    if at < 0 or passage.quoted[at][1] != end:
        return -1
    if found.lastgroup == "laugh":
        return _end_at_mark(passage, passage.quoted[at][0], end)
    return end if ends_between_quotations(passage, at, begin) else -1


def _end_at_mark(passage: Passage, start: int, end: int) -> int:
    """The end of a sentence that closes with laughter or a face in place of a stop, or -1."""
    text, rules = passage.text, passage.rules
    end = after_tail(text, end)
    after = text[end : end + 1]
    if not (after in " \u3000「『“" or after.isalnum()) or not after:
        return -1
    if rules.said.match(text, end) or rules.carried.match(text, end):
        return -1
    return end if rules.final_line.search(text[max(0, start - 12) : start].rstrip()) else -1
