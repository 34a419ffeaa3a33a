"""What people write after a stop and before the next sentence: laughter, faces, emoji, numbers of notes."""

from __future__ import annotations

import re
from typing import Final

EMOJI: Final = "\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"
FACES: Final = "\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a"
MARKS: Final = "♪♫♬♡♥☆★❤"
_JOINERS: Final = "\u203c\u2049\ufe0f\u200d\u20e3\U000e0020-\U000e007f"
_NO_WORDS: Final = "^()（）\n\u3041-\u3096\u4e00-\u9fff\uac00-\ud7a3"
_FACE: Final = (
    f"[(（](?:[^\\w()（）\\s、。，．]{{2,10}}|_ ?_|[{_NO_WORDS}]{{0,6}}[\\^;；:_´`'｀ωдД∀▽﹏・･°゜><＞＜"
    "≧≦*TㅠㅜO￣—╥-]"
    f"[{_NO_WORDS}]{{0,8}})[)）][／/ノﾉシbdゞ♪☆]*"
)
LAUGH: Final = (
    "[(（](?:笑|泣|涙|汗|爆|怒|照|苦笑|爆笑|驚|謎|嬉|哭|笑哭|捂脸|狗头|偷笑|大笑|掩面"
    "|掌声|笑声|웃음|웃음소리|박수|일동 웃음"
    "|laughter|laughs|applause|cheers|sighs)[)）]"
)
_LETTERS: Final = (
    "[ㅋㅎㅠㅜㄷㅇ]{1,60}(?![가-힣])|\\^[_oO.-]?\\^[;ㅋ]*|[:;=]-?[)D(PpO3](?![A-Za-z0-9])|>[_.]?<|-[_.]-[;]*"
    "|[Tㅜㅠ][_.ㅁ]?[Tㅜㅠ]|ㅡ[._]?ㅡ[;]*|[oO][_.][oO]|草(?=\\s|$)"
    "|(?:orz|OTL|XD+|QAQ|QQ|lol|LOL|TT|zz+|w{1,30}|ｗ{1,30})(?![A-Za-z0-9])"
)
_NOTE: Final = "\\[(?:[\u4e00-\u9fff]{1,3}|OK|[0-9]{1,3}(?:[,–-][0-9]{1,3})?|[a-z]|[注註][ ]?[0-9]{0,2})\\]"
_MOST: Final = 40  # a longer row is no tail, and reading it again at each place would take for ever
_TAIL: Final = re.compile(
    f"(?:[ \t\u3000]*(?:[{EMOJI}{MARKS}{_JOINERS}～~〜]|{_FACE}|{LAUGH}|{_LETTERS}|{_NOTE})){{1,{_MOST}}}"
)
_FIRST: Final = re.compile(
    f"[ \t\u3000]?[{EMOJI}{MARKS}{_JOINERS}～~〜(（^:;=>TㅡㅋㅎㅠㅜㄷㅇoOQXLlzwｗ草\\[-]"
)


def after_tail(text: str, end: int) -> int:
    """The place after all that belongs to the sentence which ended at ``end``."""
    if not _FIRST.match(text, end):
        return end
    found = _TAIL.match(text, end)
    return found.end() if found else end
