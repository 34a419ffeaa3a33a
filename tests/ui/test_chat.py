from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ingest.report import FileReport, Progress, Report
from rag.errors import StoreUnavailable
from rag.settings import load
from tests.ui.world import SmallFace
from ui.chat import launch, state
from ui.chat.launch import APP
from ui.chat.words import words


@pytest.fixture
def face():
    with SmallFace(load(environ={})) as one:
        state.use(one)
        yield one


@pytest.fixture
def page(face) -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30).run()


def html_of(page: AppTest) -> str:
    return "\n".join(one.body for one in page.html)


def test_a_question_is_answered_with_its_numbered_source_and_marked_quotation(page):
    page.chat_input[0].set_value("有給休暇は何日?").run()
    assert not page.exception
    html = html_of(page)
    assert "有給休暇は何日?" in html
    assert "「有給休暇は年に二十日です。" in html
    assert '」<sup class="n">[1]</sup>' in html
    assert "<mark>有給休暇は年に二十日です。" in html
    assert "就業規則.md" in html
    assert words("en")("answer.extracted") in html


def test_the_llamaindex_chain_answers_when_it_is_configured(page, face):
    pytest.importorskip("llama_index.core")
    face.settings = face.settings.model_copy(update={"chain": "llamaindex"})
    page.chat_input[0].set_value("有給休暇は何日?").run()
    assert not page.exception
    assert "<mark>有給休暇は年に二十日です。" in html_of(page)


def test_the_conversation_stays_and_goes_with_the_next_question(page, face):
    page.chat_input[0].set_value("有給休暇は?").run()
    page.chat_input[0].set_value("申し込みは?").run()
    html = html_of(page)
    assert html.index("有給休暇は?") < html.index("申し込みは?")
    assert len(page.chat_message) == 4


def test_a_new_conversation_starts_empty(page):
    page.chat_input[0].set_value("有給休暇は?").run()
    next(one for one in page.button if one.label == words("en")("page.new")).click().run()
    assert len(page.chat_message) == 0


def test_nothing_in_a_document_becomes_an_element_of_the_page(page):
    page.chat_input[0].set_value("img").run()
    assert not page.exception
    html = html_of(page)
    assert "evil.example" in html
    assert "<img" not in html
    assert "<script" not in html
    assert not [one for one in page.markdown if "evil.example" in one.value]


def test_the_words_of_the_page_follow_the_chosen_language(page):
    page.selectbox(key="language").set_value("ko").run()
    assert page.title[0].value == words("ko")("page.title")
    assert page.chat_input[0].placeholder == words("ko")("page.ask")


def test_a_failure_is_told_in_the_reader_s_language_and_can_be_asked_again(page):
    page.selectbox(key="language").set_value("ja").run()
    page.selectbox(key="collection").set_value("mute").run()
    page.chat_input[0].set_value("有給休暇は?").run()
    assert words("ja")("error.GenerationError") in page.error[0].value
    page.selectbox(key="collection").set_value("default").run()
    page.chat_input[0].set_value("有給休暇は?").run()
    assert not page.error
    assert "<mark>" in html_of(page)


def test_a_collection_that_cannot_be_read_is_told_and_the_page_stays(face):
    def damaged():
        raise StoreUnavailable("manifest.sqlite: cannot be read")

    face.collections = damaged
    page = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not page.exception
    assert words("en")("error.StoreError") in page.error[0].value
    assert page.chat_input


def test_without_documents_the_first_steps_are_shown(face):
    face.collections = list
    page = AppTest.from_file(str(APP), default_timeout=30).run()
    assert "cjkrag ingest FOLDER --collection default" in page.code[0].value
    assert words("en")("collection.none") in [one.value for one in page.caption]


def test_with_documents_the_page_says_how_many(page):
    assert "3 documents" in page.info[0].value


def test_files_that_were_added_are_told_with_what_to_do_about_those_that_were_not(face):
    report = Report(
        "default",
        (
            FileReport("規程.txt", "indexed", chunks=2),
            FileReport("<b>.pdf", "failed", "encrypted", "is protected by a password"),
            FileReport("x.bin", "skipped", "no such code", "is odd"),
        ),
    )
    page = AppTest.from_file(str(APP), default_timeout=30)
    page.session_state["uploaded"] = report
    page.run()
    assert not page.exception
    assert "Added: 1" in page.warning[0].value.replace("\\", "")
    told = [one.value.replace("\\", "") for one in page.markdown]
    assert any("<b>.pdf" in one and words("en")("advice.encrypted") in one for one in told)
    assert any("x.bin" in one and words("en")("advice.other") in one for one in told)


def test_an_uploaded_file_reaches_the_collection(face):
    seen = []

    def upload(files, *, collection=None, progress=None):
        seen.extend((one.name, one.content, collection) for one in files)
        progress(Progress("indexed", 1, 1, "規程.txt"))
        return Report("default", (FileReport("規程.txt", "indexed", chunks=1),))

    face.upload = upload
    page = AppTest.from_file(str(APP), default_timeout=30).run()
    page.get("file_uploader")[0].upload("規程.txt", "第1条".encode(), "text/plain")
    next(one for one in page.button if "default" in one.label).click().run()
    assert not page.exception
    assert seen == [("規程.txt", "第1条".encode(), "default")]
    assert "Added: 1" in page.success[0].value.replace("\\", "")


def test_the_configuration_file_says_what_the_command_sets():
    import tomllib

    tree = tomllib.loads((APP.parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))
    filed = {}
    for section, keys in tree.items():
        for key, value in keys.items():
            deeper = value if isinstance(value, dict) else {"": value}
            filed |= {f"{section}_{key}_{name}".rstrip("_"): one for name, one in deeper.items()}
    assert filed == launch.options(load(environ={}), "127.0.0.1", 8501)
