"""How likely bytes are as text of one code page: a mixture of character classes, one per page.

Every page gives each character a probability: that of its language (`rag.text.frequencies`) and a share in
the classes it belongs to, its level-1 set, its level-2 set and so on down to characters that hardly occur.
Being distributions over whole byte strings, the pages can be compared without further weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from rag.text.frequencies import HANS, HANT, JA, KO

_NEUTRAL = re.compile("(?<=[!-~]) +| +(?=[!-~])|(?<= ) +")
_ASCII = "".join(map(chr, range(33, 127)))
_HIRAGANA = "".join(map(chr, range(0x3041, 0x3094)))
_KATAKANA = "".join(map(chr, range(0x30A1, 0x30F7))) + "ー"
_HALF_KATAKANA = "".join(map(chr, range(0xFF61, 0xFFA0)))
_HALF_FREQUENT = "ﾝｰﾞﾟｲｽﾄﾙﾘﾗｸﾌｶﾀｼﾃｯｱｷｻｺﾏﾚﾛﾆﾐｮｭﾊﾋ"
_FULL_WIDTH = "".join(map(chr, range(0xFF10, 0xFF1A))) + "".join(map(chr, range(0xFF21, 0xFF5B)))
_CYRILLIC_GREEK = "".join(map(chr, (*range(0x391, 0x3CA), *range(0x410, 0x450))))
_PINYIN = "āáǎàōóǒòêēéěèīíǐìūúǔùüǘǚǜ"
_BOPOMOFO = "".join(map(chr, range(0x3105, 0x312A)))
_JAMO = "".join(map(chr, range(0x3131, 0x3164)))
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёОАНВСПКМТРИДБЕГЯЭЗУЛЧШФ"
_THAI = "านรอกเงมยลวดทส่ตะปบคั้หแจพชขใไีิึืุูโำ็์ถซณผศธภฟ"
_LATIN_1 = "éäöüàèßñáíóçêåøæúãõâîôœëïùûìòýðþÉÄÖÜÀÅØÑÇÓÁÍÚÆ¿¡ªº€"
_POLISH = "ąęółśżźćńĄĘÓŁŚŻŹĆŃ"
_CZECH = "íáéěščřžýůťďúňóôľäÍÁÉĚŠČŘŽÝŮŤĎÚĽ"
_HUNGARIAN = "éáőöíűüóúÁÉÖŐÜŰÓÚÍ"
_BALKAN = "ăâîșțşţđšćčžĂÂÎŞŢĐŠĆČŽ"
_TURKISH = "ıüşöğçİŞÇÖÜĞâî"
_GREEK = "αοιετνσρκπυςηλμάόίέωγδήθχφώβύξζψΑΕΟΤΚΠΣΜΔΗΛΝΙΓ"
_ARABIC = "اليمنرتوبةعدسفهكقحجشصطخأىذضثغزءئإظؤآ،"
_HEBREW = "יהולאתרבמנשםדקחפטגעסזצכןךץףס"
_VIETNAMESE = "\u0301\u0300\u0323\u0309\u0303đươâêôăĐÂƠƯÔÊéáàíóúèêìòùã₫"

_CANTONESE = "嘅係唔咗喺佢哋嗰嘢冇乜啲嚟噉咁啱嘥攞揾瞓攰靚仔嗌啩喎嘞囉咩啫㗎𠺢𠸎𨋢冚唥噃嗱"
_MARKS = "、。，．：；？！“”‘’（）《》〈〉「」『』【】—…·‧•～〜　％〔〕／﹐﹑﹒→←①②③④⑤■□◆◇○●★☆※×÷−–’"


_BIG5_TRAIL = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_TOUCHING = 3.0
_RUSSIAN_WORD = re.compile("[\u0401\u0410-\u044f\u0451]{2,}")
_RUSSIAN_LETTER = -4.0
LANGUAGE = 0.7
"""The share that the language has in the probability of a character; the rest is of its classes."""


@dataclass(frozen=True)
class Page:
    """One code page, the share of each class of its characters, and how often files are in it.

    ``alphabet`` marks the pages with a byte for each letter; letters that stand ``apart`` are not met in one
    word with Latin ones.
    """

    codec: str
    language: str
    classes: tuple[tuple[str, float], ...]
    space: float = 0.02
    rare: float = 2e-7
    prior: float = 0.0
    alphabet: bool = False
    apart: bool = False

    def score(self, text: str) -> float:
        """Log-likelihood of the decoded text; U+FFFD stands for bytes that are not of this page."""
        table, rare = _table(self), math.log(self.rare)
        text, russian = (text, 0) if self.alphabet else _without_russian(text)
        counts = Counter(_NEUTRAL.sub("\t", text))
        start = self.prior + _RUSSIAN_LETTER * russian
        if self.apart:
            start -= _TOUCHING * len(_BESIDE_LATIN.findall(text))
        return start + sum(
            count * (table[ch] if ch in table else _unlikely(ch, rare)) for ch, count in counts.items()
        )

    def mean(self, text: str) -> float:
        """Score of a character that is not ASCII; 0 where there is none."""
        table, rare = _table(self), math.log(self.rare)
        text, russian = (text, 0) if self.alphabet else _without_russian(text)
        counts = Counter(ch for ch in text if not ch.isascii())
        total = _RUSSIAN_LETTER * russian + sum(
            count * (table[ch] if ch in table else _unlikely(ch, rare)) for ch, count in counts.items()
        )
        return total / max(counts.total() + russian, 1)


def _without_russian(text: str) -> tuple[str, int]:
    """The text with one letter of each Russian word, and how many were left out; they are in every set."""
    shorter = _RUSSIAN_WORD.sub(lambda word: word[0][0], text)
    return shorter, len(text) - len(shorter)


@cache
def _table(page: Page) -> dict[str, float]:
    """Natural logarithm of the probability of each character."""
    shares: defaultdict[str, float] = defaultdict(float)
    for power, characters in enumerate(page.language.split("/"), 1):
        for character in characters:
            shares[character] += LANGUAGE * 2.0**-power
    for characters, share in (*page.classes, (_MARKS, 0.01), (_ASCII, 0.15)):
        found = set(characters)
        for character in found:
            shares[character] += share / len(found)
    shares |= {" ": page.space, **dict.fromkeys("\n\r\t\f", 0.005)}
    return {character: math.log(share) for character, share in shares.items() if share}


def _unlikely(ch: str, rare: float) -> float:
    point = ord(ch)
    if point < 0x20 or 0x7F <= point < 0xA0 or ch == "\ufffd":
        return -21.0
    if 0xE000 <= point < 0xF900 or point >= 0xF0000:
        return -19.0
    return rare


def _rows(
    codec: str, first: int, last: int, lead: int = 0xA0, trail: Iterable[int] = range(0xA1, 0xFF)
) -> str:
    """The characters of a double-byte set between two rows, both included."""
    return "".join(_decoded(codec, ((row + lead, low) for row in range(first, last + 1) for low in trail)))


def _decoded(codec: str, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    for pair in pairs:
        text = bytes(pair).decode(codec, "ignore")
        if len(text) == 1 and not text.isascii():
            yield text


_BIG5_TRAIL = (*range(0x40, 0x7F), *range(0xA1, 0xFF))


@cache
def pages() -> tuple[Page, ...]:
    """The candidates, the likeliest to be met first."""
    japanese = (
        (_HIRAGANA, 0.02),
        (_KATAKANA, 0.03),
        (_rows("euc_jp", 16, 47), 0.05),
        (_FULL_WIDTH, 0.01),
        (_rows("euc_jp", 48, 84), 0.004),
        (_rows("euc_jp", 1, 8), 0.003),
        (_rows("cp932", 0xFA, 0xFC, 0, range(0x40, 0xFD)), 0.0008),
        (_rows("cp932", 0x87, 0x87, 0, range(0x40, 0xFD)), 0.0008),
        (_HALF_KATAKANA, 0.0005),
    )
    simplified = (
        (_rows("gb2312", 16, 55), 0.06),
        (_rows("gb2312", 56, 87), 0.02),
        (_FULL_WIDTH, 0.005),
        (_HIRAGANA + _KATAKANA, 0.0005),
        (_PINYIN, 0.003),
        (_rows("gb2312", 1, 9), 0.003),
        (_rows("gbk", 0x81, 0xFE, 0, range(0x40, 0xFF)), 0.003),
    )
    traditional = (
        (_rows("big5", 0xA4, 0xC6, 0, _BIG5_TRAIL), 0.08),
        (_rows("big5", 0xC9, 0xF9, 0, _BIG5_TRAIL), 0.01),
        (_CANTONESE, 0.01),
        (_FULL_WIDTH, 0.005),
        (_BOPOMOFO, 0.001),
        (_HIRAGANA + _KATAKANA, 0.0003),
        (_rows("big5", 0xA1, 0xA3, 0, _BIG5_TRAIL), 0.003),
        (_rows("big5hkscs", 0x87, 0xFE, 0, _BIG5_TRAIL), 0.003),
    )
    korean = (
        (_rows("euc_kr", 16, 40), 0.08),
        (_JAMO, 0.004),
        (_rows("euc_kr", 42, 93), 0.015),
        (_rows("euc_kr", 1, 12), 0.003),
        (_rows("cp949", 0x81, 0xC6, 0, range(0x41, 0xFF)), 0.002),
    )
    half = ((_HALF_FREQUENT, 0.6), (_HALF_KATAKANA, 0.2), (_FULL_WIDTH, 0.01))
    return (
        Page("gb18030", HANS, simplified, prior=1.5),
        Page("cp950", HANT, traditional),
        Page("big5hkscs", HANT, traditional, prior=-5.0),
        Page("cp932", JA, japanese),
        Page("cp932", "", half, prior=-6.0),
        Page("euc_jp", JA, japanese),
        Page("cp949", KO, korean, space=0.15),
        Page("johab", KO, korean, space=0.15, prior=-4.0),
        *(
            Page(codec, "", _letters(ranked), prior=prior, alphabet=True, apart=ranked[0] > "\u0360")
            for codec, ranked, prior in _ALPHABETS
        ),
    )


_ALPHABETS = (
    ("cp1252", _LATIN_1, -4.0),
    ("cp1250", _POLISH, -7.0),
    ("cp1250", _CZECH, -7.0),
    ("cp1250", _HUNGARIAN, -7.0),
    ("cp1250", _BALKAN, -7.0),
    ("iso8859_2", _POLISH, -8.0),
    ("iso8859_2", _CZECH, -8.0),
    ("cp1254", _TURKISH, -8.0),
    ("cp1258", _VIETNAMESE, -9.0),
    ("cp1251", _RUSSIAN, -7.0),
    ("koi8_r", _RUSSIAN, -8.0),
    ("iso8859_5", _RUSSIAN, -9.0),
    ("cp866", _RUSSIAN, -9.0),
    ("cp874", _THAI, -8.0),
    ("cp1253", _GREEK, -9.0),
    ("cp1255", _HEBREW, -9.0),
    ("cp1256", _ARABIC, -9.0),
)
_BESIDE_LATIN = re.compile("[A-Za-z](?=[^\x00-\u02ff])|(?<=[^\x00-\u02ff])[A-Za-z]")


def _letters(ranked: str) -> tuple[tuple[str, float], ...]:
    """Letters of which the first are the most frequent; they are most of what is not ASCII."""
    return (ranked[:8], 0.4), (ranked[8:24], 0.25), (ranked, 0.1), ("’“”‘–—…«»„°·№©®\xa0", 0.1)


@cache
def wide() -> Page:
    """Any of the languages at once, to judge UTF-16 without a mark; it has no space of its own."""
    return Page(
        "utf-16",
        "",
        (
            *((language.replace("/", ""), 0.12) for language in (HANS, HANT, JA, KO)),
            (_HIRAGANA + _KATAKANA, 0.15),
            (_MARKS, 0.09),
            (_rows("euc_kr", 16, 40), 0.06),
            (_rows("big5", 0xA4, 0xC6, 0, _BIG5_TRAIL) + _rows("gb2312", 16, 87), 0.1),
            (_LATIN_1 + _CYRILLIC_GREEK + _FULL_WIDTH, 0.01),
        ),
        space=0.08,
        prior=-6.0,
    )


@cache
def letters() -> frozenset[str]:
    """The letters of the alphabets and of phonetic script, and the signs that stand among Latin letters."""
    ranked = "".join(ranked for _, ranked, _ in _ALPHABETS) + _PINYIN
    signs = "".join(map(chr, (*range(0xA0, 0xC0), 0xD7, 0xF7, *range(0x250, 0x370))))
    return frozenset(ranked + ranked.swapcase() + signs)


def evidence(text: str) -> int:
    """How many characters say something about the code page: those outside ASCII."""
    return sum(not ch.isascii() for ch in text)
