"""Korean: sentence endings without a stop, and what is attributed after a quotation."""

from __future__ import annotations

import re
from typing import Final

from rag.text.sentences.knowledge import Knowledge

_CLAUSE: Final = '[^.?!"“”‘’「」\n]'
_SAY: Final = (
    "(?:말했|말하|말한|말씀하|물었|묻는|물어|물으|대답|답했|외쳤|외치|소리쳤|소리치|속삭였|속삭이|중얼"
    "|덧붙|되물|하소연|생각했|생각하|털어놓|전했|강조했"
    "|설명했|밝혔|당부했|마음먹|다짐했|다그쳤|투덜|재촉했|부탁했|인사했|타일렀|꾸짖|불렀|혼잣말|반문했|토로했|주장했|거들었|쏘아붙)"
)

_QUOTED: Final = (  # 라고, 라는, 란, 하고 after a quotation; not 하지만, 하늘, 하루
    "[ ](?:이?라[고는며면던]|이?란[ ]|고[ ]|할|한다|생각[하했이에]|말[하했]|했"
    "|하(?!지만|늘|루|나|얀|얗|마터|필|여튼|여간))"
)
_CASE: Final = "(?<![마가노])을|를|[가-힣][은는]|에서|에게|[가-힣]에|으로"
_LINK: Final = (  # endings of verbs that go on, not 광고, 최고, 가게 and other nouns
    "(?<![관대])하여|해서|지만|면서|려고|도록|위해|위한|대한|는데|[가-힣]며|때문에|[아어여해]서"
    "|(?:으|[오가하되이치르주니리시우기키지보서])면|[다라]고|(?<![광보사창최경참재신원권])고|(?<![가무집꽃])게|동안"
)

KNOWLEDGE: Final = Knowledge(
    said=f"[가-힣]|{_QUOTED}",
    attributed=f"[ ]{_CLAUSE}{{0,60}}?{_SAY}{_CLAUSE}{{0,12}}(?:[.?!]|$)",
    resumed="[ \t]*(?:이?라고|이?라는|하고|하며)[ ]",
    open_line=f"{_CASE}|{_LINK}",
    loose_line="[가-힣]",
    polite_line="니다|니까|[가-힣]요|죠",
    whole_line="[가-힣]다|[가-힣]음|[가-힣]함|됨",
    final_line="임|까|자|라|네|지|어|야|냐|니|해|봐|래|걸|군|구나|[ㅋㅎㅠㅜ]|것|중|예정|요망",
)

BARE: Final = "다까요죠"
AFTER_BARE: Final = "[~～]*(?=[ \t]+[^\\s]|[ㅋㅎㅠㅜ^♡♥])"
_CARRIED: Final = re.compile(
    "[ \t]+(?:이?라고|이?라는|이?라며|이?라면|이?란|하고|하며|하는|하던|하자|했|고|는|만|며|라)(?![가-힣])"
    '|[ \t]+[.!?。,，)）\\]」』”"]'
)
_ENDING: Final = re.compile(
    "[세네에예여까나지져쳐켜려겨펴셔봐"
    "돼워줘둬궈꿔춰와래해대게개싸자타라러커써꺼떠파빠뻐퍼때깨째쩨어아죠군든걸르]요$"
    "|(?:올라|나|들어|돌아|내려|걸어|다녀|살아)가요$|라구요$|라고요$"
)
_NOUN: Final = re.compile("(?:^|[^가-힣])(?:개|[저제내네]|하나|[가-힣]{1,2}(?:께서|에서|부터|까지|하고))요$")
_FINAL_BIEUP: Final = 17


def ends_barely(text: str, start: int, end: int) -> bool:
    """Whether the ending ``[start, end)`` closes a polite sentence although no stop follows."""
    if carries_on(text, end):
        return False
    before = text[max(0, start - 6) : start]
    if text[start] in "다까":
        return before.endswith("니") and _final(before[-2:-1]) == _FINAL_BIEUP
    word = before + text[start]
    if text[start] == "죠":
        return "가" <= before[-1:] <= "힣"
    return _ENDING.search(word) is not None and _NOUN.search(word) is None


def carries_on(text: str, end: int) -> bool:
    """Whether what follows quotes the words before it or goes on with them: 간다 라고, 좋습니다 만."""
    return _CARRIED.match(text, end) is not None


def ends_finally(text: str, end: int) -> bool:
    """Whether the word that ends at ``end`` can be the last of a sentence: 했다, 하죠, but not 하니까."""
    last = text[end - 1 : end]
    if last != "까":
        return last in "다요죠" and last != ""
    return text[end - 2 : end - 1] != "니" or _final(text[end - 3 : end - 2]) == _FINAL_BIEUP


def _final(syllable: str) -> int:
    """The number of the consonant that closes a syllable of Hangul, 0 for none."""
    return (ord(syllable) - 0xAC00) % 28 if "가" <= syllable <= "힣" else 0
