"""A tiny library in five languages, real analysers, and an embedder of hashed character bigrams."""

import zlib
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from rag.stores.memory import MemoryStore
from rag.text.analyse import Bm25
from rag.text.query import as_query
from rag.types import Chunk, Point

PASSAGES = {
    "zh-Hans": {
        "c1": "年假共有十五天，入职满一年后可以申请。",
        "c2": "报销单须在每月二十五日之前提交给财务部。",
        "c3": "会议室的预约可以在内部网站上完成。",
    },
    "zh-Hant": {
        "t1": "特休假共有十四天，到職滿一年後可以申請。",
        "t2": "臺北辦公室的停車位需要事先登記。",
    },
    "ja": {
        "j1": "有給休暇は年に二十日で、入社半年後から取得できます。",
        "j2": "経費の精算は毎月末日までに申請してください。",
        "j3": "会議室はオンラインで予約できます。",
    },
    "ko": {
        "k1": "유급휴가는 연간 열다섯 일이며 입사 일 년 후부터 쓸 수 있습니다.",
        "k2": "경비 정산은 매월 말일까지 신청해야 합니다.",
    },
    "en": {
        "e1": "Paid leave is fifteen days a year.",
        "e2": "Parking permits for PPR-9087 are issued weekly.",
    },
}


@dataclass(frozen=True)
class BigramEmbedder:
    """Hashed character bigrams, and a count of the texts it encoded as queries."""

    dimension: int = 256
    name: str = "bigrams"
    max_tokens: int = 8_192
    fingerprint: str = "bigrams-1"
    asked: list[str] = field(default_factory=list)

    def encode_queries(self, texts):
        self.asked.extend(texts)
        return self.encode_passages(texts)

    def encode_passages(self, texts):
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for pair in pairwise(text):
                row[zlib.crc32("".join(pair).encode()) % self.dimension] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    @property
    def additive(self):
        return True

    @property
    def passage_room(self):
        return self.max_tokens

    def count_tokens(self, texts):
        return [len(text) for text in texts]


@dataclass(frozen=True)
class WordReranker:
    """A logit of 4 for passages that hold the word, -4 for others; counts what it read."""

    word: str
    name: str = "word"
    read: list[str] = field(default_factory=list)

    def score(self, query, passages):
        self.read.extend(passages)
        return [4.0 if self.word in passage else -4.0 for passage in passages]


@dataclass(frozen=True)
class World:
    """A filled memory store with what fills and asks it."""

    embedder: BigramEmbedder = field(default_factory=BigramEmbedder)
    analyser: Bm25 = field(default_factory=lambda: Bm25(k1=0.9, b=0.4, average_length=30.0))
    store: MemoryStore = field(default_factory=lambda: MemoryStore(256))

    def __post_init__(self):
        for lang, passages in PASSAGES.items():
            for key, text in passages.items():
                self.add(key, text, lang)

    def add(self, key, text, lang, generation="g1"):
        chunk = Chunk(key, f"doc-{key}", f"{key}.txt", text, 0, len(text), lang=lang)
        dense = self.embedder.encode_passages([chunk.passage])[0]
        sparse = self.analyser.passages([chunk.passage], [lang])[0]
        self.store.upsert([Point(chunk, generation, dense, sparse)])


def queries(*texts):
    return [as_query(text) for text in texts]


def ids(ranking):
    return [hit.chunk.id for hit in ranking]
