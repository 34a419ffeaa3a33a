"""One shape for the variants of a Chinese character, so that 臺灣 finds 台湾 and 図書館 finds 图书馆."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import opencc

# Characters of different words that have one simplified form; those of one word stand together.
_WORDS = (
    "乾|幹榦 係|繫 儘|盡 匯滙|彙 別|彆 歷歴厤|曆暦 噁|惡悪 噹|當 團団|糰 壇|罈壜罎墰 彌|瀰 復|複 懞|濛|矇"
    " 擺|襬 朮|術 檯|臺|颱 盪|蕩 獲|穫 發発|髮髪 簽|籤 縴|纖繊 臟臓|髒 衚|鬍 鐘|鍾 須|鬚 沖|衝 滷|鹵 囌|蘇"
)
APART: Final[Mapping[str, str]] = MappingProxyType(
    {one: words[0] for group in _WORDS.split() for words in group.split("|") for one in words}
)
"""The word of a character that `simplify` makes one with a character of another word: 發 and 髮."""

_HAN = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))


def simplify(text: str) -> str:
    """Each character by itself in its simplified Chinese form, Japanese forms too; the length stays.

    For matching only: 乾 and 干 become one, which a reader must never see.

    Source: the character tables of OpenCC (jp2t, then t2s).

    Example:
        >>> simplify("資料庫"), simplify("図書館の発行")
        ('资料库', '图书馆の发行')
    """
    return text if text.isascii() else text.translate(_table())


@cache
def _table() -> dict[int, str]:
    lines = "\n".join(_HAN)
    for config in ("jp2t", "t2s"):
        lines = opencc.OpenCC(config).convert(lines)
    return {
        ord(character): simple
        for character, simple in zip(_HAN, lines.split("\n"), strict=True)
        if simple != character and len(simple) == 1
    }
