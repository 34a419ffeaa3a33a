"""What one language knows of where its sentences end, and the rules for a text put together of these."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Final, NamedTuple

from rag.text.sentences import chinese, english, japanese, korean
from rag.text.sentences.knowledge import Knowledge
from rag.types import Lang

_NOTHING: Final = "(?!)"
_KANA: Final = re.compile("[\u3041-\u30fa]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_KANA_OR_HAN: Final = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")
_SAMPLE: Final = 20_000
_KNOWN: Final[dict[str, tuple[Knowledge, ...]]] = {
    "zh": (chinese.KNOWLEDGE, japanese.KNOWLEDGE, korean.KNOWLEDGE, english.KNOWLEDGE),
    "ja": (japanese.KNOWLEDGE, korean.KNOWLEDGE, english.KNOWLEDGE),
    "ko": (korean.KNOWLEDGE, japanese.KNOWLEDGE, english.KNOWLEDGE),
    "en": (english.KNOWLEDGE, chinese.KNOWLEDGE, japanese.KNOWLEDGE, korean.KNOWLEDGE),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of a language and of those whose scripts it quotes, compiled; see ``Knowledge``."""

    lang: str
    said: re.Pattern[str]
    attributed: re.Pattern[str]
    answered: re.Pattern[str]
    carried: re.Pattern[str]
    wondered: re.Pattern[str]
    introduced: re.Pattern[str]
    resumed: re.Pattern[str]
    open_line: re.Pattern[str]
    loose_line: re.Pattern[str]
    polite_line: re.Pattern[str]
    whole_line: re.Pattern[str]
    final_line: re.Pattern[str]


class Passage(NamedTuple):
    """A text, where something is quoted in it (in order, apart), and the rules for it."""

    text: str
    quoted: list[tuple[int, int]]
    rules: Rules


def rules(lang: Lang, text: str) -> Rules:
    """The rules for a text; where its language is not known, its script tells Korean and Japanese."""
    return _compiled(_by_script(text[:_SAMPLE]) if lang == "und" else lang.partition("-")[0])


def _by_script(sample: str) -> str:
    hangul = len(_HANGUL.findall(sample))
    if hangul and hangul > len(_KANA_OR_HAN.findall(sample)):
        return "ko"
    return "ja" if _KANA.search(sample) else "zh"


@cache
def _compiled(lang: str) -> Rules:
    patterns = {
        field.name: "|".join(filter(None, (getattr(one, field.name) for one in _KNOWN[lang]))) or _NOTHING
        for field in fields(Knowledge)
    }
    patterns["whole_line"] += "|" + patterns["polite_line"]
    patterns["final_line"] += "|" + patterns["whole_line"]
    for name in ("introduced", "open_line", "loose_line", "polite_line", "whole_line", "final_line"):
        patterns[name] = f"(?:{patterns[name]})$"
    return Rules(lang, **{name: re.compile(pattern) for name, pattern in patterns.items()})
