"""What stands at the head of a line or sentence: bullets, numbers, articles, names of speakers."""

from __future__ import annotations

import re
from typing import Final

_HAN: Final = "[一二三四五六七八九十]{1,3}"
_HANGUL: Final = "[가나다라마바사아자차카타파하]"
_NUMBER: Final = "[0-9０-９]{1,3}(?:[.．-][0-9０-９]{1,2}){0,4}"
_COUNT: Final = "[0-9０-９一二三四五六七八九十百千〇零两兩]{1,6}"
_SPACE: Final = "[ \t\u3000]*"
_NAME: Final = '[^\\s：:，,、。.！!？?「」“”"]'


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


ITEM: Final = re.compile(
    _SPACE
    + _any(
        "[-*+•‣◦・ㆍ●○◎■□◆◇▶▷▪▲△▼▽※★☆→⇒≫≪♪►✓✔☑>|①-⑳㉑-㉟⑴-⒇❶-❿➀-➓㉠-㉻\u2600-\u27bf\U0001f300-\U0001faff]",
        "#{1,6}[ ]|```|[—–]{1,2}[ ]?(?=\\S)",
        "[QAＱＡ][0-9０-９]{0,3}[ ]?[:：.．\u3000]",
        f"{_NUMBER}(?:[.)）、．][ ]*(?![0-9])|[ ]*\u3000)",
        f"[(（](?:[0-9０-９]{{1,3}}|{_HAN}|{_HANGUL}|[a-zA-Zア-ン])[)）]",
        f"{_HAN}[、.．)）\u3000]|{_HANGUL}[.)] |[a-zA-Z][)）.][ ]|[ア-ンイロハ]\u3000",
        f"第[ ]?{_COUNT}[ ]?[条條章节節編编款項项回篇部課课](?:[の之]{_HAN})?(?=[\\s（(【:：]|$)",
        "제[ ]?[0-9]{1,4}[ ]?[조장절항편관](?:의[0-9]+)?(?=[ (（:]|$)",
        "[\\[(]?[0-9]{1,2}[:：][0-9]{2}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日[ \u3000]",
        "[【\\[［〔＜≪≫][^】\\]］〕＞]{1,20}[】\\]］〕＞]",
        "[^\\s，。,.、]{1,8}(?:\u3000+|[ ]{2,})\\S",
    )
)
"""A line that begins so is a unit of its own."""

OWN_LINE: Final = re.compile(
    "[0-9:,. ]+-->|"
    + _SPACE
    + _any(
        "#{1,6}[ ]|[|]|```|[【■◆＜#][^。]{0,40}$",
        f"第{_COUNT}[章节節編编篇部課课]",
        "제[ ]?[0-9]{1,3}[ ]?[장절편관](?=[ ])",
    )
)
"""A line that begins so is not carried on in the next one."""

LABEL: Final = re.compile(f"{_SPACE}{_NAME}{{1,12}}(?:[ ]{_NAME}{{1,8}}){{0,2}}[ ]?[：:](?!//)|\\S{{1,14}}> ")
"""A name and a colon: 场所：一楼, 山田: 明日は？"""

ENUMERATOR: Final = re.compile(
    _any(
        f"[Ⅰ-ⅿ]|{_NUMBER}|[A-Za-zＡ-Ｚ]|[ivxIVX]{{1,4}}|{_HANGUL}|{_HAN}",
        "[QA][0-9]{1,3}|[문답][ ]?[0-9]{0,3}",
        "(?:Section|Article|Chapter|Part|Rule|Table|Figure|Fig|Step|Lesson|Clause|Unit) [0-9]{1,3}",
    )
)
"""What stands before the dot of a number at the head of a sentence."""
