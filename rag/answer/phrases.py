"""The few sentences an answer is framed with, in the question's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rag.types import Lang

Key: TypeAlias = Literal[
    "nothing_found",
    "unreachable",
    "timeout",
    "refused",
    "empty",
    "broken",
    "too_long",
    "cut",
    "stopped",
    "unverified",
    "misquoted",
    "not_verified",
    "uncited",
]

_ENGLISH: Mapping[Key, str] = {
    "nothing_found": "The documents do not answer this.",
    "unreachable": "The language model cannot be reached. The passages found are listed below.",
    "timeout": "The language model did not answer in time. The passages found are listed below.",
    "refused": "The language model refused the request. The passages found are listed below.",
    "empty": "The language model gave an empty reply. The passages found are listed below.",
    "broken": "The language model's reply broke off. The passages found are listed below.",
    "too_long": "The passages are too long for the language model. They are listed below.",
    "cut": "The reply reached its length limit and was cut off.",
    "stopped": "The reply broke off here; what came before is shown.",
    "unverified": "Citations that the passages do not bear out were removed: {count}.",
    "misquoted": "Quotations that differ from the passages are marked: {count}.",
    "not_verified": " (not verified)",
    "uncited": "No statement of this reply could be checked against the documents.",
}

_TEXTS: Mapping[Lang, Mapping[Key, str]] = {
    "en": _ENGLISH,
    "und": _ENGLISH,
    "zh-Hans": {
        "nothing_found": "文档中没有找到答案。",
        "unreachable": "无法连接语言模型。检索到的段落列在下方。",
        "timeout": "语言模型没有按时答复。检索到的段落列在下方。",
        "refused": "语言模型拒绝了请求。检索到的段落列在下方。",
        "empty": "语言模型的答复为空。检索到的段落列在下方。",
        "broken": "语言模型的答复中断了。检索到的段落列在下方。",
        "too_long": "段落超出了语言模型的长度限制，列在下方。",
        "cut": "答复达到长度上限，已被截断。",
        "stopped": "答复到此中断，以上为已收到的部分。",
        "unverified": "已删除无法在段落中核实的引用：{count} 处。",
        "misquoted": "引文与段落原文不一致，已标出：{count} 处。",
        "not_verified": "（未核实）",
        "uncited": "此答复没有任何一句能在文档中核实。",
    },
    "zh-Hant": {
        "nothing_found": "文件中沒有找到答案。",
        "unreachable": "無法連線到語言模型。檢索到的段落列在下方。",
        "timeout": "語言模型沒有及時回覆。檢索到的段落列在下方。",
        "refused": "語言模型拒絕了請求。檢索到的段落列在下方。",
        "empty": "語言模型的回覆是空的。檢索到的段落列在下方。",
        "broken": "語言模型的回覆中斷了。檢索到的段落列在下方。",
        "too_long": "段落超出語言模型的長度限制，列在下方。",
        "cut": "回覆達到長度上限，已被截斷。",
        "stopped": "回覆到此中斷，以上為已收到的部分。",
        "unverified": "已刪除無法在段落中核實的引用：{count} 處。",
        "misquoted": "引文與段落原文不一致，已標出：{count} 處。",
        "not_verified": "（未核實）",
        "uncited": "此回覆沒有任何一句能在文件中核實。",
    },
    "ja": {
        "nothing_found": "文書の中に答えが見つかりませんでした。",
        "unreachable": "言語モデルに接続できません。見つかった箇所は下に示します。",
        "timeout": "言語モデルから時間内に返答がありませんでした。見つかった箇所は下に示します。",
        "refused": "言語モデルが要求を拒否しました。見つかった箇所は下に示します。",
        "empty": "言語モデルの返答が空でした。見つかった箇所は下に示します。",
        "broken": "言語モデルの返答が途切れました。見つかった箇所は下に示します。",
        "too_long": "箇所が長すぎて言語モデルに渡せません。下に示します。",
        "cut": "返答が長さの上限に達したため、途中で切れています。",
        "stopped": "返答はここで途切れました。届いた部分までを示します。",
        "unverified": "文書で裏づけられない引用を除きました：{count} 件。",
        "misquoted": "原文どおりではない引用に印を付けました：{count} 件。",
        "not_verified": "（未確認）",
        "uncited": "この返答には、文書で確かめられた記述がありません。",
    },
    "ko": {
        "nothing_found": "문서에서 답을 찾지 못했습니다.",
        "unreachable": "언어 모델에 연결할 수 없습니다. 찾은 단락은 아래에 있습니다.",
        "timeout": "언어 모델이 제때 응답하지 않았습니다. 찾은 단락은 아래에 있습니다.",
        "refused": "언어 모델이 요청을 거부했습니다. 찾은 단락은 아래에 있습니다.",
        "empty": "언어 모델의 응답이 비어 있습니다. 찾은 단락은 아래에 있습니다.",
        "broken": "언어 모델의 응답이 끊겼습니다. 찾은 단락은 아래에 있습니다.",
        "too_long": "단락이 너무 길어 언어 모델에 전달할 수 없습니다. 아래에 있습니다.",
        "cut": "응답이 길이 제한에 이르러 잘렸습니다.",
        "stopped": "응답이 여기서 끊겼습니다. 받은 부분까지 표시합니다.",
        "unverified": "문서로 확인되지 않는 인용을 지웠습니다: {count}건.",
        "misquoted": "원문과 다른 인용문에 표시를 했습니다: {count}건.",
        "not_verified": " (미확인)",
        "uncited": "이 응답에는 문서로 확인된 내용이 없습니다.",
    },
}


def phrase(key: Key, lang: Lang, **values: object) -> str:
    """The phrase in that language, English where the language is not known.

    Example:
        >>> phrase("nothing_found", "ja")
        '文書の中に答えが見つかりませんでした。'
    """
    return _TEXTS[lang][key].format(**values)


def quoted(text: str, lang: Lang) -> str:
    r"""The text between the quotation marks of the language, white space and line ends as one space.

    Example:
        >>> quoted("有給休暇は\n十日。", "ja")
        '「有給休暇は 十日。」'
    """
    line = " ".join(text.split())
    return f"「{line}」" if lang in ("ja", "zh-Hant") else f"“{line}”"
