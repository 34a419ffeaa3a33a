"""Numbers as lists write them: 1, iv, 十二, ①, 가, ア, 甲."""

from __future__ import annotations

from typing import Final

_SIMPLIFIED: Final = "〇一二三四五六七八九"
_FORMAL_JA: Final = "〇壱弐参四伍六七八九"
_FORMAL_HANS: Final = "零壹贰叁肆伍陆柒捌玖"
_FORMAL_HANT: Final = "零壹貳參肆伍陸柒捌玖"
_HANGUL: Final = "영일이삼사오육칠팔구"
_TENS_KO: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_ONES_KO: Final = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_ROMAN: Final = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    )
)
_CYCLES: Final = {
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "aiueo": "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテト"
    "ナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "iroha": "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽﾝ",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラム"
    "ウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}
_CIRCLES: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_IN_CIRCLE: Final = "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
_DIGITS: Final = {
    **dict.fromkeys(("japaneseDigitalTenThousand", "taiwaneseDigital"), _SIMPLIFIED),
    **dict.fromkeys(("ideographDigital", "koreanDigital2"), _SIMPLIFIED),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), "０１２３４５６７８９"),
    "koreanDigital": _HANGUL,
}
# The digits, what stands for ten, hundred, thousand and ten thousand, and which 一 before a unit is said.
_COUNTED: Final = {
    "japaneseCounting": (_SIMPLIFIED, "十百千万", "万"),
    "japaneseLegal": (_FORMAL_JA, "拾百阡萬", "拾百阡萬"),
    "chineseCounting": (_SIMPLIFIED, "十百千万", "百千万"),
    "chineseCountingThousand": (_SIMPLIFIED, "十百千万", "百千万"),
    "taiwaneseCounting": (_SIMPLIFIED, "十百千萬", "百千萬"),
    "taiwaneseCountingThousand": (_SIMPLIFIED, "十百千萬", "百千萬"),
    "chineseLegalSimplified": (_FORMAL_HANS, "拾佰仟萬", "拾佰仟萬"),
    "ideographLegalTraditional": (_FORMAL_HANT, "拾佰仟萬", "拾佰仟萬"),
    "koreanCounting": (_HANGUL, "십백천만", ""),
}
_ZEROS_SAID: Final = frozenset(
    {
        "chineseCountingThousand",
        "taiwaneseCountingThousand",
        "chineseLegalSimplified",
        "ideographLegalTraditional",
    }
)


def numeral(number: int, style: str) -> str:
    """The number in a style of OOXML (``ST_NumberFormat``); in digits where the style has no such number.

    Example:
        >>> [numeral(12, style) for style in ("japaneseCounting", "ganada", "upperRoman", "decimalZero")]
        ['十二', '타', 'XII', '12']
    """
    if style == "none":
        return ""
    if number < 1 or number > 99_999:
        return str(number)
    if style in _CYCLES:
        return _CYCLES[style][(number - 1) % len(_CYCLES[style])]
    if style in _DIGITS:
        return "".join(_DIGITS[style][int(digit)] for digit in str(number))
    if style in _COUNTED:
        return _counted(number, style)
    return _western(number, style)


def _western(number: int, style: str) -> str:
    if style in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("A") + (number - 1) % 26) * min((number - 1) // 26 + 1, 30)
        return letter if style == "upperLetter" else letter.lower()
    if style in {"upperRoman", "lowerRoman"}:
        return _roman(number) if style == "upperRoman" else _roman(number).lower()
    if style in {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"} and number <= len(_CIRCLES):
        return _CIRCLES[number - 1]
    if style == "ideographEnclosedCircle" and number <= len(_IN_CIRCLE):
        return _IN_CIRCLE[number - 1]
    if style == "koreanLegal" and number < 100:
        return _TENS_KO[number // 10] + _ONES_KO[number % 10]
    if style == "numberInDash":
        return f"- {number} -"
    return f"{number:02}" if style == "decimalZero" else str(number)


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        written += letters * (number // value)
        number %= value
    return written


def _counted(number: int, style: str) -> str:
    digits, units, one_said = _COUNTED[style]
    written, zero = "", False
    for power in range(4, -1, -1):
        digit = number // 10**power % 10
        if not digit:
            zero = bool(written)
            continue
        if zero and style in _ZEROS_SAID:
            written += digits[0].replace("〇", "零")
        zero = False
        unit = units[power - 1] if power else ""
        # 十二, not 一十二; but 一百一十二 in Chinese
        silent = digit == 1 and unit and unit not in one_said and not (written and style in _ZEROS_SAID)
        written += unit if silent else digits[digit] + unit
    return written
