"""Replies of language models made up from real documents: honest, in other spellings, altered, invented.

Everything is drawn with a seed; what is altered is sure to stand in none of the passages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from rag.text.han import simplify
from rag.types import Lang
from tests.answer.quotable import Passage, passages, quotable

INVENTED: dict[Lang, tuple[str, ...]] = {
    "zh-Hans": (
        "所有员工每周五下午可以提前两小时下班",
        "公司为员工的父母购买补充医疗保险",
        "系统默认使用量子加密通道",
        "午餐补贴标准为每天三十五元",
    ),
    "zh-Hant": (
        "會員生日當月可獲贈兩張電影票",
        "停車場提供免費的電動車充電服務",
        "本館設有兒童遊戲室與餐廳",
        "逾時未取的商品將捐贈慈善團體",
    ),
    "ja": (
        "社員食堂の利用料金は無料とする",
        "製品には五年間の延長保証が付きます",
        "会議は英語で行うものとする",
        "駐車場は先着順で割り当てられる",
    ),
    "ko": (
        "모든 직원에게 점심 식사를 무료로 제공한다",
        "매장은 연중무휴로 24시간 운영합니다",
        "신입 사원은 석 달 동안 재택근무를 한다",
        "배송비는 회사가 전액 부담한다",
    ),
    "en": (
        "All staff receive a company car after one year",
        "Visitors may park free of charge on weekends",
        "The warranty is extended to ten years for members",
        "Data is stored in three countries at once",
    ),
}

LEAD: dict[Lang, str] = {
    "zh-Hans": "根据文档，",
    "zh-Hant": "文件寫道：",
    "ja": "規程によれば、",
    "ko": "문서에 따르면 ",
    "en": "According to the document, ",
}
SAID: dict[Lang, str] = {
    "zh-Hans": "的规定",
    "zh-Hant": "的規定",
    "ja": "とある",
    "ko": "라고 되어 있다",
    "en": " as stated",
}


# --- the same words in another spelling


def _outer(text: str) -> str:
    return text.translate(str.maketrans("「」『』“”", "『』「」‘’"))


def _variants(text: str) -> str:
    """Each Chinese character in another shape that simplifies to the same, where there is one."""
    return "".join(_SHAPES.get(simplify(one), one) if simplify(one) == one else simplify(one) for one in text)


_SHAPES = {
    simplify(one): one
    for one in "員權規費園圖書館會議過經轉讓張偉發個為點與兩國際開時間學語說請證號體價錢車門電話飲資訊應導師"
}


def _sprinkled(text: str, rng: Random) -> str:
    place = rng.randrange(1, len(text))
    return text[:place] + rng.choice("\u200b\u2060\ufeff\u00ad\u200c") + text[place:]


def _wrapped(text: str, rng: Random) -> str:
    """A line end where a line may end: for a space, or between wide characters."""
    places = [
        at
        for at in range(1, len(text) - 1)
        if text[at].isspace()
        or (
            text[at] not in "ゝゞ々ー"
            and text[at - 1] > "\u2e7f"
            and text[at] > "\u2e7f"
            and not text[at].isspace()
        )
    ]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + "\n" + text[at + text[at].isspace() :]


def _wide(text: str) -> str:
    return "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" and one not in "*`\"'[]" else one for one in text
    )


def _halfwidth(text: str) -> str:
    return "".join(_HALF.get(one, one) for one in text)


_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}

SPELLINGS: dict[str, Callable[[str, Random], str]] = {
    "as it is": lambda text, rng: text,
    "other script": lambda text, rng: _variants(text),
    "full width": lambda text, rng: _wide(text),
    "half width": lambda text, rng: _halfwidth(unicodedata.normalize("NFC", text)),
    "upper case": lambda text, rng: text.upper(),
    "decomposed": lambda text, rng: unicodedata.normalize("NFD", text),
    "composed": lambda text, rng: unicodedata.normalize("NFC", text),
    "invisible": _sprinkled,
    "wrapped": _wrapped,
    "more space": lambda text, rng: text.replace(" ", "  ").replace("\n", " \n"),
    "unwrapped": lambda text, rng: re.sub(r"(?<=[^\x00-\x7f가-힣])\n", "", text).replace("\n", " "),
    "other marks": lambda text, rng: _outer(text),
    "other dashes": lambda text, rng: text.replace("-", "\u2011").replace("–", "—").replace("——", "—"),
    "written out": lambda text, rng: (
        text.replace("こゝろ", "こころ").replace("㌔", "キロ").replace("日々", "日日")
    ),
    "emphasised": lambda text, rng: (
        f"{text[:3]}**{text[3:6]}**{text[6:]}" if text[2:7].isalnum() and not text.isascii() else text
    ),
    "own stop": lambda text, rng: re.sub(r"[，,；;]$", "。", text),
}


# --- altered

_NUMERALS = "一二三四五六七八九十"
_LOOKALIKES = [
    "はば",
    "かが",
    "つっ",
    "ーー一",
    "ロ口",
    "カ力",
    "ニ二",
    "未末",
    "己已",
    "日曰",
    "土士",
    "人入",
    "0O",
    "1l",
    "大太",
    "千干",
    "ぬめ",
]


def _other(letter: str, rng: Random, letters: str) -> str:
    """A letter of the same kind."""
    if letter.isdigit() and letter.isascii():
        return rng.choice([one for one in "0123456789" if one != letter])
    if letter in _NUMERALS:
        return rng.choice([one for one in _NUMERALS if one != letter])
    near = [one for pair in _LOOKALIKES if letter in pair for one in pair if one != letter]
    if near and rng.random() < 0.5:
        return rng.choice(near)
    if letter.isascii():
        return rng.choice([one for one in "abcdefghijklmnopqrstuvwxyz" if one != letter.lower()])
    kind = unicodedata.name(letter, "?").split()[0]
    alike = [one for one in letters if unicodedata.name(one, "?").split()[0] == kind and one != letter]
    return rng.choice(alike or "永")


def _letter_places(text: str) -> list[int]:
    return [place for place, one in enumerate(text) if one.isalnum()]


def _substituted(text: str, rng: Random, passage: Passage) -> str:
    place = rng.choice(_letter_places(text))
    return text[:place] + _other(text[place], rng, _letters(passage)) + text[place + 1 :]


def _inserted(text: str, rng: Random, passage: Passage) -> str:
    place = rng.randrange(1, len(text))
    return text[:place] + rng.choice(_letters(passage)) + text[place:]


def _deleted(text: str, rng: Random, passage: Passage) -> str:
    place = rng.choice(_letter_places(text)[1:-1])
    return text[:place] + text[place + 1 :]


def _swapped(text: str, rng: Random, passage: Passage) -> str:
    places = [at for at in _letter_places(text)[:-1] if text[at + 1].isalnum() and text[at] != text[at + 1]]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _refigured(text: str, rng: Random, passage: Passage) -> str:
    places = [at for at, one in enumerate(text) if one in _NUMERALS or one.isdigit()]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + _other(unicodedata.normalize("NFKC", text[at]), rng, "") + text[at + 1 :]


_NEGATION = re.compile("不|没有|未|无|無|ない|ません|않|못|없| not|cannot|never|Never")
_NEGATIONS: dict[Lang, str] = {"zh-Hans": "不", "zh-Hant": "未", "ja": "不", "ko": "안 ", "en": "not "}


def _negated(text: str, rng: Random, passage: Passage) -> str:
    """A negation dropped, or, where there is none, one put in."""
    found = [one for one in _NEGATION.finditer(text) if one.start() > 0 and one.end() < len(text)]
    if found:
        one = rng.choice(found)
        return text[: one.start()] + text[one.end() :]
    places = [
        at for at in _letter_places(text)[1:] if passage.lang not in ("ko", "en") or text[at - 1] == " "
    ]
    at = rng.choice(places or [1])
    return text[:at] + _NEGATIONS[passage.lang] + text[at:]


def _reordered(text: str, rng: Random, passage: Passage) -> str:
    parts = re.split(r"(?<=[，、；,;]) ?|(?<= )", text.rstrip("。.!?"))
    if len(parts) < 2:
        middle = len(text) // 2
        parts = [text[:middle], text[middle:].rstrip("。")]
    return "".join((*parts[1:], parts[0]))


def _joined(text: str, rng: Random, passage: Passage) -> str:
    other, _ = rng.choice(quotable(passage))
    return text[: max(4, len(text) // 2)] + other[len(other) // 2 :]


def _joined_the_wrong_way_round(text: str, rng: Random, passage: Passage) -> str:
    middle = len(text) // 2
    return f"{text[middle:]}{rng.choice(['……', '…', '...', '（中略）'])}{text[:middle]}"


def _half_invented(text: str, rng: Random, passage: Passage) -> str:
    return f"{text}{rng.choice(['……', '，', ' '])}{rng.choice(INVENTED[passage.lang])}"


def _invented(text: str, rng: Random, passage: Passage) -> str:
    return rng.choice(INVENTED[passage.lang])


@cache
def _letters(passage: Passage) -> str:
    found = {one for hit in passage.ranking for one in hit.chunk.text if one.isalpha() and not one.isascii()}
    return "".join(sorted(found)) or "abcdefghijklmnopqrstuvwxyz"


ALTERATIONS: dict[str, Callable[[str, Random, Passage], str]] = {
    "substituted": _substituted,
    "inserted": _inserted,
    "deleted": _deleted,
    "swapped": _swapped,
    "another figure": _refigured,
    "negated": _negated,
    "reordered": _reordered,
    "joined": _joined,
    "joined the wrong way round": _joined_the_wrong_way_round,
    "half invented": _half_invented,
    "invented": _invented,
}


# --- the replies around them


def _block(quote: str) -> str:
    return "\n".join(f"> {line}" for line in quote.split("\n"))


STYLES: dict[str, Callable[[str, int, Lang], str]] = {
    "curly": lambda q, n, lang: f"{LEAD[lang]}“{q}”[{n}]",
    "curly, mark apart": lambda q, n, lang: f"{LEAD[lang]}“{q}” [{n}]。",
    "corner": lambda q, n, lang: f"{LEAD[lang]}「{q}」[{n}]。",
    "double corner": lambda q, n, lang: f"{LEAD[lang]}『{q}』【{n}】",
    "straight": lambda q, n, lang: f'{LEAD[lang]}"{q}" [{n}].',
    "single": lambda q, n, lang: f"{LEAD[lang]}‘{q}’［{n}］",
    "straight single": lambda q, n, lang: f"{LEAD[lang]}'{q}' [{n}]",
    "guillemets": lambda q, n, lang: f"«{q}»[{n}]",
    "said behind": lambda q, n, lang: f"“{q}”{SAID[lang]}[{n}]。",
    "mark inside": lambda q, n, lang: f"{LEAD[lang]}“{q}[{n}]”",
    "mark first": lambda q, n, lang: f"[{n}] “{q}”",
    "several marks": lambda q, n, lang: f"“{q}”[{n}][{n + 1}]",
    "one group": lambda q, n, lang: f"“{q}”【{n}、9】",
    "wrong mark": lambda q, n, lang: f"“{q}”[{n + 1}]",
    "no mark": lambda q, n, lang: f"{LEAD[lang]}“{q}”。",
    "bold": lambda q, n, lang: f"**{LEAD[lang]}**「**{q}**」[{n}]",
    "list": lambda q, n, lang: f"- “{q}”[{n}]\n- 1",
    "block": lambda q, n, lang: f"{LEAD[lang]}\n\n{_block(q)} [{n}]",
    "block, mark below": lambda q, n, lang: f"{_block(q)}\n\n[{n}]\n",
    "block, quoted": lambda q, n, lang: _block(f"“{q}”[{n}]"),
    "block, credited": lambda q, n, lang: f"{_block(q)}\n> — 《a.md》[{n}]",
    "block, no mark": lambda q, n, lang: f"{LEAD[lang]}\n\n{_block(q)}\n",
    "block, labelled": lambda q, n, lang: f"> **{LEAD[lang]}**\n{_block(q)}[{n}]",
    "two pairs": lambda q, n, lang: f"{LEAD[lang]}「“{q}”」[{n}]",
    "in a table": lambda q, n, lang: f"| a | “{q}” [{n}] |\n|---|---|",
    "a range": lambda q, n, lang: f"“{q}”[{n}-{n + 1}]",
    "in parentheses": lambda q, n, lang: f"{LEAD[lang]}（“{q}”）（[{n}]）",
    "source named": lambda q, n, lang: f"“{q}”[来源{n}]",
}


@dataclass(frozen=True)
class Reply:
    text: str
    quote: str
    original: str
    number: int
    how: str
    style: str
    passage: Passage


def honest(count: int, seed: int = 1) -> Iterator[Reply]:
    """Replies that quote a passage to the letter or in another spelling, in any style of quoting."""
    return _replies(
        count, seed, [(name, _spelt(change)) for name, change in SPELLINGS.items()], altered=False
    )


def altered(count: int, seed: int = 2) -> Iterator[Reply]:
    """Replies whose quotation stands in no passage, in any style of quoting."""
    return _replies(count, seed, list(ALTERATIONS.items()), altered=True)


def _spelt(change: Callable[[str, Random], str]) -> Callable[[str, Random, Passage], str]:
    return lambda text, rng, passage: change(text, rng)


def _replies(count: int, seed: int, changes: list, *, altered: bool) -> Iterator[Reply]:
    rng = Random(seed)
    made = 0
    while made < count:
        passage = rng.choice(passages())
        original, number = rng.choice(quotable(passage))
        how, change = rng.choice(changes)
        style = rng.choice(list(STYLES))
        quote = change(original, rng, passage).strip()
        if passage.holds(quote) == altered or not _sayable(quote, style):
            continue
        made += 1
        yield Reply(STYLES[style](quote, number, passage.lang), quote, original, number, how, style, passage)


_OWN_MARKS = {"straight": '"', "straight single": "'", "single": "‘’'", "bold": "*\n", "guillemets": "«»"}


def _sayable(quote: str, style: str) -> bool:
    """Whether the marks of that style can stand around the words."""
    unpaired = re.sub("“[^“”]*”|「[^「」]*」|『[^『』]*』|‘[^‘’]*’", "", quote)
    clash = any(one in quote for one in _OWN_MARKS.get(style, ""))
    framed = style.startswith("block") and re.search('[:：] ?[“「"]', quote)  # as if it led in what it quotes
    return (
        not re.search("[“”「」『』‘’]", unpaired)
        and not clash
        and not framed
        and "\n\n" not in quote
        and sum(map(str.isalnum, quote)) >= 7
    )
