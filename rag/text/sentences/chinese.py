"""Chinese: verbs of saying tell whether a quotation is attributed to somebody after it."""

from __future__ import annotations

from typing import Final

from rag.text.sentences.knowledge import Knowledge

_CLAUSE: Final = "[^。！？!?“”「」『』：\n]"
_SAY: Final = (
    "(?:(?<![是话話据據听聽小再虽雖学學传傳])[说說]|(?<![知味街报報通频頻渠管人难難隧轨軌])道|(?<![学學疑请請访訪顾顧])[问問]"
    "|[喊叫嚷骂罵吼曰答]|念叨|嘀咕|咕哝|咕噥|嘟囔|嘟哝|喃喃|自[语語]|回答|追[问問]|反[问問]|[质質][问問]|感[叹嘆慨]|[写寫]道"
    "|了?一?口[气氣]|回[应應]|抱怨|安慰|提醒|吩咐|催促|[劝勸]|哀求|央求|回[复覆]|留言|附和|招呼|[赞讚贊][叹嘆])"
)
_FORMAL: Final = (
    "(?:表示|指出|[强強][调調]|[补補]充|解[释釋]|坦言|承[认認]|宣[布佈]|[评評][价價]|[总總][结結])"
)
_AFTER: Final = "(?:道|[着著]|了?起[来來]|了一[句声聲遍]|了|[过過]|[他她它我你][们們]?|自己|大家|[道说說])?"
_TOLD: Final = "|".join(
    (
        f"{_CLAUSE}{{0,30}}?{_SAY}{_AFTER}[。；！…—，,]",  # 她笑着问全班。
        f"{_CLAUSE}{{0,20}}?{_SAY}[^，。！？“”「」：\n]{{0,4}}。",  # 他问了我一句。
        f"{_CLAUSE}{{0,30}}?{_FORMAL}{_AFTER}。",  # 发言人表示。
        f'{_CLAUSE}{{1,24}}[，,][“「"]',  # 他点点头，“……
    )
)
_THIS: Final = (  # what a quotation is called: 这三个字, 那句话
    "[这這那][^，。！？；：]{0,3}?(?:[话話词詞字句类類种種样樣声聲]|[问問][题題]|想法|念[头頭]|[说說]法|口[号號])"
)
_ONE: Final = "一[词詞语語话話句类類点點书書文部本篇首]"
_SOME: Final = "[一二两兩三四五六七八九十几幾]{1,2}[个個句条條种種点點项項](?![人月小多])"
_VERB: Final = "[为為是让讓使被](?!此)|成[了为為]"  # the quotation is the subject: “加油！”是口头禅
_THEN: Final = (  # what the speaker did next
    "[时時](?![间間])|[后後][，,]|然[后後]|便|就(?!是)|[随隨][即后後]|[于於]是|接[着著]|[并並](?![且非])|而[后後]|不[绝絕]"
)

KNOWLEDGE: Final = Knowledge(
    said=f"[的地]|[之等](?![后後前所下])|{_THIS}|{_ONE}|{_SOME}|{_VERB}|{_THEN}",
    attributed=_TOLD,
    introduced="[说說道曰问問答喊叫云想]|表示|指出|[写寫]道",
    carried="的(?![士确確])",
    open_line=(
        "(?<![好是真对對目])的|[和与與及或把被将將从從向]|为了|為了|以及|并且|因为|因為|如果|但是|(?<![不在人])在"
    ),
    loose_line="[一-鿿]",
    whole_line="[吗嗎呢吧啊呀哦啦嘛喔耶欸]",
)
