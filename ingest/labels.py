"""Names of encodings: what a label of the Web or of a codec means for the files that carry it."""

from __future__ import annotations

import codecs
from typing import Final

_SUPERSETS: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "cp950": "cp950",
    "big5hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "ascii": "cp1252",
}
_LABELS: Final = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "cp51932": "euc_jp",
    "eucjp-ms": "euc_jp",
    "eucjp-win": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "cp51949": "cp949",
    "x-johab": "johab",
    "x-gbk": "gb18030",
    "windows-936": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "x-x-big5": "cp950",
    "windows-950": "cp950",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "unicode": "utf-16",
}


def codec_of(label: str | None) -> str | None:
    """The Python codec for an encoding label of the Web, its superset where files mean that; or None.

    Example:
        >>> codec_of("x-sjis"), codec_of("GB2312"), codec_of("klingon")
        ('cp932', 'gb18030', None)
    """
    if not label:
        return None
    plain = label.strip().strip("\"'").lower()
    plain = _LABELS.get(plain, plain)
    try:
        codec = codecs.lookup(plain)
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(codec.name, codec.name) if codec._is_text_encoding else None
