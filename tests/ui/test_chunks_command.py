"""``cjkrag chunks``: what a person sees of where documents were cut."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ingest.chunk import chunk_text, chunks
from ingest.load import parse
from tests.ingest.test_chunk import DOCUMENTS, characters, made_of
from ui import terminal
from ui.cli import app
from ui.cuts import Cut, counts, cut_text, cut_to_json

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(path for path in EXAMPLES.glob("*/*") if path.is_file())
ANSI = re.compile("\x1b\\[[0-9;]*m")
LONG = "第一に猫は名前が無く、第二に猫は生れた所を知らず、第三に猫は泣いていたので、人間はこれを見て笑った。"


@pytest.fixture
def run(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CJKRAG_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: object, code: int = 0, input: bytes | None = None):
        result = CliRunner().invoke(app, ["chunks", *map(str, arguments)], input=input)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


def document(text: str, name: str = "a.md"):
    return parse(b"\xef\xbb\xbf" + text.encode(), name=name)


def cut(text: str, size: int = 30, overlap: int = 0, name: str = "a.md") -> Cut:
    made = document(text, name)
    return Cut(made, chunks(made, characters, tokens=size, overlap=overlap), size)


def body(shown: str) -> str:
    """The text that is shown, without white space."""
    lines = [line[5:] for line in ANSI.sub("", shown).splitlines() if line.startswith("    │")]
    return "".join("".join(lines).split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_example_is_shown_whole(run, path):
    shown, data = run(path).stdout, json.loads(run(path, "--json").stdout)
    (file,) = data["files"]
    assert body(shown) == "".join("".join(one["text"] for one in file["chunks"]).split())
    assert all(f"#{number}  ·  " in shown for number in range(1, len(file["chunks"]) + 1))
    assert all(f"  ·  {one['start']}–{one['end']}  ·  " in shown for one in file["chunks"])
    assert all(one["tokens"] <= 256 for one in file["chunks"])
    assert (data["counts"]["over"], data["counts"]["lost"]) == (0, 0)
    assert "0 over budget" in shown.splitlines()[-1]


def test_a_chunk_is_shown_with_number_size_span_place_headings_and_ending(run):
    out = run(EXAMPLES / "ja" / "取扱説明書_APX-200.pdf").stdout
    assert re.search(
        r"^#2  ·  \d+/256 tokens  ·  \d+–\d+  ·  p\. 2  ·  お手入れ  ·  end of a block$", out, re.M
    )


def test_the_last_line_counts(run):
    last = run(EXAMPLES / "ja" / "就業規則.md", "--tokens", 48).stdout.splitlines()[-1]
    assert re.fullmatch(
        r"\d+ chunks  ·  tokens \d+ / \d+ / \d+ \(min / median / max\) of 48  ·  0 over budget  ·  "
        r"\d+ cut inside a sentence  ·  \d+ characters outside of any chunk, all white space",
        last,
    )


def test_a_cut_inside_a_sentence_stands_out():
    shown = cut_text(cut(LONG), colour=False)
    assert shown.count("CUT INSIDE A SENTENCE, after a clause") == shown.count("tokens") - 1 > 0
    coloured = cut_text(cut(LONG), colour=True)
    assert "\x1b[31m\x1b[1mCUT INSIDE A SENTENCE, after a clause\x1b[0m" in coloured
    assert ANSI.sub("", coloured) == shown


def test_a_cut_that_happens_to_be_at_the_end_of_a_sentence_does_not_stand_out():
    made = document("これは文である。" * 8, "a.txt")
    fixed = Cut(made, chunks(made, characters, tokens=16, strategy="fixed"), 16)
    assert {one.ends for one in fixed.chunks} == {"character"}
    assert fixed.inside() == [one.text[-1] != "。" for one in fixed.chunks]
    assert 0 < counts([fixed], 16).inside < len(fixed.chunks)


def test_what_is_repeated_is_dim_and_counted():
    shown = cut_text(cut("".join(f"これは第{n}の文である。" for n in range(9)), 50, 1), colour=True)
    assert "\x1b[2mこれは第" in shown
    assert "repeats 11 characters" in ANSI.sub("", shown)


def test_chunks_take_turns_in_two_colours_line_by_line():
    made = cut("# 甲\n\n文一。\n\n# 乙\n\n文二。\n\n# 丙\n\n文三。")
    lines = [line for line in cut_text(made, colour=True).splitlines() if line.startswith("    │ ")]
    assert [re.findall("\x1b\\[(\\d+)m", line)[0] for line in lines] == ["35"] * 2 + ["36"] * 2 + ["35"] * 2
    assert all(line.endswith("\x1b[0m") for line in lines)


def test_what_is_lost_and_what_is_over_budget_is_said():
    made = cut("これは文である。これも文である。", 60)
    broken = Cut(made.document, [replace(made.chunks[0], start=2, tokens=99)], 60)
    told = counts([broken], 60)
    assert (told.over, told.outside, told.lost) == (1, 2, 2)
    assert "2 of them NOT WHITE SPACE" in told.text()
    assert "99/60 tokens OVER BUDGET" in cut_text(broken, colour=False)


@given(text=DOCUMENTS, size=st.integers(16, 90), overlap=st.integers(0, 2))
def test_what_is_shown_is_all_there_is_and_steers_no_terminal(text, size, overlap):
    made = made_of(text, "a.md")
    found = Cut(made, chunks(made, characters, tokens=size, overlap=overlap), size)
    shown, told = cut_text(found, colour=True), counts([found], size)
    assert (told.over, told.lost) == (0, 0)
    assert told.least <= told.median <= told.most <= size
    assert body(shown) == "".join("".join(terminal.safe(one.text) for one in found.chunks).split())
    bare = ANSI.sub("", shown)
    assert bare == terminal.safe(bare)
    assert json.loads(json.dumps(cut_to_json(found)))["counts"]["chunks"] == len(found.chunks)


def test_hostile_text_does_not_reach_the_terminal(run, tmp_path):
    (tmp_path / "悪\u202e.txt").write_text("消す\u202e命令と\u2066方向。", "utf-8")
    out = run(tmp_path / "悪\u202e.txt").stdout
    assert not set("\u202e\u2066\x1b") & set(out)


def test_budget_overlap_and_strategy_are_those_of_the_options(run, tmp_path):
    (tmp_path / "a.txt").write_text("これは文である。" * 30, "utf-8")
    chosen = ("--tokens", 40, "--overlap", 1, "--strategy", "sentence", "--json")
    found = json.loads(run(tmp_path / "a.txt", *chosen).stdout)
    spans = [(one["start"], one["end"]) for one in found["files"][0]["chunks"]]
    text = (tmp_path / "a.txt").read_text("utf-8")
    assert spans == [(one.start, one.end) for one in chunk_text(text, tokens=40, overlap=1, name="a.txt")]
    assert found["counts"]["budget"] == 40


def test_a_file_is_read_in_the_encoding_that_is_named(run, tmp_path):
    (tmp_path / "a.txt").write_bytes("社員食堂は正午に開く。".encode("euc_jp"))
    assert "社員食堂は正午に開く。" in run(tmp_path / "a.txt", "--encoding", "euc-jp").stdout


def test_standard_input_is_read_and_its_name_says_its_kind(run):
    text = "# 甲\n\n文一。\n\n# 乙\n\n文二。".encode()
    assert run("-", input=text).stdout.startswith("stdin  ·  zh-Hans  ·  18 characters  ·  1 chunk\n")
    found = json.loads(run("-", "--name", "a.md", "--json", input=text).stdout)
    assert [one["headings"] for one in found["files"][0]["chunks"]] == [["甲"], ["乙"]]


def test_every_member_of_an_archive_is_shown(run, tmp_path):
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as archive:
        entry = tarfile.TarInfo("内.txt")
        entry.size = len("内側の文。".encode())
        archive.addfile(entry, io.BytesIO("内側の文。".encode()))
    with zipfile.ZipFile(tmp_path / "全部.zip", "w") as archive:
        archive.writestr("一.txt", "一つ目の文。")
        archive.writestr("二.tar", inner.getvalue())
        archive.writestr("三.pdf", b"%PDF-1.7 broken")
    result = run(tmp_path / "全部.zip", code=6)
    assert body(result.stdout) == "一つ目の文。内側の文。"
    assert "全部.zip/二.tar/内.txt  ·  ja" in result.stdout
    assert "三.pdf" in result.stderr and "三.pdf" not in result.stdout
    assert result.stdout.splitlines()[-1].startswith("2 chunks")


def test_files_that_cannot_be_read_are_named_and_the_others_shown(run, tmp_path):
    (tmp_path / "good.txt").write_text("社員食堂は正午に開く。", "utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    result = run(tmp_path / "empty.txt", tmp_path / "nowhere.md", tmp_path / "good.txt", tmp_path, code=6)
    assert body(result.stdout) == "社員食堂は正午に開く。"
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["cjkrag"] * 3
    assert "empty.txt: holds nothing" in result.stderr and "nowhere.md: cannot be read" in result.stderr


def test_under_json_a_file_that_cannot_be_read_is_an_entry(run, tmp_path):
    found = json.loads(run(tmp_path / "nowhere.md", "--json", code=6).stdout)
    (file,) = found["files"]
    assert (file["outcome"], file["code"]) == ("failed", "unreadable")
    assert found["counts"]["chunks"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--tokens", "3"],
        ["--overlap", "99"],
        ["--strategy", "magic"],
        ["--encoding", "nothing"],
        ["--set", "x"],
    ],
)
def test_wrong_options_exit_with_2(run, wrong):
    run(FILES[0], *wrong, code=2)


def test_without_a_file_the_usage_is_shown(run):
    run(code=2)


@pytest.mark.parametrize(
    ("env", "tty", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_is_for_terminals_that_show_it(monkeypatch, env, tty, colour):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: tty, raising=False)
    assert terminal.in_colour() is colour


def test_colours_reach_the_output_where_they_are_wanted(run, monkeypatch):
    assert "\x1b[" not in run(FILES[0]).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[36m" in run(EXAMPLES / "ja" / "就業規則.md").stdout
