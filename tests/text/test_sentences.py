import doctest
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.settings import load
from rag.text.quotations import quotations
from rag.text.sentences import sentences

PAGE = Path(__file__).parents[2] / "docs" / "sentences.md"

# A bar stands where a sentence ends.
GOLDEN = [
    # Chinese
    ("zh-Hans", "今天下雨。|我们在家吧！|好吗？|好。"),
    ("zh-Hans", "真的？！|当然！！！|为什么呢？？？"),
    ("zh-Hans", "他说：“你好。”然后走了。"),
    ("zh-Hans", "“你来吗？”他问道。|“来。”"),
    ("zh-Hans", "所谓“三不管。”的地方，其实很多。|大家都知道。"),
    ("zh-Hans", "《谁动了我的奶酪？》是一本书。|我读过。"),
    ("zh-Hans", "圆周率约为3.14。|版本2.0.1已发布。|见https://a.cn/x?y=1.2。|写信给me@x.co.kr。"),
    ("zh-Hans", "一、概述|（一）背景|1. 安装软件。|2. 配置。"),
    ("zh-Hans", "第三条 国家保护公民的权利。|第四条 本法自公布之日起施行。"),
    ("zh-Hans", "我……我不知道。|唉……"),
    ("zh-Hans", "（本文有删节。）|原文见附录（第3页。）。"),
    ("zh-Hans", "问：年假几天？|答：十五天。"),
    ("zh-Hant", "「你好嗎？」她問。|「很好。」"),
    ("zh-Hant", "臺灣的首都在哪裡？|在臺北。"),
    ("zh-Hant", "他在一九四五年出生，｢真名｣不詳｡|後來成名。"),
    # Japanese
    ("ja", "彼は「もう行く。」と言った。|「そうか。」|私は笑った。"),
    ("ja", "3.14は円周率です。|本当に？|うそ！？"),
    ("ja", "使い方は以下の通り。|・起動する|・設定する"),
    ("ja", "ﾃｽﾄです｡|次です｡"),
    ("ja", "「行きますか？」|「はい。」と答えた。"),
    ("ja", "そう……だと思う。|終わり。"),
    ("ja", "歌手（日本の人。）は人気です。|（写真は別人。）|以上。"),
    ("ja", "最初の文です．|次の文です．|値は３．１４です．"),
    ("ja", "これは長い行なので、幅のところで折り返されてい\nるだけの文です。|次の文です。"),
    ("ja", "# 見出し|本文です。"),
    ("ja", "第一条 この法律は、国民の権利を守る。|２ 前項の規定は、適用しない。"),
    # Korean
    ("ko", "오늘은 날씨가 좋다.|내일은 비가 온다.|정말요?|네!"),
    ("ko", "안녕하세요.|반갑습니다.|저는 학생이에요."),
    ("ko", '그는 "안녕하세요."라고 말했다.|끝이다.'),
    ("ko", "오늘은 좋습니다|내일은 비가 옵니다."),
    ("ko", "그러니까 갑니다!|갑니까?|네."),
    ("ko", "2020. 5. 8. 시행한다.|원주율은 3.14이다."),
    ("ko", "1. 설치|2. 설정|가. 개요|나. 방법"),
    ("ko", "제1조(목적) 이 법은 권리를 보호한다.|제2조(정의) 용어의 뜻은 다음과 같다."),
    ("ko", "좋습니다만 어렵습니다.|그렇습니다 라고 했다."),
    # English and mixed
    ("en", "Mr. Smith met J. R. Tolkien at 3.5 p.m. on Monday.|He left.|Why?|No idea!"),
    ("en", '"Really?" he asked.|Node.js and e.g. Vue work.'),
    ("en", "See https://a.com/x?y=1.2 or me@x.co.kr for details.|Thanks."),
    ("en", "A line that was wrapped by an editor at some margin or\nother goes on here.|The end."),
    ("zh-Hans", "你好.|我是小明.|再见"),
    ("und", "제목|\n\n본문입니다.|\n\n끝"),
    ("zh-Hans", "床前明月光，\n疑是地上霜。|举头望明月，\n低头思故乡。"),
]

LISTED = re.compile(r"(?:^|\|)(?:一、|1\.|・|#|第|제|２|问)")


def cut(text, lang="und"):
    return [text[start:end] for start, end in sentences(text, lang)]


@pytest.mark.parametrize(("lang", "marked"), GOLDEN)
def test_sentences_end_where_a_reader_ends_them(lang, marked):
    expected = [piece.strip() for piece in marked.split("|")]
    joint = "\n" if LISTED.search(marked) else " " if lang in ("ko", "en") else ""
    assert cut(marked.replace("|", joint), lang) == expected


def test_rows_of_a_table_end_at_their_line():
    assert cut("| 名称 | 值 |\n| 甲。 | 1 |") == ["| 名称 | 值 |", "| 甲。 | 1 |"]


def test_a_blank_line_ends_a_sentence_without_a_stop():
    assert cut("見出し\n\n本文\n　\n次") == ["見出し", "本文", "次"]


def test_a_quotation_that_is_never_closed_hides_no_stop():
    assert cut("彼は「行く。もう遅い。帰る。") == ["彼は「行く。", "もう遅い。", "帰る。"]


def test_a_long_quotation_is_read_as_sentences_of_its_own():
    speech = "「" + "これは長い話です。" * 40 + "」"
    assert len(cut(speech)) == 40


def test_text_without_any_stop_is_one_sentence():
    assert sentences("文" * 100_000) == [(0, 100_000)]


def calls(text):
    """How many functions are called to cut the text, those of the interpreter counted."""
    number = 0

    def count(frame, event, argument):
        nonlocal number
        number += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        sentences(text, "ko")
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.parametrize("character", [*"。.!?！…\n」』）)(\"'“”（「 、あ다요a1・|#(笑)😀♪ㅋ-:"])
def test_work_grows_with_the_length_of_a_run_not_faster(character):
    assert calls(character * 4_000) <= 2.1 * calls(character * 2_000) + 100


@pytest.mark.parametrize(
    "piece",
    [
        "A. ",
        "「a。」と",
        "(",
        "。\n",
        "1. ",
        "니다 ",
        '"',
        "…",
        "\n ",
        "（。）",
        " . ",
        "a\n",
        "、\n",
        "etc. ",
        "ab!字",
        "|。",
        "'a",
        "것\n",
        "(笑)",
        "(^^)",
        "😀 ",
    ],
)
def test_hostile_repetition_is_gone_through(piece):
    text = piece * 40_000
    spans = sentences(text, "ko")
    assert sum(end - start for start, end in spans) <= len(text)


LANGUAGES = ["zh-Hans", "zh-Hant", "ja", "ko", "en"]
LIKELY = "。！？!?．.…」』）)”’\"'「『（(“‘、，,;：ab C1３あ漢한다요 \u3000\n\t-#|・第条1"


@given(
    st.text(st.one_of(st.sampled_from(LIKELY), st.characters()), max_size=120),
    st.sampled_from([*LANGUAGES, "und"]),
)
def test_spans_are_in_order_stripped_and_cover_all_that_is_not_space(text, lang):
    spans = sentences(text, lang)
    covered = set()
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        covered.update(range(start, end))
        last = end
    assert {place for place, character in enumerate(text) if not character.isspace()} <= covered


@given(
    st.text(st.sampled_from(LIKELY), max_size=60),
    st.text(st.sampled_from(LIKELY), max_size=60),
    st.sampled_from(LANGUAGES),
)
@settings(max_examples=300)
def test_a_blank_line_keeps_texts_apart(one, other, lang):
    first, offset = sentences(one, lang), len(one) + 2
    second = [(start + offset, end + offset) for start, end in sentences(other, lang)]
    assert sentences(f"{one}\n\n{other}", lang) == first + second


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('그는 "간다."라고 했다. "왜?"라고 물었다.', ['"간다."', '"왜?"']),
        ('끝난 것"이라고 밝혔다. 그는 "아니다"라고 했다.', ['"아니다"']),
        ('그는 "끝이다. 이어서 "간다."고 했다.', ['"간다."']),
        ("He said 'no' to the boys' club in '98.", ["'no'"]),
    ],
)
def test_straight_marks_open_and_close_by_what_stands_beside_them(text, quoted):
    assert [text[start:end] for start, end in quotations(text)] == quoted


@given(st.text(st.sampled_from('「」（）“”"あ。\n'), max_size=60))
def test_quotations_are_apart_in_order_and_within_a_paragraph(text):
    spans = quotations(text)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all("\n\n" not in text[start:end] for start, end in spans)


SPOKEN = "나 지금 가는 중이야 너 어디야 빨리 와"
WITHOUT_KIWI = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name == "kiwipiepy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from rag.errors import MissingExtra
from rag.text.sentences import sentences
try:
    sentences("끝", "ko", by="kiwi")
except MissingExtra as error:
    print(error)
"""


@pytest.fixture(scope="module")
def kiwi():
    pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    return lambda text, lang="ko": [text[start:end] for start, end in sentences(text, lang, by="kiwi")]


def test_kiwi_ends_korean_sentences_that_end_without_a_mark(kiwi):
    assert cut(SPOKEN, "ko") == [SPOKEN]
    assert kiwi(SPOKEN) == ["나 지금 가는 중이야", "너 어디야", "빨리 와"]
    assert kiwi(SPOKEN, "und") == kiwi(SPOKEN)


def test_with_kiwi_marks_and_line_ends_are_left_to_the_rules(kiwi):
    text = '엄마는 "밥부터 먹어라. 말은 나중에."라고 했다. 한때 야후! 재팬에 있었다.\nQ1. 왜요?\n- 목록'
    assert kiwi(text) == cut(text, "ko")
    assert len(kiwi(text)) == 4


def test_kiwi_counts_code_points(kiwi):
    assert kiwi("𠮷野家에 갔다 😀 " + SPOKEN)[-2:] == ["너 어디야", "빨리 와"]


def test_with_kiwi_other_languages_are_as_by_the_rules(kiwi):
    text = "彼は「もう行く。」と言った。3.14は円周率です！他说：“你好。”然后走了。He left. Why? 서울에 갔다."
    for lang in ("ja", "zh-Hans", "en", "und"):
        assert kiwi(text, lang) == cut(text, lang)


@given(
    st.text(st.one_of(st.sampled_from("가다요 나는 했어 너 \n.?“”😀\ud800"), st.characters()), max_size=60)
)
@settings(max_examples=50)
def test_with_kiwi_every_character_but_white_space_is_in_one_sentence(kiwi, text):
    assert "".join("".join(kiwi(text)).split()) == "".join(text.split())


def test_with_kiwi_a_long_text_without_marks_is_read_in_parts(kiwi):
    assert len(kiwi(SPOKEN + " " + "너 어디야 " * 2_000)) > 1_500
    assert kiwi("가" * 9_000 + " 나") == ["가" * 9_000 + " 나"]


def test_without_the_extra_kiwi_is_named_with_its_pip_line():
    done = subprocess.run([sys.executable, "-c", WITHOUT_KIWI], capture_output=True, text=True)
    assert 'pip install "cjkrag[kiwi]"' in done.stdout, done.stderr


BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("source", [source for kind, source in BLOCKS if kind == "python"])
def test_the_python_of_the_page_prints_what_it_says(source):
    if "kiwi" in source:
        pytest.importorskip("kiwipiepy", reason="needs the extra kiwi")
    told = []
    example = doctest.DocTestParser().get_doctest(source, {}, "a block", PAGE.name, 0)
    doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert example.examples and not told, "".join(told)


def test_the_setting_of_the_page_is_a_setting(tmp_path):
    (block,) = (source for kind, source in BLOCKS if kind == "yaml")
    (tmp_path / "mine.yaml").write_text(block, "utf-8")
    assert load(tmp_path / "mine.yaml", environ={}).chunk.sentences == "kiwi"


@pytest.mark.parametrize("name", ["rag.text.sentences", "rag.text.quotations"])
def test_the_examples_in_the_code_give_what_they_say(name):
    found = doctest.testmod(import_module(name))
    assert found.attempted and not found.failed
