"""What is said in a film is found, with the moment it is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ingest.load import parse
from tests.helpers.reading import LANGUAGES, blocks, damaged, place_of, survives

FILM = """1
00:00:01,000 --> 00:00:03,500
<i>今日は、とても</i>

2
00:00:03,600 --> 00:00:05,000
{\\an8}いい天気です。

3
00:01:02,003 --> 00:01:04,000
- 本当に？
- ええ。

4
01:00:05,000 --> 01:00:06,000

2001年の夏。
"""


def test_captions_are_joined_to_sentences_and_each_keeps_its_time():
    document = parse(FILM.encode(), name="a.srt")
    assert blocks(document) == [
        ("paragraph", "今日は、とてもいい天気です。"),
        ("paragraph", "- 本当に？\n- ええ。"),
        ("paragraph", "2001年の夏。"),
    ]
    assert place_of(document, "とても") == "00:00:01"
    assert place_of(document, "いい天気") == "00:00:03"
    assert place_of(document, "今日は、とてもいい天気です。") == "00:00:01–00:00:03"
    assert place_of(document, "夏") == "01:00:05"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "legacy"])
def test_any_language_in_any_encoding_is_read(lang, codec):
    legacy, sentence = LANGUAGES[lang]
    half = sentence.index("，" if "zh" in lang else "、" if lang == "ja" else ",") + 1
    first, second = sentence[:half], sentence[half:].strip()
    source = f"1\n00:00:01,000 --> 00:00:02,000\n{first}\n\n2\n00:00:02,100 --> 00:00:04,000\n{second}\n"
    source = source.replace("\n", "\r\n")
    document = parse(source.encode(legacy if codec == "legacy" else codec), name="a.srt")
    assert (document.text, document.lang) == (sentence, lang)
    assert place_of(document, second) == "00:00:02"


def test_captions_without_punctuation_stay_lines():
    lines = enumerate(["你好吗", "我很好", "谢谢你"], 1)
    source = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n\n" for n, line in lines)
    assert parse(source.encode(), name="a.srt").text == "你好吗\n我很好\n谢谢你"


def test_webvtt_is_read_without_comments_styles_settings_and_tags():
    source = """WEBVTT - 講座

STYLE
::cue { color: red }

NOTE 注釈は出ない

intro
00:01.000 --> 00:03.000 align:start position:10%
<v 田中>おはよう<00:00:02.000><c.yellow>ございます</c>。

NOTE
これも出ない

00:03.500 --> 00:05.000
<v 鈴木>A &amp; B の<ruby>権利<rt>けんり</rt></ruby>だ。
"""
    document = parse(source.encode(), name="a.vtt")
    assert [text for _, text in blocks(document)] == [
        "田中: おはようございます。",
        "鈴木: A & B の権利だ。",
    ]
    assert [one.text for one in document.readings] == ["けんり"]
    assert place_of(document, "権利") == "00:00:03"


def test_lines_that_scroll_on_are_said_once():
    source = "WEBVTT\n\n00:00.000 --> 00:02.000\n一行目。\n\n00:02.000 --> 00:04.000\n一行目。\n二行目。\n"
    assert parse(source.encode(), name="a.vtt").text == "一行目。二行目。"


def test_what_is_said_twice_is_read_twice():
    source = "1\n00:00:01,000 --> 00:00:02,000\nはい。\n\n2\n00:00:02,200 --> 00:00:03,000\nはい。\n"
    assert parse(source.encode(), name="a.srt").text == "はい。はい。"


def test_sami_is_read_language_by_language():
    source = """<SAMI><HEAD><STYLE><!-- P { margin: 0 } --></STYLE></HEAD><BODY>
<SYNC Start=1000><P Class=KRCC>안녕하세요.<br>반갑습니다.
<SYNC Start=1000><P Class=ENCC>Hello.
<SYNC Start=3000><P Class=KRCC>&nbsp;
<SYNC Start=62500><P Class=KRCC><font color=red>감사합니다.</font>
</BODY></SAMI>"""
    document = parse(source.encode("cp949"), name="a.smi")
    assert [text for _, text in blocks(document)] == ["안녕하세요. 반갑습니다.", "감사합니다.", "Hello."]
    assert place_of(document, "감사") == "KRCC 00:01:02"


def test_a_file_without_captions_is_read_as_text():
    assert parse("字幕はまだない。".encode(), name="a.srt").text == "字幕はまだない。"


@settings(max_examples=60, deadline=None)
@given(damaged(FILM.encode()))
def test_damaged_subtitles_are_read_or_refused(data):
    survives(data, "a.srt")
    survives(data.replace(b"1\n", b"WEBVTT\n\n", 1), "a.vtt")
