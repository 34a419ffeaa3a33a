"""Which language a text is in: by script first, then by which characters a language does not write."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from rag.types import Lang

_SAMPLE = 6_000
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e\uffa1-\uffdc]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_CHINESE = re.compile(
    "[是了这這们們他她吗嗎呢吧在也都很请請么麼为為与與和被把从從对對将將还還]|的(?!に|な|で|確)"
)


def detect(text: str, default: Lang = "und") -> Lang:
    """The language of the text: zh-Hans, zh-Hant, ja, ko, en, or ``default``.

    Kana make it Japanese and Hangul Korean unless they are only quoted; text in Chinese characters alone
    goes to the language whose character sets lack the fewest of them. A CJK text may carry foreign words.

    Args:
        text: any length; a long one is sampled at its beginning, middle and end.
        default: taken where the characters leave a choice that contains it, or where there is no letter.

    Example:
        >>> [detect(t) for t in ("数据库怎么配置", "資料庫怎麼設定", "東京駅", "설정 방법", "How to configure")]
        ['zh-Hans', 'zh-Hant', 'ja', 'ko', 'en']
    """
    sample = _sampled(text)
    han, kana, hangul = _HAN.findall(sample), len(_KANA.findall(sample)), len(_HANGUL.findall(sample))
    words = len(_WORD.findall(sample))
    total = len(han) + kana + hangul
    if not total:
        return "en" if words else default
    if words > total * (4 if len(sample) > 400 else 1):
        return "en"
    if hangul > kana and hangul * 4 >= len(han):
        return "ko"
    if kana and _is_japanese(sample, kana, total):
        return "ja"
    return _by_characters(han, default) if han else default


def _sampled(text: str) -> str:
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = len(text) // 2
    return text[:_SAMPLE] + text[middle : middle + _SAMPLE] + text[-_SAMPLE:]


def _is_japanese(sample: str, kana: int, total: int) -> bool:
    """Chinese text quotes Japanese names: kana count against the words only Chinese is written with."""
    if kana * 4 >= total:
        return True
    chinese = len(_CHINESE.findall(sample))
    return kana > 2 * chinese and kana * 20 >= total


def _by_characters(han: list[str], default: Lang) -> Lang:
    missing: dict[Lang, float] = {lang: 0.0 for lang in ("zh-Hans", "zh-Hant", "ja")}
    for lang, common in _repertoires().items():
        missing[lang] = sum(character not in common for character in han)
    least = min(missing.values())
    tied = [lang for lang, count in missing.items() if count == least]
    return default if default in tied else tied[0]


@cache
def _repertoires() -> dict[Lang, frozenset[str]]:
    """The characters of GB 2312, of Big5's common half, and of JIS X 0208's first level."""
    return {
        "zh-Hans": _decoded("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF)),
        "zh-Hant": _decoded("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
        "ja": _decoded("euc_jp", range(0xB0, 0xD0), range(0xA1, 0xFF)),
    }


def _decoded(codec: str, leads: range, trails: range | tuple[int, ...]) -> frozenset[str]:
    table = bytes(byte for pair in product(leads, trails) for byte in pair)
    return frozenset(_HAN.findall(table.decode(codec, "ignore")))
