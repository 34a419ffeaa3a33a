"""``python -m ui.demo``: read the example documents, then answer a question in each language.

Exits 0 when every answer quotes the document it should.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rag.settings import load
from rag.types import Answer
from ui.commands.common import echo, note, utf8_streams
from ui.face import Face, Question, open_face
from ui.terminal import answer_text

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
COLLECTION = "examples"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the example document that answers it."""

    text: str
    document: str
    about: str


QUESTIONS = (
    Asked("年次有給休暇は最大で何日ですか?", "ja/就業規則.md", "Japanese"),
    Asked("大阪市に出張したときの宿泊費の上限は?", "ja/出張旅費規程.txt", "Japanese, Shift-JIS"),
    Asked("智能门锁 YL-700 的指纹模块保修几年?", "zh-Hans/产品保修政策.docx", "Simplified Chinese"),
    Asked("預約會議室後沒有到,多久會被取消?", "zh-Hant/會議室預約辦法.txt", "Traditional Chinese, Big5"),
    Asked("서버 정기 점검은 언제 하나요?", "ko/서버점검안내.txt", "Korean, EUC-KR"),
    Asked("How long are full backups kept?", "en/backup-policy.md", "English"),
    Asked(
        "What should I do when error E03 is displayed?",
        "ja/取扱説明書_APX-200.pdf",
        "an English question, a Japanese PDF",
    ),
)


def main() -> int:
    """Ingest, ask, print; 0 when every answer quotes the right document, else 1."""
    utf8_streams()
    start = time.perf_counter()
    with open_face(load(overrides={"collection": COLLECTION})) as face:
        if not _ingest(face):
            return 1
        wrong = [asked for number, asked in enumerate(QUESTIONS) if not _ask(face, asked, start, number)]
    for asked in wrong:
        note(f"demo: the answer to {asked.text!r} does not quote {asked.document}")
    return 1 if wrong else 0


def _ingest(face: Face) -> bool:
    note(f"Reading {EXAMPLES.name}/ ...")
    report = face.ingest(EXAMPLES, collection=COLLECTION)
    note(report.summary())
    return not report.failed


def _ask(face: Face, asked: Asked, start: float, number: int) -> bool:
    answer = face.ask(Question(asked.text, collection=COLLECTION))
    if number == 0:
        note(f"First answer after {time.perf_counter() - start:.1f} s.")
    echo(f"\nQ ({asked.about}): {asked.text}\nA: {answer_text(answer)}")
    return _right(answer, asked)


def _right(answer: Answer, asked: Asked) -> bool:
    return any(one.chunk.document == asked.document for one in answer.citations)


if __name__ == "__main__":
    sys.exit(main())
