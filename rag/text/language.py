"""Which language a text is in: by script first, then by which characters a language does not write."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from itertools import product
from typing import Final

from rag.text.frequencies import HANS, HANT, JA
from rag.types import Lang

_SAMPLE = 6_000
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e\uffa1-\uffdc]")
_HIRAGANA = re.compile("[\u3041-\u306d\u306f-\u3096]")  # not の: Chinese advertising writes it
_KATAKANA = re.compile("[\u306e\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_CJK = re.compile(f"[{''.join(one.pattern.strip('[]+') for one in (_HANGUL, _HIRAGANA, _KATAKANA, _HAN))}]")
_CHINESE = re.compile("[是了这這们們他她吗嗎呢吧在也很请請么麼与與被从從对對还還]|的(?![にな])")


_TABLES: Final[tuple[tuple[Lang, str], ...]] = (("zh-Hans", HANS), ("zh-Hant", HANT), ("ja", JA))
_UNLISTED: Final = -18.0
_START: Final[dict[Lang, float]] = {"zh-Hans": 8.0, "zh-Hant": 7.0}  # kana are seldom far in Japanese


def detect(text: str, default: Lang = "und") -> Lang:
    """The language of the text: zh-Hans, zh-Hant, ja, ko, en, or ``default``.

    Kana make it Japanese and Hangul Korean, unless the words only Chinese is written with outnumber them:
    then they are quoted. Text in Chinese characters alone goes to the language whose character set lacks
    the fewest of them, then to the one in which they are likeliest. A CJK text may carry foreign words.

    Args:
        text: any length; a long one is sampled at its beginning, middle and end.
        default: taken where the characters leave a choice that contains it, or where there is no letter.

    Example:
        >>> [detect(t) for t in ("数据库怎么配置", "資料庫怎麼設定", "東京駅", "설정 방법", "How to")]
        ['zh-Hans', 'zh-Hant', 'ja', 'ko', 'en']
    """
    sample = _sampled(text)
    if _has_only_its_own(sample, default):
        return default
    han, hangul = "".join(_HAN.findall(sample)), len(_HANGUL.findall(sample))
    hiragana, katakana = len(_HIRAGANA.findall(sample)), len(_KATAKANA.findall(sample))
    words, total = len(_WORD.findall(sample)), len(han) + hangul + hiragana + katakana
    if not total:
        return "en" if words else default
    if words > total * (4 if len(sample) > 400 else 1):
        return "en"
    chinese = len(_CHINESE.findall(sample)) if len(han) < total else 0
    if hangul > hiragana + katakana and (hangul * 2 >= len(han) or hangul > 6 * chinese):
        return "ko"
    if hiragana + katakana and (not chinese or hiragana + katakana / 4 > chinese):
        return "ja"
    return _by_characters(han, default)


def _has_only_its_own(sample: str, lang: Lang) -> bool:
    """Whether of all CJK characters there are only common ones of that script of Chinese; a quick look."""
    if not lang.startswith("zh"):
        return False
    found = set(sample)
    others = "".join(found - _repertoires()[lang][0])
    if len(others) == len(found) or _CJK.search(others):
        return False
    return not _WORD.search(others) or len(_WORD.findall(sample)) <= sum(map(len, _HAN.findall(sample)))


def _sampled(text: str) -> str:
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = len(text) // 2
    return text[:_SAMPLE] + text[middle : middle + _SAMPLE] + text[-_SAMPLE:]


def _by_characters(han: str, default: Lang) -> Lang:
    """The language that lacks the fewest of the characters; of several, that in which they are likeliest."""
    counts = Counter(han)
    missing = {
        lang: sum(counts[one] * (1 + (one not in rare)) for one in set(counts).difference(common))
        for lang, (common, rare) in _repertoires().items()
    }
    least = min(missing.values())
    tied = [lang for lang, lacks in missing.items() if lacks == least]
    if default in tied or len(tied) == 1:
        return default if default in tied else tied[0]
    return max(tied, key=lambda lang: _START.get(lang, 0.0) + _likelihood(counts, lang))


def _likelihood(counts: Counter[str], lang: Lang) -> float:
    shares = _shares()[lang]
    return sum(count * shares.get(character, _UNLISTED) for character, count in counts.items())


@cache
def _shares() -> dict[Lang, dict[str, float]]:
    """The logarithm to base 2 of the share of each character among the Chinese characters of a language."""
    told: dict[Lang, dict[str, float]] = {}
    for lang, table in _TABLES:
        bands = ["".join(_HAN.findall(characters)) for characters in table.split("/")]
        total = math.log2(sum(len(band) * 2.0**-power for power, band in enumerate(bands, 1)))
        told[lang] = {one: -power - total for power, band in enumerate(bands, 1) for one in band}
    return told


@cache
def _repertoires() -> dict[Lang, tuple[frozenset[str], frozenset[str]]]:
    """The common and the rare characters of each language.

    Rare Chinese characters that were never simplified look the same in both scripts, so the second level
    of Big5 counts for both.

    Source: GB 2312; the two levels of Big5; the two levels of JIS X 0208.
    """
    low, big5 = range(0xA1, 0xFF), (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    rare = _decoded("big5", range(0xC9, 0xFA), big5)
    return {
        "zh-Hans": (_decoded("gb2312", range(0xB0, 0xF8), low), rare),
        "zh-Hant": (_decoded("big5", range(0xA4, 0xC7), big5), rare),
        "ja": (_decoded("euc_jp", range(0xB0, 0xD0), low), _decoded("euc_jp", range(0xD0, 0xF5), low)),
    }


def _decoded(codec: str, leads: range, trails: range | tuple[int, ...]) -> frozenset[str]:
    table = bytes(byte for pair in product(leads, trails) for byte in pair)
    return frozenset("".join(_HAN.findall(table.decode(codec, "ignore"))))
