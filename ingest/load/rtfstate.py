"""What control words of RTF mean: where text goes, what holds for the groups it is in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

NEVER: Final = frozenset(
    re.findall(
        r"\w+",
        """colortbl header headerl headerr headerf footer footerl footerr footerf pict ftnsep ftnsepc ftncn
        aftnsep aftnsepc aftncn annotation nonesttables shprslt mmathPict xe tc txe rxe nonshppict background
        template private revtbl rsidtbl filetbl listtable listoverridetable generator themedata datastore
        sp colorschememapping latentstyles fchars lchars""",
    )
)
KEPT: Final = frozenset(("moMath", "moMathPara"))
ASIDE: Final = frozenset(("footnote", "shptxt", "dptxbxtext"))
DATES: Final = frozenset(("creatim", "revtim"))
PROPERTY: Final = frozenset(("title", "author"))
AROUND: Final = frozenset(("shpinst", "do", "object", "info"))
GOES: Final = {
    "fonttbl": "fonts",
    "stylesheet": "style",
    "fldinst": "code",
    "fldrslt": "body",
    "result": "body",
    "listtext": "label",
    "pntext": "label",
}


@dataclass(slots=True)
class Field:
    """A field: its code, and whether a result was shown."""

    code: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What holds for a group, and is as before when it ends."""

    goes: str = "body"  # body, nowhere, or what the text of the group is: fonts, style, code, label, title
    font: int = 0
    wide: int | None = None
    mode: str = ""
    uc: int = 1
    unseen: bool = False
    style: int = 0
    outline: int = 0
    listed: bool = False
    in_table: bool = False
    both: str = ""  # inside \upr: where the Unicode half of the text goes
    field: Field | None = None
    ends: str = ""  # what ends with the group: a field, a flow

    def writes_as(self, other: State) -> bool:
        """Whether text of this group may stand in one run with that of another."""
        return (
            self.goes == other.goes
            and self.font == other.font
            and self.unseen == other.unseen
            and self.field is other.field
            and (self.style == other.style or self.goes != "style")
        )


@dataclass(slots=True)
class Style:
    """A style of the sheet: its name, its outline level from 1, the style it is based on."""

    name: str = ""
    outline: int = 0
    based: int = -1


Change: TypeAlias = Callable[[State, int, bool, int], State]


def _mode(mode: str) -> Change:
    return lambda state, value, on, default: replace(state, mode=mode)


PROPERTIES: Final[dict[str, Change]] = {
    # of the state: the number, whether it is not 0, the default font
    "f": lambda state, value, on, default: replace(state, font=value),
    "af": lambda state, value, on, default: replace(
        state, wide=value if state.mode == "dbch" else state.wide
    ),
    "uc": lambda state, value, on, default: replace(state, uc=min(max(value, 0), 9)),
    "v": lambda state, value, on, default: replace(state, unseen=on),
    "deleted": lambda state, value, on, default: replace(state, unseen=on),
    "plain": lambda state, value, on, default: replace(state, font=default, unseen=False, mode="", wide=None),
    "s": lambda state, value, on, default: replace(state, style=value),
    "outlinelevel": lambda state, value, on, default: replace(state, outline=value + 1 if value < 9 else 0),
    "ls": lambda state, value, on, default: replace(state, listed=value > 0),
    "intbl": lambda state, value, on, default: replace(state, in_table=True),
    "itap": lambda state, value, on, default: replace(state, in_table=value > 0),
    "pard": lambda state, value, on, default: replace(
        state, style=0, outline=0, listed=False, in_table=False
    ),
    **{mode: _mode(mode) for mode in ("loch", "hich", "dbch", "rtlch", "ltrch")},
}
