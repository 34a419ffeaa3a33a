"""Small folders of documents, and engines over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rag.assemble import open_engine
from rag.engine import Engine
from rag.settings import load

TEXTS = {
    "規程/休暇.md": "# 休暇\n\n年次有給休暇は最大で20日とする。\n\n## 慶弔\n\n結婚には5日の休暇を与える。\n",
    "手册/报销.txt": "差旅费报销\n\n差旅费应在出差结束后十五个工作日内提交报销。超过期限须由总监批准。\n",
    "안내/점검.txt": "서버 점검 안내\n\n정기 점검은 매월 둘째 주 토요일 새벽 1시에 시작합니다.\n",
    "en/backup.md": "# Backups\n\nFull backups are kept for 90 days. Others are kept for 14 days.\n",
}


def write(root: Path, texts: Mapping[str, str | bytes] = TEXTS) -> Path:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def engine(data_dir: Path, collection: str = "docs", **settings: object) -> Engine:
    overrides = {key.replace("__", "."): value for key, value in settings.items()}
    fixed = {"data_dir": str(data_dir), "collection": collection}
    return open_engine(load(overrides={**overrides, **fixed}, environ={}), create=True)


def content(opened: Engine) -> list[tuple[object, ...]]:
    """Everything that can be found, in a fixed order, with where and in which generation it lies."""
    return sorted(
        (one.document, one.start, one.end, one.id, one.doc_id, one.text, one.headings, generation)
        for one, generation in opened.store.scroll()
    )
