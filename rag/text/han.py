"""One shape for the variants of a Chinese character, so that 臺灣 finds 台湾 and 図書館 finds 图书馆."""

from __future__ import annotations

from functools import cache

import opencc

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
