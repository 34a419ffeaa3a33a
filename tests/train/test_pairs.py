import json

import pytest

from rag.train.pairs import balanced, passages, read
from tests.train.world import write


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return read(write(tmp_path_factory.mktemp("data")))


def _file(folder, name, rows):
    (folder / "train").mkdir(exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "train" / name).write_text(lines, encoding="utf-8")


def test_an_empty_folder_is_said_by_its_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        read(tmp_path)


def test_groups_are_named_by_kind_and_languages(data):
    assert {group.name for group in data[0] if group.pairs} == {
        "parallel-en-zh", "parallel-zh-ja", "parallel-zh-ko", "heading-zh", "taiwan-zh"
    }  # fmt: skip
    assert {cloze.name for cloze in data[1] if cloze.passages} == {"cloze-zh", "cloze-ja", "cloze-ko"}


def test_rows_that_say_they_differ_are_left_out(tmp_path):
    rows = [
        {"s1": "날씨 어때", "s2": "날씨 좋아?", "label": "1"},
        {"s1": "날씨 어때", "s2": "배고파", "label": "0"},
        {"s1": "비가 온다", "s2": "비가 내린다", "score": 4.6},
        {"s1": "비가 온다", "s2": "차가 간다", "score": 0.4},
    ]
    _file(tmp_path, "similar-ko.jsonl", rows)
    (group,) = read(tmp_path)[0]
    assert group.pairs == [("날씨 어때", "날씨 좋아?"), ("비가 온다", "비가 내린다")]


def test_a_heading_meets_the_section_in_the_other_language(tmp_path):
    _file(tmp_path, "docs-heading-zh.jsonl", [{"query": "安装", "positive": "用 pip 安装软件。"}])
    _file(tmp_path, "docs-heading-ja.jsonl", [{"query": "導入", "positive": "pip で入れます。"}])
    _file(tmp_path, "docs-parallel-zh-ja.jsonl", [{"s1": "用 pip 安装软件。", "s2": "pip で入れます。"}])
    groups = {group.name: group.pairs for group in read(tmp_path)[0]}
    assert groups["crossed-zh-ja"] == [("安装", "pip で入れます。")]
    assert groups["crossed-ja-zh"] == [("導入", "用 pip 安装软件。")]
    assert ("安装", "導入") in groups["parallel-zh-ja"]


def test_a_question_in_taiwan_wording_is_added(tmp_path):
    _file(tmp_path, "docs-heading-zh.jsonl", [{"query": "软件的默认设置", "positive": "默认设置如下。"}])
    groups = {group.name: group.pairs for group in read(tmp_path)[0]}
    assert groups["taiwan-zh"] == [("軟體的預設設定", "默认设置如下。")]


@pytest.mark.parametrize("mark", ["。", "？", "! ", ". ", "\n"])
def test_passages_hold_whole_sentences_and_lose_none(mark):
    text = mark.join(f"sentence number {number}" for number in range(40)) + mark
    found = list(passages(text, size=100))
    assert all(len(passage) > 1 for passage in found)
    assert [s.rstrip("。？!. ") for p in found for s in p] == [f"sentence number {n}" for n in range(40)]


def test_a_decimal_point_ends_no_sentence():
    assert list(passages("版本 3.14 发布了新功能。请升级到 3.15 版本。")) == [
        ("版本 3.14 发布了新功能。", "请升级到 3.15 版本。")
    ]


def test_the_limit_holds_for_every_group_and_the_choice_is_the_seed_s(tmp_path):
    folder = write(tmp_path / "data")
    one, again, other = (read(folder, limit=10, seed=seed) for seed in (1, 1, 2))
    assert max(len(group.pairs) for group in one[0]) == 10
    assert one == again
    assert one != other


def test_the_sample_gives_each_language_about_the_same(data):
    sample = balanced(*data, characters=400)
    sizes = {language: sum(map(len, texts)) for language, texts in sample.items()}
    assert sizes.keys() == {"zh", "ja", "ko", "en"}
    assert all(400 <= size < 1000 for size in sizes.values())
