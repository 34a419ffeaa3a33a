"""A small made-up world: things that have a name in four languages, and short texts about them."""

import gzip
import json
from itertools import product
from pathlib import Path

import numpy as np

from rag.train.pairs import Group

_CITIES = {
    "zh": ["北京", "上海", "东京", "大阪", "首尔", "釜山", "伦敦", "巴黎"],
    "ja": ["ペキン", "シャンハイ", "東京", "大阪", "ソウル", "プサン", "ロンドン", "パリ"],
    "ko": ["베이징", "상하이", "도쿄", "오사카", "서울", "부산", "런던", "파리"],
    "en": ["Beijing", "Shanghai", "Tokyo", "Osaka", "Seoul", "Busan", "London", "Paris"],
}
_THINGS = {
    "zh": ["天气", "地铁", "机场", "美食", "历史", "人口", "大学", "酒店"],
    "ja": ["てんき", "ちかてつ", "くうこう", "グルメ", "れきし", "じんこう", "だいがく", "ホテル"],
    "ko": ["날씨", "지하철", "공항", "음식", "역사", "인구", "대학교", "호텔"],
    "en": ["weather", "subway", "airport", "food", "history", "population", "university", "hotel"],
}
_FRAME = {
    "zh": "{}的{}怎么样？",
    "ja": "{}の{}はどうですか。",
    "ko": "{}의 {}는 어떻습니까?",
    "en": "How is the {1} of {0}?",
}
LANGS = ("zh", "ja", "ko", "en")


def sentence(lang: str, city: int, thing: int) -> str:
    return _FRAME[lang].format(_CITIES[lang][city], _THINGS[lang][thing])


def every_sentence() -> list[str]:
    return [sentence(lang, *at) for lang in LANGS for at in product(range(8), range(8))]


def told_apart(first: str, second: str, seed: int = 0) -> tuple[Group, list[tuple[str, str]]]:
    """Translations to learn from, and others of the same words that were not among them."""
    order = np.random.default_rng(seed).permutation(64)
    pairs = [(sentence(first, *divmod(int(i), 8)), sentence(second, *divmod(int(i), 8))) for i in order]
    return Group(f"parallel-{first}-{second}", pairs[:44] * 6), pairs[44:]


def write(folder: Path) -> Path:
    """The world as a data folder: ``train/*.jsonl.gz`` and ``text/*.txt.gz``."""
    (folder / "train").mkdir(parents=True)
    (folder / "text").mkdir()
    for first, second in (("en", "zh"), ("zh", "ja"), ("zh", "ko")):
        pairs = told_apart(first, second)[0].pairs
        _lines(
            folder / f"train/tiny-parallel-{first}-{second}.jsonl.gz", [{"s1": a, "s2": b} for a, b in pairs]
        )
    rows = [
        {
            "query": f"{_CITIES['zh'][city]} — {_THINGS['zh'][thing]}",
            "positive": sentence("zh", city, thing) + "很好。",
        }
        for city, thing in product(range(8), range(8))
    ]
    _lines(folder / "train/tiny-heading-zh.jsonl.gz", rows)
    for lang in LANGS[:3]:
        text = "\n".join(sentence(lang, *divmod(i, 8)) for i in range(64))
        (folder / f"text/tiny-{lang}.txt.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def _lines(path: Path, rows: list[dict[str, str]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
