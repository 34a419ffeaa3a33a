"""Sentence ends in Chinese, Japanese, Korean and English, by rules.

A stop with the quotes and brackets that close after it ends a sentence; one inside a quotation does not,
nor does the dot of a number, an address or an abbreviation. Lines are read as wrapped where they look it.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from rag.text.quotations import CLOSERS, quotations
from rag.types import Lang

_CANDIDATE = re.compile(
    f"(?P<stop>[。！？!?｡．.…‼⁇⁈⁉]+)[{re.escape(CLOSERS)}]*"
    "|(?P<line>\n)"
    "|(?:니다|니까|세요|네요|에요|예요|어요|아요|해요|까요|나요|군요|지요)(?=[ \t]+[^\\s])"
)
_WIDE_STOPS = frozenset("。！？｡‼⁇⁈⁉")
_CJK = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_IS_CJK = re.compile(f"[{_CJK}]")

# What follows a stop and carries the sentence on.
_COMMA = re.compile("[、，,；;：:・·～~％%]")
_AFTER_QUOTE = re.compile(
    "[とっのをがはもにへでやだ]|など|なん|です|か[、。]"  # particles after a Japanese quotation
    "|[ ]?이?(?:라고|라는|라며|라면|란[ ])|[ ]?(?:하고|하며|고)[ ]|[가-힣]"
    "|[的地之等和与與]|[一这這][词詞句语語话話]|[为為]"
    "|(?:[他她我你它][们們]?|[\u4e00-\u9fff]{2,3})[^，。！？\\s]{0,4}?[说說问問喊叫答道]道?[。，：；…]"
)
_VISIBLE = re.compile("\\S")
_LOWER = re.compile("[ \t]*[a-z]")
_CARRIED_POLITE = re.compile("[ \t]+(?:이?라고|이?라는|이?라며|하고|하며|하는|고|는|만)(?![가-힣])")

_ABBREVIATION = re.compile(
    "mr|mrs|ms|dr|prof|sr|jr|st|vs|etc|e\\.?g|i\\.?e|cf|al|figs?|nos?|vol|pp?|eds?|inc|ltd|co|corp|u\\.[sk]|[ap]\\.m"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|approx|dept|est|ver|sec|ch|eq",
    re.IGNORECASE,
)
_TOKEN = re.compile("[^\\s()（）「『“\"'，、。]*$")
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_LETTER = "[가나다라마바사아자차카타파하]"
_ENUMERATOR = re.compile(f"[0-9０-９]{{1,3}}|[A-Za-z]|[ivxIVX]{{1,4}}|{_LETTER}|{_NUMERAL}")
_ITEM = re.compile(
    "[ \t]*(?:[-*+•‣◦・●○■□◆◇▶▪※→|>「『“\u3000①-⑳㉑-㉟⑴-⒇]|#{1,6}[ ]|```|[QA][:：.]|[问問答][:：]"
    f"|[0-9０-９]{{1,3}}[.)）、．](?![0-9])|[(（](?:[0-9０-９]{{1,3}}|{_NUMERAL})[)）]"
    f"|{_NUMERAL}[、.．)）]|{_LETTER}\\.[ ]"
    "|第[0-9０-９一二三四五六七八九十百千〇]{1,6}[条條章节節編编款項项回篇]|제[ ]?[0-9]{1,4}[ ]?[조장절항편])"
)
_OWN_LINE = re.compile("[ \t]*(?:#{1,6}[ ]|[|]|```)")
_SHORT, _RAGGED, _UNWRAPPED = 30, 12, 160  # columns
_LONGEST_ROW = 4_000


def sentences(text: str, lang: Lang = "und") -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without outer white space, covering all that is not space.

    Args:
        text: as it was loaded; offsets are code points of it.
        lang: the language of the text; decides only where a rule of one language would hurt another.

    Example:
        >>> text = "彼は「もう行く。」と言った。3.14は円周率です！"
        >>> [text[start:end] for start, end in sentences(text, "ja")]
        ['彼は「もう行く。」と言った。', '3.14は円周率です！']
    """
    quoted = quotations(text)
    starts = [start for start, _ in quoted]
    spans: list[tuple[int, int]] = []
    begin = _after_space(text, 0)
    row = _row(text, begin)
    for found in _CANDIDATE.finditer(text):
        if found.start() < row:
            continue
        within = bisect_right(starts, found.start()) - 1
        quotation = quoted[within] if within >= 0 and found.start() < quoted[within][1] else None
        end = _end(text, found, quotation, begin, lang)
        if end > begin:
            spans.append((begin, begin + len(text[begin:end].rstrip())))
            begin = _after_space(text, end)
            row = _row(text, begin)
    if begin < len(text):
        spans.append((begin, begin + len(text[begin:].rstrip())))
    return spans


def _row(text: str, begin: int) -> int:
    """The end of the table row that begins here; ``begin`` where none does."""
    if not text.startswith("|", begin):
        return begin
    end = text.find("\n", begin, begin + _LONGEST_ROW)
    if end < 0:
        end = min(len(text), begin + _LONGEST_ROW)
    return end if text[begin + 1 : end].rstrip().endswith("|") else begin


def _after_space(text: str, place: int) -> int:
    found = _VISIBLE.search(text, place)
    return found.start() if found else len(text)


def _end(text: str, found: re.Match[str], quotation: tuple[int, int] | None, begin: int, lang: Lang) -> int:
    """Where the sentence ends at this candidate, -1 where it does not."""
    end = found.end()
    if found["line"]:
        return end if quotation is None and _ends_at_line(text, found.start()) else -1
    if found["stop"] is None:
        return end if quotation is None and _ends_politely(text, found, lang) else -1
    if quotation is not None:
        end = _closed(text, end, quotation)
        return end if end > 0 and _ends_with_quotation(text, end, quotation, begin) else -1
    return end if _ends_at_stop(text, found, begin, lang) else -1


def _closed(text: str, end: int, quotation: tuple[int, int]) -> int:
    """The place after the quotation if nothing but its closing stands between, else -1."""
    if quotation[1] > end and not text[end : quotation[1]].strip("\"'" + CLOSERS):
        end = quotation[1]
    return end if quotation[1] <= end else -1


def _ends_with_quotation(text: str, end: int, quotation: tuple[int, int], begin: int) -> bool:
    if _COMMA.match(text, end) or _AFTER_QUOTE.match(text, end) or _LOWER.match(text, end):
        return False
    opener, goes_on = text[quotation[0]], bool(text[end : end + 1].strip())
    if opener in "《〈【〔［[｛{〖":
        return not goes_on
    return opener not in "（(" or begin == quotation[0] or not goes_on


def _ends_at_stop(text: str, found: re.Match[str], begin: int, lang: Lang) -> bool:
    run, end = found["stop"], found.end()
    if _COMMA.match(text, end):
        return False
    if not _WIDE_STOPS.isdisjoint(run):
        return True
    after = text[end : end + 1]
    if "!" in run or "?" in run:
        return _ends_at_mark(text, found.start(), end, after)
    if "…" in run or len(run) > 1:
        return _ends_at_ellipsis(text, found.start(), end, after)
    return _ends_at_dot(text, found.start(), end, after, begin, lang)


def _ends_at_mark(text: str, start: int, end: int, after: str) -> bool:
    if after.isspace() or not after:
        return not _LOWER.match(text, end)
    if not _IS_CJK.match(after):
        return not (after.isalnum() or after in "_=&/.#-")
    return not text[max(0, start - 1) : start].isascii()


def _ends_at_ellipsis(text: str, start: int, end: int, after: str) -> bool:
    if not after or after == "\n":
        return True
    said = text[max(0, start - 1) : start] in "다요까죠"
    return after.isspace() and not _LOWER.match(text, end) and (said or text[start - 1 : start] < "가")


def _ends_at_dot(text: str, start: int, end: int, after: str, begin: int, lang: Lang) -> bool:
    before = text[max(0, start - 1) : start]
    if after and not after.isspace():
        return bool(_IS_CJK.match(after)) and bool(_IS_CJK.match(before) or before in CLOSERS)
    found = _TOKEN.search(text, max(begin, start - 24), start)
    token = found[0] if found else ""
    if _ABBREVIATION.fullmatch(token) or _LOWER.match(text, end):
        return False
    following = text[end : end + 8].lstrip()[:1]
    if token.isdigit() and (following.isdigit() or (lang == "ko" and len(token) <= 2)):
        return False
    if start - len(token) <= begin + 1 and _ENUMERATOR.fullmatch(token):
        return False
    return not (len(token) == 1 and token.isupper() and following.isupper())


def _ends_politely(text: str, found: re.Match[str], lang: Lang) -> bool:
    if lang not in ("ko", "und") or _CARRIED_POLITE.match(text, found.end()):
        return False
    if found[0] != "니까":
        return True
    before = text[found.start() - 1 : found.start()]
    return "가" <= before <= "힣" and (ord(before) - 0xAC00) % 28 == 17  # a closing ㅂ makes it a question


def _ends_at_line(text: str, place: int) -> bool:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    stop = text.find("\n", place + 1)
    following = text[place + 1 : stop if stop >= 0 else len(text)]
    if not following.strip() or not line.strip():
        return True
    if _ITEM.match(following) or _OWN_LINE.match(line):
        return True
    if line.rstrip()[-1] in "、，,；;":
        return False
    return _is_whole(text, place, line, following)


def _is_whole(text: str, place: int, line: str, following: str) -> bool:
    """Whether the line was ended by its writer, not wrapped at a margin."""
    width = _width(line)
    if width < _SHORT or width > _UNWRAPPED:
        return not (width < _SHORT and width > _SHORT / 2 and following[:1].islower())
    start = place - len(line)
    earlier = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
    return width + _RAGGED < max(_width(earlier), _width(following))


def _width(line: str) -> float:
    """Columns: two for a CJK character, one for a Latin one."""
    return (len(line) + len(line.encode("utf-8", "replace"))) / 2
