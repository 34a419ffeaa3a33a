"""The chat as a person sees it, in Chromium."""

from __future__ import annotations

import importlib.util
import json
import shutil

import pytest

from tests.ui.conftest import copied, environment
from tests.ui.test_processes import address, cjkrag, process
from ui.chat.words import words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 120_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="playwright is not installed"),
]


@pytest.fixture(scope="module")
def env(indexed, tmp_path_factory):
    return environment(copied(indexed, tmp_path_factory.mktemp("chat") / "data"))


@pytest.fixture(scope="module")
def chat(env, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "chat.log"
    with process(env, log, "chat", "--port", "0") as child:
        yield address(log, child)
    assert "Traceback" not in log.read_text("utf-8")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, chat):
    visited: list[str] = []
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: visited.append(request.url))
    page.goto(chat)
    question(page).wait_for()
    yield page
    context.close()
    hosts = {url.split("/")[2] for url in visited if url.startswith(("http", "ws"))}
    assert hosts == {chat.split("/")[2]}, "the page fetched something from elsewhere"


def question(page):
    return page.get_by_placeholder(words("ja")("page.ask"))


def ask(page, text: str) -> None:
    question(page).fill(text)
    page.keyboard.press("Enter")


def test_a_japanese_question_is_answered_with_a_marked_quotation(page, tmp_path):
    ask(page, "年次有給休暇は最大で何日ですか")
    page.locator(".cj-source mark").first.wait_for()
    assert "二十日" in page.locator(".cj-source mark").first.inner_text()
    assert "規程/休暇.md" in page.locator(".cj-source .head").first.inner_text()
    assert "二十日とする。」[1]" in page.get_by_test_id("stChatMessageContent").last.inner_text()
    assert page.locator(".cj-passage").first.get_attribute("lang") == "ja"
    shot = tmp_path / "chat.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 10_000


def test_what_is_ingested_meanwhile_appears_and_is_found(page, env, more):
    before = json.loads(cjkrag(env, "collections", "--json").stdout)[0]["documents"]
    counts = words("ja")("collection.counts", documents=before + 1, chunks=0).split("·")[0].strip()
    report = cjkrag(env, "ingest", str(more)).stdout
    assert "1 indexed" in report
    page.get_by_text(counts).first.wait_for()
    ask(page, "社員食堂のカレーはいくらですか")
    page.locator(".cj-source mark").first.wait_for()
    assert "六百円" in page.locator(".cj-source mark").first.inner_text()


def test_an_upload_is_read_and_told_with_its_outcome(page, tmp_path):
    good, empty = tmp_path / "駐車場.txt", tmp_path / "空.txt"
    good.write_text("来客用の駐車場は地下二階にあります。", "cp932")
    empty.write_bytes(b"")
    page.locator("input[type=file]").set_input_files([str(good), str(empty)])
    page.get_by_text("駐車場.txt").first.wait_for()
    page.get_by_role("button", name=words("ja")("upload.button", collection="docs")).click()
    page.get_by_text(words("ja")("advice.empty")).wait_for()
    ask(page, "来客用の駐車場はどこにありますか")
    page.locator(".cj-source mark").first.wait_for()
    assert "地下二階" in page.locator(".cj-source mark").first.inner_text()


def test_a_document_cannot_bring_an_element_into_the_page(page, env, tmp_path):
    evil = tmp_path / "evil"
    evil.mkdir()
    hostile = '罠の文書 <img src="http://evil.invalid/a.png" onerror="document.title=1"> ![](http://evil.invalid/b.png)'
    (evil / "罠.txt").write_text(hostile, "utf-8")
    cjkrag(env, "ingest", str(evil))
    ask(page, "罠の文書")
    page.locator(".cj-source mark").first.wait_for()
    assert "evil.invalid" in page.locator(".cj-source").first.inner_text()
    assert page.locator("img[src*='evil.invalid']").count() == 0
    assert page.title() != "1"
