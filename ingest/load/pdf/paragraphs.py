"""Lines to paragraphs: by the structure the file tells, else by gaps, indents and lines that end early."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from statistics import median

from ingest.load.pdf.lines import BLANK, WIDE, Line

_STEP = 14.0  # half a centimetre
_ALIKE = 1.6  # type sizes by which the lines of a column may end apart
_ENDED = re.compile(r"[。．.！？!?：:；;…][」』）)”’】〕》〉\"']*$")
_MARKED = re.compile(
    r"[•●○◎■□◆◇▪▫‣▶▷➢✓※★☆]|[・·*\-–—]\s|[①-⑳㉠-㉻❶-❿]|[（(]?(?:\d{1,3}|[a-zA-Z]|[ivxⅠ-ⅻ]{1,4})[)）]|"
    r"\d{1,3}(?:[.．]\d{1,3}){0,3}[.．、]?[\s\u3000]|(?:\d{1,3}|[a-zA-Z])[.．、](?!\d)|"
    r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|[가나다라마바사아자차카타파하][.)]\s|"
    r"第[一二三四五六七八九十百千〇零\d０-９]{1,7}[編章節款条條节款项項]|제\s?\d{1,4}\s?[편장절관조항]"
)
_STRONG = re.compile(
    r"[•●○◎■□◆◇▪▫‣▶▷➢✓]|第[一二三四五六七八九十百千〇零\d０-９]{1,7}[編章節条條节]|제\s?\d{1,4}\s?[편장절조]"
)
_UNBROKEN = re.compile(
    "[（「『《〈【“‘]*(?:[!-~]+|.)[、。，．,.!?！？：；:;）)」』】〕》〉”’…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ]*"
)
_WORD = re.compile(r"\S+")


BULLET = re.compile(r"[•●○◎■□◆◇▪▫‣▶▷➢✓]|[・·*\-–—]\s|[①-⑳㉠-㉻❶-❿]|[（(]?(?:\d{1,3}|[a-zA-Z])[)）.．]\s?\D")
ONLY_BULLETS = re.compile(r"[\s•●○◎■□◆◇▪▫‣▶▷➢✓・·]+")


def marked(text: str) -> bool:
    """Whether a line begins as an item of a list does."""
    return bool(_MARKED.match(text))


@dataclass(frozen=True)
class Edges:
    """The columns of a document: how far lines of its body reach, and where two or more of them begin."""

    reach: dict[tuple[bool, int], float]
    begins: frozenset[tuple[bool, int]]

    def of(self, line: Line) -> float:
        """Where the column of a line ends."""
        return max(line.reach, self.reach.get((line.vertical, round(line.begin / _STEP)), 0.0))

    def set_in(self, line: Line) -> bool:
        """Whether a line begins a little further in than others do."""
        least, most = math.ceil(line.begin - 2.6 * line.size), math.floor(line.begin - 0.7 * line.size)
        return any((line.vertical, place) in self.begins for place in range(least, most + 1))


def edges(pages: Sequence[Sequence[Line]], body: float) -> Edges:
    """The columns that the lines of the body make."""
    ends: dict[tuple[bool, int], list[float]] = {}
    begins: Counter[tuple[bool, int]] = Counter()
    for line in chain.from_iterable(pages):
        if abs(line.size - body) < 0.15 * body:
            ends.setdefault((line.vertical, round(line.begin / _STEP)), []).append(line.reach)
            begins[line.vertical, round(line.begin)] += 1
    reach = {key: _common_reach(_near(ends, key), body) for key in ends}
    return Edges(reach, frozenset(key for key, count in begins.items() if count > 1))


def _near(ends: Mapping[tuple[bool, int], list[float]], key: tuple[bool, int]) -> list[float]:
    """Where the lines end that begin about where those of the key do, the farthest first."""
    vertical, place = key
    near = (ends.get((vertical, one), []) for one in range(place - 4, place + 5))
    return sorted(chain.from_iterable(near), reverse=True)


def _common_reach(ends: Sequence[float], body: float) -> float:
    """The farthest end that more than a few lines share; a long address may stand out of the column."""
    needed = min(max(2, len(ends) // 8), 4)
    for number, end in enumerate(ends):
        if sum(end - one < _ALIKE * body for one in islice(ends, number, number + needed)) == needed:
            return end
    return ends[0]


def paragraphs(lines: Sequence[Line], body: float, columns: Edges) -> list[list[Line]]:
    """The paragraphs of a page, in the order of its lines."""
    trusted = _well_tagged(lines)
    usual = _usual_gap(lines, body)
    found: list[list[Line]] = []
    for line in lines:
        if found and not _parts(found[-1], line, lines, usual, columns, trusted=trusted):
            found[-1].append(line)
        else:
            found.append([line])
    return _over_columns(found, columns)


def _well_tagged(lines: Sequence[Line]) -> bool:
    """Whether the file tells its paragraphs: most lines are tagged, and not with one tag for all."""
    tagged = [line.tag for line in lines if line.tag is not None]
    return len(tagged) > 0.5 * len(lines) and (len(set(tagged)) > 1 or len(tagged) < 12)


def _usual_gap(lines: Sequence[Line], body: float) -> float:
    pairs = [(one, two) for one, two in pairwise(lines) if abs(one.size - two.size) < 0.1 * one.size]
    gaps = [two.across - one.across for one, two in pairs if 0 < two.across - one.across < 4 * body]
    return median(gaps) if gaps else 0.0


def _parts(
    paragraph: Sequence[Line],
    line: Line,
    page: Sequence[Line],
    usual: float,
    columns: Edges,
    *,
    trusted: bool,
) -> bool:
    """Whether a new paragraph begins with the line."""
    last = paragraph[-1]
    if trusted and (last.tag or line.tag):
        return last.tag != line.tag
    if _apart(last, line, usual):
        return True
    indent, size = line.begin - last.begin, line.size
    item = marked(line.text)
    if _short(last, line, columns.of(last)) or (item and _STRONG.match(line.text)):
        return True
    if _MARKED.match(paragraph[0].text) and not item:
        return indent < (-0.7 if len(paragraph) > 1 or _ENDED.search(last.words) else -2.2) * size
    if indent > 0.7 * size:
        return True
    if not _ENDED.search(last.words):
        return False
    if item and abs(indent) > 0.4 * size:
        return True
    return len(paragraph) == 1 and abs(indent) < 0.3 * size and _indented(line, page)


def _indented(line: Line, page: Sequence[Line]) -> bool:
    """Whether the line is set in, measured by lines of the same kind right around it."""
    near = [
        one.begin
        for one in page
        if one.vertical == line.vertical
        and abs(one.size - line.size) < 0.1 * line.size
        and 0.7 * line.size < line.begin - one.begin < 2.6 * line.size
        and abs(one.before - line.before) < 8 * line.size
    ]
    return bool(near)


def _apart(line: Line, following: Line, usual: float) -> bool:
    """Whether the type, the column or the distance changes between two lines."""
    if line.vertical != following.vertical or abs(following.size - line.size) > 0.1 * line.size:
        return True
    gap = following.across - line.across
    if line.bold != following.bold and len(line.text) > 1 and len(following.text) > 1:
        return True
    wider = 1.15 * usual if _ENDED.search(line.words) else 1.3 * usual
    return gap <= 0 or gap > max(wider, 1.15 * line.size) or abs(following.begin - line.begin) > 4 * line.size


def _short(line: Line, following: Line, reach: float) -> bool:
    """Whether the line ends where the first word of the next had still found room."""
    return reach - line.reach > _first_word(following) + 0.6 * line.size


def _first_word(line: Line) -> float:
    """The length of what cannot be broken at the start of a line, with some room for a wide character."""
    shown = [char for char in line.chars if char[0] not in BLANK]
    wide = WIDE.match(line.words)
    found = _UNBROKEN.match(line.words) if wide else _WORD.match(line.words)
    last = shown[min(found.end() if found else 1, len(shown)) - 1]
    return (last[4] if line.vertical else last[3]) - line.begin + (0.6 * line.size if wide else 0.0)


def _over_columns(found: Sequence[list[Line]], columns: Edges) -> list[list[Line]]:
    """Join what the end of a column had cut."""
    joined: list[list[Line]] = []
    for paragraph in found:
        last = joined[-1][-1] if joined else paragraph[0]
        if joined and paragraph[0].across < last.across and goes_on(joined[-1], paragraph, columns):
            joined[-1] = [*joined[-1], *paragraph]
        else:
            joined.append(paragraph)
    return joined


def goes_on(before: Sequence[Line], paragraph: Sequence[Line], columns: Edges) -> bool:
    """Whether a paragraph is the rest of the one that the end of a column or page had cut."""
    last, line = before[-1], paragraph[0]
    if (
        last.vertical != line.vertical
        or abs(last.size - line.size) > 0.05 * last.size
        or last.bold != line.bold
    ):
        return False
    if (last.tag and line.tag and last.tag.kind != line.tag.kind) or _MARKED.match(line.text):
        return False
    if last.reach < columns.of(last) - 1.7 * last.size and _short(last, line, columns.of(last)):
        return False
    return not _ENDED.search(last.words) or (columns.set_in(before[0]) and not columns.set_in(line))
