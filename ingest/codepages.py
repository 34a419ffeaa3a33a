"""How likely bytes are as text of one code page: a mixture of character classes, one per page.

Every page gives each character a probability: the frequent characters of its language share most of the
mass, then its level-1 set, its level-2 set, its punctuation, and so on down to characters that hardly
occur. Being distributions over whole byte strings, the pages can be compared without further weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

_SPACES = re.compile(" {2,}")
_ASCII = "".join(map(chr, range(33, 127)))
_KANA_FREQUENT = "のにはをたがでてとしれさいるなかもこすりくまっんうあよそけ"
_HIRAGANA = "".join(map(chr, range(0x3041, 0x3094)))
_KATAKANA = "".join(map(chr, range(0x30A1, 0x30F7))) + "ー"
_HALF_KATAKANA = "".join(map(chr, range(0xFF61, 0xFFA0)))
_HALF_FREQUENT = "ﾝｰﾞﾟｲｽﾄﾙﾘﾗｸﾌｶﾀｼﾃｯｱｷｻｺﾏﾚﾛﾆﾐｮｭﾊﾋ"
_FULL_WIDTH = "".join(map(chr, range(0xFF10, 0xFF1A))) + "".join(map(chr, range(0xFF21, 0xFF5B)))
_CYRILLIC_GREEK = "".join(map(chr, (*range(0x391, 0x3CA), *range(0x410, 0x450))))
_BOPOMOFO = "".join(map(chr, range(0x3105, 0x312A)))
_JAMO = "".join(map(chr, range(0x3131, 0x3164)))
_ACCENTED = "éèêëàâäáçîïíôöóùûüúñßæøåãõÉÈÀÄÖÜÅØÑœ"

_HANS = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两"
    "高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至"
    "队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观"
    "清今切院让识候带导争运请使例示图网络输入值参服务器户型组查"
)
_HANT = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學"
    "如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩"
    "高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員"
    "解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至"
    "隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀"
    "清今切院讓識候帶導爭運灣臺台請圖網絡輸值參器戶型組查嘅係唔佢"
)
_JOYO = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明"
    "実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受"
    "区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組"
    "知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談"
    "能無再位置企真流格有疑口過局少放税検町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断何南石"
    "足違消境神番規術護展態導備宅害配副算視条独警宮究育席訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例然早張映限親額環験追商葉義伝"
    "働形景落担好退準造英被頭技低毎医復仕去味負失移差衆個門写評課末守若極種美影命含福量望松非観察整段横型白深字答夜製音様識注呼達彼僕"
)
_SYLLABLES = (
    "이다는의에을가고하지은로들한기서사를있도인어나해시자그대아수것리일라부정게만없과보전원장면제니여구성주년안와상으할스비용때동국방오조경관위소"
    "학연화우간생신선문모세무야저공발했행물계거영었적내실각마중회요산미재까터당양민트개체려진말결단집분드레본되될된않며음호배력임교치통습금명난러"
    "심람차같받또더히출현불업바였던데및후따입표유반운설살예최특른속점식건르변불타크워프코버파인컴포넌트"
)


@dataclass(frozen=True)
class Page:
    """One code page, the share of each class of its characters, and how often files are in it."""

    codec: str
    classes: tuple[tuple[str, float], ...]
    space: float = 0.02
    rare: float = 2e-7
    prior: float = 0.0

    def table(self) -> dict[str, float]:
        """Natural logarithm of the probability of each character; a character keeps its first class."""
        return _table(self)

    def score(self, text: str) -> float:
        """Log-likelihood of the decoded text; U+FFFD stands for bytes that are not of this page."""
        table, rare = _table(self), math.log(self.rare)
        counts = Counter(_SPACES.sub(" ", text))
        return self.prior + sum(
            count * (table[ch] if ch in table else _unlikely(ch, rare)) for ch, count in counts.items()
        )


@cache
def _table(page: Page) -> dict[str, float]:
    table = {" ": math.log(page.space)}
    for line_end in "\n\r\t\f":
        table[line_end] = math.log(0.005)
    for characters, share in (*page.classes, (_ASCII, 0.15)):
        new = {ch for ch in characters if ch not in table}
        table.update(dict.fromkeys(new, math.log(share / max(len(new), 1))))
    return table


def _unlikely(ch: str, rare: float) -> float:
    point = ord(ch)
    if point < 0x20 or 0x7F <= point < 0xA0 or ch == "\ufffd":
        return -21.0
    if 0xE000 <= point < 0xF900 or point >= 0xF0000:
        return -19.0
    return rare


def _rows(
    codec: str, first: int, last: int, lead: int = 0xA0, trail: Iterable[int] = range(0xA1, 0xFF)
) -> str:
    """The characters of a double-byte set between two rows, both included."""
    return "".join(_decoded(codec, ((row + lead, low) for row in range(first, last + 1) for low in trail)))


def _decoded(codec: str, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    for pair in pairs:
        text = bytes(pair).decode(codec, "ignore")
        if len(text) == 1 and not text.isascii():
            yield text


_BIG5_TRAIL = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_JA_PUNCTUATION = "、。「」『』・（）　！？：；〜～…―＝【】《》〔〕“”／％々〇"
_ZH_PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉「」『』【】—…·‧•～　％〔〕／﹐﹑﹒"


@cache
def pages() -> tuple[Page, ...]:
    """The candidates, the likeliest to be met first."""
    japanese = (
        (_KANA_FREQUENT, 0.34),
        (_HIRAGANA, 0.1),
        (_KATAKANA, 0.09),
        (_JOYO, 0.2),
        (_JA_PUNCTUATION, 0.1),
        (_rows("euc_jp", 16, 47), 0.08),
        (_FULL_WIDTH, 0.01),
        (_rows("euc_jp", 48, 84), 0.004),
        (_rows("euc_jp", 1, 8), 0.003),
        (_rows("cp932", 0xFA, 0xFC, 0, range(0x40, 0xFD)), 0.0008),
        (_rows("cp932", 0x87, 0x87, 0, range(0x40, 0xFD)), 0.0008),
        (_HALF_KATAKANA, 0.0005),
    )
    ideographic = ((_JOYO, 0.4), (_JA_PUNCTUATION, 0.1), (_rows("euc_jp", 16, 47), 0.3), *japanese[:3])
    simplified = (
        (_HANS, 0.45),
        (_ZH_PUNCTUATION, 0.11),
        (_rows("gb2312", 16, 55), 0.33),
        (_rows("gb2312", 56, 87), 0.02),
        (_FULL_WIDTH, 0.005),
        (_HIRAGANA + _KATAKANA, 0.0005),
        (_rows("gb2312", 1, 9), 0.003),
        (_HANT, 0.002),
        (_rows("gbk", 0x81, 0xFE, 0, range(0x40, 0xFF)), 0.003),
    )
    traditional = (
        (_HANT, 0.45),
        (_ZH_PUNCTUATION, 0.11),
        (_rows("big5", 0xA4, 0xC6, 0, _BIG5_TRAIL), 0.35),
        (_rows("big5", 0xC9, 0xF9, 0, _BIG5_TRAIL), 0.01),
        (_FULL_WIDTH, 0.005),
        (_BOPOMOFO, 0.001),
        (_HIRAGANA + _KATAKANA, 0.0003),
        (_rows("big5", 0xA1, 0xA3, 0, _BIG5_TRAIL), 0.003),
        (_rows("big5hkscs", 0x87, 0xFE, 0, _BIG5_TRAIL), 0.003),
    )
    korean = (
        (_SYLLABLES, 0.6),
        (_rows("euc_kr", 16, 40), 0.22),
        (_ZH_PUNCTUATION, 0.01),
        (_JAMO, 0.004),
        (_rows("euc_kr", 42, 93), 0.015),
        (_rows("euc_kr", 1, 12), 0.003),
        (_rows("cp949", 0x81, 0xC6, 0, range(0x41, 0xFF)), 0.001),
    )
    return (
        Page("gb18030", simplified),
        Page("cp950", traditional),
        Page("big5hkscs", traditional, prior=-6.0),
        Page("cp932", japanese),
        Page("cp932", ((_HALF_FREQUENT, 0.6), (_HALF_KATAKANA, 0.2), (_FULL_WIDTH, 0.01)), prior=-6.0),
        Page("cp932", ideographic, prior=-5.0),
        Page("euc_jp", japanese, prior=-1.0),
        Page("euc_jp", ideographic, prior=-5.0),
        Page("cp949", korean, space=0.15),
        Page("johab", korean, space=0.15, prior=-8.0),
        Page("cp1252", ((_ACCENTED, 0.05), ("’“”–—…«»°·\xa0", 0.01)), space=0.15, prior=-3.0),
    )


@cache
def wide() -> Page:
    """Any of the languages at once, to judge UTF-16 without a mark; it has no space of its own."""
    return Page(
        "utf-16",
        (
            (_KANA_FREQUENT + _HIRAGANA + _KATAKANA, 0.2),
            (_ZH_PUNCTUATION + _JA_PUNCTUATION, 0.1),
            (_SYLLABLES, 0.15),
            (_HANS + _HANT + _JOYO, 0.25),
            (_rows("euc_kr", 16, 40), 0.06),
            (_rows("big5", 0xA4, 0xC6, 0, _BIG5_TRAIL) + _rows("gb2312", 16, 87), 0.1),
            (_ACCENTED + _CYRILLIC_GREEK + _FULL_WIDTH, 0.01),
        ),
        space=0.08,
        prior=-6.0,
    )


def evidence(text: str) -> int:
    """How many characters say something about the code page: those outside ASCII."""
    return sum(not ch.isascii() for ch in text)


def half_width(text: str) -> bool:
    """Whether what is not ASCII is nearly all half-width katakana, each a single byte."""
    return 5 * sum(text.count(ch) for ch in _HALF_KATAKANA) > 4 * evidence(text)
