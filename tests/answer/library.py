"""A small library in five languages, found by real parts, for answers to be made from."""

from rag.answer.extract import Extractive
from rag.retrieve.expand import expand, growth
from rag.retrieve.pipeline import build
from rag.settings import Settings
from rag.stores.memory import MemoryStore
from rag.text.analyse import Bm25
from rag.text.query import as_query
from rag.types import Chunk, Hit, Point
from tests.retrieve.world import BigramEmbedder

TEXTS = {
    ("zh-Hans", "员工手册.md", "假期"): (
        "入职满一年的员工每年享有七天带薪年假。当年未休完的年假可以顺延到次年三月三十一日。"
        "员工结婚可以享受十天婚假。"
    ),
    ("zh-Hans", "员工手册.md", "报销"): (
        "差旅费应在出差结束后十五个工作日内提交报销。单笔超过五千元的采购，必须事先填写采购申请单。"
    ),
    ("zh-Hans", "部署指南.txt", "备份"): (
        "数据库每天凌晨两点做全量备份。备份文件保存三十天，由运维组负责。连接池的上限是PPR-9087节点的两倍。"
    ),
    ("zh-Hant", "門市須知.txt", "營業時間"): (
        "臺北門市的營業時間是上午十點到晚上九點半。農曆除夕當天提早到下午五點打烊。停車場只開放給會員使用。"
    ),
    ("zh-Hant", "門市須知.txt", "退貨"): (
        "商品可在購買後七天內憑發票退貨。\n退貨時請保持包裝完整。客服專線為0800-123-456。"
    ),
    ("ja", "就業規則.md", "休暇"): (
        "年次有給休暇は、勤続年数が一年増えるごとに日数を加え、最大で20日とする。"
        "社員が結婚したときは、5日の慶弔休暇を与える。"
    ),
    ("ja", "取扱説明書.pdf", "お手入れ"): (
        "フィルターは月に一回、水で洗ってください。エラー表示 E03 が出たときは、"
        "水位センサーの汚れを\nふき取ってください。"
    ),
    ("ko", "취업규칙.docx", "휴가"): (
        "1년간 80퍼센트 이상 출근한 직원에게 15일의 유급휴가를 준다. "
        "배우자가 출산한 직원에게는 20일의 출산휴가를 준다."
    ),
    ("ko", "보증안내.md", "보증 기간"): (
        "무선 청소기의 무상 보증 기간은 구매일로부터 2년입니다. "
        "배터리는 소모품이므로 6개월 동안만 보증합니다."
    ),
    ("en", "backup.md", "Schedule"): (
        "Databases are backed up in full every Sunday at 02:00 UTC. Full backups are kept for 90 days. "
        "The infrastructure team restores a randomly chosen backup each month."
    ),
}


def chunks():
    return [
        Chunk(f"c{n}", f"d-{name}", name, text, 1000 * n, 1000 * n + len(text), (heading,), n, lang)
        for n, ((lang, name, heading), text) in enumerate(TEXTS.items(), start=1)
    ]


def passage(text, lang="ja", start=100, number=1):
    """A hit on a chunk of that text, which stands in its document from ``start`` on."""
    chunk = Chunk(f"p{number}", "d", "規程.md", text, start, start + len(text), (), None, lang)
    return Hit(chunk, 1.0)


class Desk:
    """The library behind the face of an engine."""

    def __init__(self, answerer=None, embedder=None, settings=None):
        self.embedder = embedder or BigramEmbedder()
        self.answerer = answerer or Extractive(embedder=self.embedder)
        self.store = MemoryStore(self.embedder.dimension)
        self.analyser = Bm25()
        self.add(chunks())
        self.asked = []
        self.settings = settings or Settings()

    def add(self, kept):
        texts, langs = [chunk.passage for chunk in kept], [chunk.lang for chunk in kept]
        rows = self.embedder.encode_passages(texts)
        terms = self.analyser.passages(texts, langs)
        self.store.upsert(
            [Point(chunk, "g", row, sparse) for chunk, row, sparse in zip(kept, rows, terms, strict=True)]
        )

    def query(self, text):
        return as_query(text)

    def search(self, text, *, top_k=None, context="chunk", room=None):
        self.asked.append(text)
        retriever = build("hybrid", self.store, self.embedder, self.analyser)
        ranking = retriever([self.query(text)], top_k=top_k or 4)[0]
        by = growth(context, self.settings.answer)
        return expand(ranking, self.store, by, room) if by else ranking
