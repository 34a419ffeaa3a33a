"""What a question asks for, and which of its words only ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rag.text.analyse import kinds
from rag.types import Lang, Query

_CHINESE = re.compile(
    "请问|請問|什么|什麼|甚麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|为什么|為什麼|为何|為何|哪些|哪个|哪個"
    "|哪里|哪裡|哪儿|哪一|哪[位种種年月日天]?|谁|誰|多少|几|幾|何[时時处處人]|是否|是不是|有没有|有沒有"
    "|可以|可否|能否|能不能|吗|嗎|呢|[的了是在有于於之与與和及由被将將把?。,、]"
)
_ASKING: Mapping[Lang, re.Pattern[str]] = {
    "zh-Hans": _CHINESE,
    "zh-Hant": _CHINESE,
    "ja": re.compile(
        "何(?:です|でしょう|と(?:いう|言う|呼)|の|が|を|に|か|年|月|日|人|時)|なに|なん|誰|だれ|どこ"
        "|どの(?:よう|くらい)?|どれ(?:くらい)?|どう(?:して|やって)?|どんな|いつ|いくつ|いくら|なぜ|ですか"
        r"|ますか|でしょうか|ましたか|か(?=[?？\s]*$)|[はがをにでとのもへ?。、]"
    ),
    "ko": re.compile(
        "누구(?:인가|입니까|이며|의|를|가)?|언제(?:인가|입니까)?|어디(?:인가|에서|에|의|로)?"
        "|무엇(?:인가|입니까|을|이)?|무슨|어떤|어떻게|어느|왜|며칠|몇|얼마나?|인가요?|입니까|[합됩]니까|습니까|나요|까요|[?.,]"
    ),
    "en": re.compile(
        r"\b(?:what|which|who|whom|whose|when|where|why|how|many|much|is|are|was|were|be|been|do|does|did|can"
        r"|could|should|would|will|may|has|have|had|the|a|an|of|in|on|at|to|for|from|by|with|and|or|it|its"
        r"|this|that|there|i|you|we|my|your|one|get|please|tell|me|about|means?)\b|[?.,!']",
        re.IGNORECASE,
    ),
}


class _Kind(NamedTuple):
    """How a question of one kind is asked, and what a sentence that answers it shows."""

    asked: re.Pattern[str]
    shown: re.Pattern[str]
    figures: bool = False


_KINDS = (
    _Kind(
        re.compile(
            r"什么时候|什麼時候|甚麼時候|何[时時]|哪一?[年天日月]|[几幾](?:年|月|日|点|點|时|時)|哪[个個](?:年|月|朝|时|時)"
            r"|什[么麼][时時][间間]|いつ|何(?:年|月|日|時|世紀)|언제|몇\s*(?:년|월|일|시|세기)|며칠|연도|날짜|해는"
            r"|\bwhen\b|what (?:year|date|time|day)",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d|[一二三四五六七八九十〇]+[年月日世時时]|世[紀纪]|年代|曜日?|星期|[周週][一二三四五六日末]"
            r"|[毎每][天日周週月年]|요일|매[일주월년]|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
            r"|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
            r"|\b(?:daily|weekly|monthly|yearly)\b",
            re.IGNORECASE,
        ),
        figures=True,
    ),
    _Kind(
        re.compile(
            r"多少|[几幾][个個人名次种種岁歲]|多[大长長高远遠久深重快]|いくつ|いくら|何[人個回度歳件本枚種%割メキ点番]"
            r"|どのくらい|どれくらい|몇|며칠|얼마|how (?:many|much|long|far|old|often|high|deep)",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d|[一二三四五六七八九十百千万萬億亿兩两数數半]|(?<!\S)(?:두|세|네|한)(?=\s)"
            r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"
        ),
        figures=True,
    ),
    _Kind(
        re.compile(r"谁|誰|哪[位些个個]人|だれ|どなた|누구|인물|사람은|\bwho(?:m|se)?\b", re.IGNORECASE),
        re.compile(r"[A-Z][a-z]+ [A-Z]|氏|さん|씨|[・·]|先生|[ァ-ヶー]{3,}"),
    ),
    _Kind(
        re.compile(
            r"哪里|哪裡|哪儿|什[么麼]地方|哪[个個一](?:国家|國家|国|國|城|省|地)|何[处處]|位[于於]|どこ|어디|\bwhere\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"[省市县縣區区州国國島岛町村郡府于於]|に(?:ある|位置)|에서|에 (?:있|위치)|\b(?:in|at|on)\b"
        ),
    ),
    _Kind(
        re.compile(
            r"[为為]什[么麼]|[为為]何|为甚|原因|なぜ|どうして|理由|왜|이유|\bwhy\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"因|由[于於]|所以|[为為]了|ため|から|ので|때문|위해|의해|이유|\b(?:because|due|since|therefore)\b"
        ),
    ),
    _Kind(
        re.compile(r"什[么麼][颜顏]色|何色|무슨 색|어떤 색|what colou?r", re.IGNORECASE),
        re.compile(r"[红紅黄黃蓝藍绿綠白黑紫灰青赤]|색|\b(?:red|green|blue|white|black|yellow|gr[ae]y)\b"),
    ),
)
_WEIGHTS = {
    "words": 1.0,
    "pairs": 0.3,
    "han": 0.3,
    "syllables": 0.3,
    "tokens": 1.5,
    "parts": 0.5,
    "numbers": 0.5,
}
_NAME = re.compile(r"(?=.*\d)(?=.*[a-z])[!-~]+|\d{3,}")
_LATIN = re.compile(r"[a-z][!-~]+")
_FIGURES = re.compile(r"\d+")


def wanted(query: Query) -> dict[str, float]:
    """The terms of a question, each with its weight, without the words that only ask.

    Where nothing but such words is left, all of them count.

    Example:
        >>> wanted(Query("What does E03 mean?", "en"))
        {'e03': 1.5, 'e': 0.5, '03': 0.5}
    """
    asking = _ASKING.get(query.lang)
    kept = kinds(asking.sub(" ", query.text) if asking else query.text, query.lang)
    if not (kept.words or kept.tokens or kept.pairs):
        kept = kinds(query.text, query.lang)
    weights: dict[str, float] = {}
    for name, weight in _WEIGHTS.items():
        for term in getattr(kept, name):
            weights[term] = max(weight, weights.get(term, 0.0))
    return weights


def named(asked: Iterable[str], lang: Lang) -> frozenset[str]:
    """Of the terms of a question, those that read the same in any language.

    Letters with digits, figures of three digits and more, Latin words in a question in another script.

    Example:
        >>> sorted(named(["エラー", "e03", "e", "nas", "7"], "ja"))
        ['e03', 'nas']
    """
    latin = lang not in ("en", "und")
    return frozenset(term for term in asked if _NAME.fullmatch(term) or (latin and _LATIN.fullmatch(term)))


def shows(query: Query, sentence: str) -> float:
    """How far a sentence shows the kind of thing that is asked for (a date, a figure, a name...), 0 to 1.

    Figures that the question itself names do not count. 0 for a question of no kind.

    Example:
        >>> asked = Query("2024年に何人いましたか", "ja")
        >>> shows(asked, "2024年の調査です。"), shows(asked, "35人でした。")
        (0.0, 1.0)
    """
    kinds = [kind for kind in _KINDS if kind.asked.search(query.text)]
    if not kinds:
        return 0.0
    named = set(_FIGURES.findall(query.text))
    other = _FIGURES.sub(lambda found: "" if found[0] in named else found[0], sentence)
    return sum(bool(kind.shown.search(other if kind.figures else sentence)) for kind in kinds) / len(kinds)
