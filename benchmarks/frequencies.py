"""Makes `rag/text/frequencies.py`: how often each character is met, by language, from the dev sources.

python -m benchmarks.frequencies [--data ../shared/data] [--out rag/text/frequencies.py]

The sources of a language count alike, however long they are.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.encodings import DATA, SPLITS, text_of

RAREST = 16
LANGUAGES = {"gb18030": "HANS", "cp950": "HANT", "cp932": "JA", "cp949": "KO"}
GENERAL_HANS = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两"
    "高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至"
    "队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观"
    "清今切院让识候带导争运请使例示图网络输入值参服务器户型组查"
)
GENERAL_HANT = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學"
    "如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩"
    "高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員"
    "解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至"
    "隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀"
    "清今切院讓識候帶導爭運灣臺台請圖網絡輸值參器戶型組查嘅係唔佢"
)
GENERAL_JA = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明"
    "実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受"
    "区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組"
    "知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談"
    "能無再位置企真流格有疑口過局少放税検町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断何南石"
    "足違消境神番規術護展態導備宅害配副算視条独警宮究育席訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例然早張映限親額環験追商葉義伝"
    "働形景落担好退準造英被頭技低毎医復仕去味負失移差衆個門写評課末守若極種美影命含福量望松非観察整段横型白深字答夜製音様識注呼達彼僕"
)
GENERAL_KO = (
    "이다는의에을가고하지은로들한기서사를있도인어나해시자그대아수것리일라부정게만없과보전원장면제니여구성주년안와상으할스비용때동국방오조경관위소"
    "학연화우간생신선문모세무야저공발했행물계거영었적내실각마중회요산미재까터당양민트개체려진말결단집분드레본되될된않며음호배력임교치통습금명난러"
    "심람차같받또더히출현불업바였던데및후따입표유반운설살예최특른속점식건르변불타크워프코버파인컴포넌트"
)
SPOKEN = {
    "HANS": "的了是我你他她它您吗吧呢啊哦嗯哈呀啦嘛么怎想看说吃喝玩买钱爱喜欢谢妈爸家孩子朋友女男快累早晚好棒"
    "赞差贵便宜服态度酒店电影手机真很太都还没不觉得知道今明昨天，。！？…",
    "HANT": "的了是我你他她它您嗎吧呢啊哦嗯哈呀啦嘛麼怎想看說吃喝玩買錢愛喜歡謝媽爸家孩子朋友女男快累早晚好棒"
    "讚差貴便宜服態度酒店電影手機真很太都還沒不覺得知道今明昨天，。！？…"
    "嘅係唔咗喺佢哋嗰嘢冇乜啲嚟噉咁攞揾瞓啱啩喎囉咩㗎",
    "JA": "私俺僕君彼女何今日明昨行見食飲好嫌楽嬉悲笑泣買安高早遅友達家母父子供猫犬朝夜駅店円。、！？…ねよ"
    "わぞぜさっちゃじだったです",
    "KO": "이가는을를도만요다나너난네내저우리그거뭐왜안못은까지죠해야좋싫아어있없했봤먹싶같진짜너무정말하고"
    "에서로",
}
GENERAL = {"HANS": GENERAL_HANS, "HANT": GENERAL_HANT, "JA": GENERAL_JA, "KO": GENERAL_KO}
HEAD = '''"""How often each character outside ASCII is met, by language.

A string is cut by `/` into lines; line n holds the characters that make up about one in 2 ** n. Made by
benchmarks/frequencies.py, from statutes, encyclopedias, literature, petitions, technical documentation and
general lists; characters below one in 2 ** {rarest} are left to their class.
"""

from __future__ import annotations
'''


def shares(codec: str, data: Path) -> dict[str, float]:
    """The mean share of each character over the sources in that encoding and the general list."""
    name = LANGUAGES[codec]
    sources = [one for one in SPLITS["dev"] if codec in one.codecs and one.made not in ("kana", "marks")]
    found: defaultdict[str, float] = defaultdict(float)
    for source in sources:
        counts = Counter(ch for ch in text_of(source, data) if not ch.isascii())
        for character, count in counts.items():
            found[character] += 0.8 * count / counts.total() / len(sources)
    for character, share in zipf(GENERAL[name]):
        found[character] += share * (0.05 if name == "JA" else 0.12)  # the others are kana
    for character in SPOKEN[name]:
        found[character] += 0.08 / len(SPOKEN[name])
    return found


def zipf(ranked: str) -> list[tuple[str, float]]:
    """A share for each character of a list, the first the most frequent."""
    total = sum(1 / (rank + 15) for rank in range(len(ranked)))
    return [(character, 1 / (rank + 15) / total) for rank, character in enumerate(ranked)]


def lines(found: dict[str, float], codec: str) -> list[str]:
    bands: defaultdict[int, list[str]] = defaultdict(list)
    for character, share in sorted(found.items(), key=lambda pair: -pair[1]):
        band = round(-math.log2(share))
        if band <= RAREST and character.encode("big5hkscs" if codec == "cp950" else codec, "ignore"):
            bands[band].append(character)
    return ["".join(bands[band]) for band in range(1, RAREST + 1)]


def module(data: Path) -> str:
    parts = [HEAD.format(rarest=RAREST)]
    for codec, name in LANGUAGES.items():
        bands = lines(shares(codec, data), codec)
        wrapped = [f'    "{cut}"' for cut in cuts(bands)]
        parts.append("\n".join((f"{name} = (", *wrapped, ")\n")))
    return "\n".join(parts)


def cuts(bands: list[str]) -> list[str]:
    """The bands behind one another, one ending with `/`, in pieces that fit a line."""
    text = "/".join(bands)
    return [text[start : start + 50] for start in range(0, len(text), 50)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=Path("rag/text/frequencies.py"))
    options = parser.parse_args()
    options.out.write_text(module(options.data), "utf-8")


if __name__ == "__main__":
    main()
