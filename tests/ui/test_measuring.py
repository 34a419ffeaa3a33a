"""``cjkrag eval chunks``."""

import json
import subprocess
import sys

import pytest

from rag.evaluate.chunks import Finding
from rag.settings import load
from ui.measuring import evaluate_chunks

SENTENCES = {
    "猫.txt": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "休暇.txt": "年次有給休暇は、最大で二十日とする。退職は三十日前に届け出る。",
}
QUESTIONS = [
    {"id": "q1", "question": "猫の名前は？", "doc": "猫.txt", "answer": "まだ無い"},
    {"id": "q2", "question": "有給休暇は何日？", "doc": "休暇.txt", "answer": "二十日"},
]
KEYS = {
    "spans_whole", "spans_whole_share", "mid_sentence", "mid_sentence_share", "over_budget",
    "lost_characters", "altered_chunks", "answer_in_top_1", "answer_in_top_5", "characters_at_1",
    "characters_at_5", "tokens_min", "tokens_mean", "tokens_max", "mb_per_second",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    lines = []
    for one in QUESTIONS:
        text = "\ufeff" + SENTENCES[one["doc"]].replace("。", "。\r\n\r\n")
        (tmp_path / "docs" / one["doc"]).write_bytes(text.encode())
        lines.append(json.dumps({**one, "start": text.index(one["answer"])}, ensure_ascii=False))
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    return tmp_path


def run(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "eval", "chunks", *arguments], capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    return done


def test_documents_are_cut_searched_and_measured(folder):
    found = json.loads(run(str(folder), "--budget", "24", "--strategy", "structure", "--json").stdout)
    assert found.keys() >= KEYS
    assert (found["documents"], found["questions"], found["misplaced_questions"]) == (2, 2, 0)
    assert (found["budget"], found["strategy"], found["overlap"]) == (24, "structure", 0)
    assert (found["spans_whole_share"], found["answer_in_top_1"], found["answer_in_top_5"]) == (1, 1, 1)
    assert (found["over_budget"], found["lost_characters"], found["altered_chunks"]) == (0, 0, 0)
    assert found["tokens_max"] <= 24
    assert "answer_in_top_5" in run(str(folder), "--budget", "24").stdout


def test_settings_that_are_out_of_range_are_errors_of_configuration(folder):
    assert "chunk.tokens" in run(str(folder), "--budget", "2", code=2).stderr
    assert "chunk.strategy" in run(str(folder), "--strategy", "none", code=2).stderr


def test_a_malformed_question_is_named_by_its_line(folder):
    with (folder / "questions.jsonl").open("a") as file:
        file.write('\n{"question": "？", "doc": "犬.txt", "answer": "犬", "start": 0}')
    assert "line 3: the document '犬.txt'" in run(str(folder), code=6).stderr


def test_a_question_whose_answer_stands_elsewhere_is_counted_and_left_out(folder):
    with (folder / "questions.jsonl").open("a") as file:
        file.write('\n{"question": "？", "doc": "猫.txt", "answer": "犬", "start": 0}')
    found = evaluate_chunks(folder, load(environ={}))
    assert (found["questions"], found["misplaced_questions"]) == (2, 1)


def test_overlap_and_mode_reach_the_chunker_and_the_retriever(folder):
    settings = load(
        environ={}, overrides={"chunk.tokens": 48, "chunk.overlap": 1, "retrieve.mode": "lexical"}
    )
    found = evaluate_chunks(folder, settings)
    assert (found["overlap"], found["mode"]) == (1, "lexical")
    assert found["retriever"].startswith("Lexical")


def test_the_figures_of_finding_are_named_by_rank_and_window():
    assert Finding({1: 0.5}, {1: 20}, {500: 1}).to_json() == {
        "answer_in_top_1": 0.5,
        "characters_at_1": 20,
        "answer_in_500_characters": 1,
    }
