"""English and what other languages write in Latin letters: dots that end no sentence."""

from __future__ import annotations

import re
from typing import Final

from rag.text.sentences.knowledge import Knowledge

_SAY: Final = (
    "(?:said|says|asked|asks|replied|answered|shouted|cried|whispered|muttered|added|called|yelled|exclaimed"
    "|explained|wondered|demanded|insisted|murmured|screamed|snapped|sighed|told|wrote|thought)"
)
_SHE: Final = "(?:[A-Z][\\w.'’-]*|(?:[Tt]he|[Mm]y|[Hh]is|[Hh]er)[ ]\\w+)"

KNOWLEDGE: Final = Knowledge(
    said="[ ]+[a-z]",
    attributed=f"[ ]{_SHE}(?:[ ][\\w'’-]+){{0,3}}?[ ]{_SAY}\\b",
    introduced="said|asked|replied|wrote|read",
    open_line=(
        "\\b(?:the|an?|of|to|in|and|or|for|with|by|on|at|that|is|are|was|were|from|as|but|its?|their|your|our)"
    ),
    loose_line="[A-Za-z0-9,]",
)

_NEVER: Final = re.compile(
    "mrs?|ms|dr|prof|vs|e\\.?g|i\\.?e|cf|viz|figs?|nos?|vol|pp?|eds?|gen|sen|rep|rev|gov|capt|lt|col|sgt|hon"
    "|messrs|mt|ft|rm|bldg|apt|ste|ext|tel|attn|approx|dept|est|ver|secs?|ch|chap|eqs?|ex|art|incl|resp|ca|al",
    re.IGNORECASE,
)
_SELDOM: Final = re.compile(
    "inc|ltd|co|corp|llc|st|rd|ave|blvd|ln|jr|sr|bros|ph\\.?d|m\\.?d|b\\.?a|m\\.?a|d\\.c|a\\.d|b\\.c"
    "|(?:[a-z]\\.)+[a-z]|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile("etc|[ap]\\.m", re.IGNORECASE)
_CAPITAL: Final = re.compile('[ \t\n]+["“(]?(?!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[A-Z]{2,4}\\b))[A-Z]')
_STARTER: Final = re.compile(
    "[ \t\n]+[\"“‘'(]?(?:"
    "The|An?|This|That|These|Those|He|She|It|We|They|You|I|There|Here|In|On|At|For|But|And|So|If"
    "|When|While|As|After|Before|Since|Although|However|His|Her|Its|Their|Our|My|Your|What|Why"
    "|How|Who|Where|No|Not|Nobody|Some|Most|Many|All|Each|Every|Please|Let|Then|Now|Today|Both"
    "|Everyone|Nothing|One|Two|By|With|From|To|Another"
    ")(?![A-Za-z.])"
)


def is_abbreviation(token: str, text: str, end: int) -> bool:
    """Whether the dot after the token belongs to it; ``end`` is the place after the dot.

    After ``U.S.`` or ``etc.`` a sentence ends where one of the words follows that begin most sentences.
    """
    if _NEVER.fullmatch(token):
        return not (token.lower() == "no" and _STARTER.match(text, end))
    if _CLOSING.fullmatch(token):
        return not _CAPITAL.match(text, end)
    if _SELDOM.fullmatch(token):
        return not _STARTER.match(text, end)
    if len(token) == 1 and token.isascii() and token.isupper():
        return not _STARTER.match(text, end)
    return False
