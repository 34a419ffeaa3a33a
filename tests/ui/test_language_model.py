"""Every way in, with a language model behind it that does what it is told."""

from __future__ import annotations

import json
from contextlib import contextmanager

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from rag.settings import load
from rag.types import Delta
from tests.helpers.language_server import language_server
from tests.ui.serving import running
from tests.ui.test_processes import cjkrag
from ui.api.app import create_app
from ui.chat import state
from ui.chat.launch import APP
from ui.client import sse
from ui.face import Question
from ui.local import LocalFace

pytest.importorskip("langchain_openai")

LEAVE = "年次有給休暇は最大で何日ですか"
REPLY = "年次有給休暇は、最大で二十日です。[1]"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234567890")


@pytest.fixture
def server():
    with language_server(REPLY) as one:
        yield one


@pytest.fixture
def with_model(data_dir, server):
    @contextmanager
    def opened(model: str):
        answer = {"answer.model": f"openai:{model}", "answer.base_url": server.url, "answer.timeout": 10}
        with LocalFace(
            load(environ={}, overrides={"data_dir": data_dir, "collection": "docs", **answer})
        ) as face:
            yield face

    return opened


def test_the_reply_is_streamed_and_its_citation_checked(with_model):
    with with_model("talk") as face:
        *pieces, answer = face.stream(Question(LEAVE))
    assert len(pieces) > 1
    assert all(isinstance(one, Delta) for one in pieces)
    assert (answer.text, answer.outcome, answer.model) == (REPLY, "answered", "openai:talk")
    assert answer.citations[0].chunk.document == "規程/休暇.md"


def test_the_service_passes_each_piece_on(with_model):
    with with_model("talk") as face, running(create_app(face)) as url:
        body = {"question": LEAVE, "stream": True}
        with httpx.stream("POST", f"{url}/ask", json=body, timeout=60) as reply:
            events = list(sse(reply.iter_lines()))
    assert [name for name, _ in events][-2:] == ["delta", "answer"]
    assert events[-1][1]["text"] == REPLY


@pytest.mark.parametrize("model", ["500", "401", "empty", "break"])
def test_a_model_that_fails_is_a_problem_that_still_carries_what_was_found(with_model, model):
    with with_model(model) as face, running(create_app(face)) as url:
        reply = httpx.post(f"{url}/ask", json={"question": LEAVE}, timeout=60)
    assert reply.status_code == 502
    problem = reply.json()
    assert problem["type"] == "urn:cjkrag:GenerationError"
    assert problem["answer"]["ranking"][0]["chunk"]["document"] == "規程/休暇.md"
    assert "canary" not in reply.text


def test_who_leaves_a_stream_hangs_up_on_the_model(with_model, server):
    with with_model("endless") as face, running(create_app(face)) as url:
        body = {"question": LEAVE, "stream": True}
        with httpx.stream("POST", f"{url}/ask", json=body, timeout=60) as reply:
            next(reply.iter_raw())
        assert server.hung_up.wait(30)


def test_the_command_exits_with_5_and_still_prints_what_was_found(env, server):
    mine = {**env, "CJKRAG_ANSWER__MODEL": "openai:500", "CJKRAG_ANSWER__BASE_URL": server.url}
    done = cjkrag(mine, "ask", LEAVE, code=5)
    assert "規程/休暇.md" in done.stdout
    assert done.stderr.startswith("cjkrag: ")
    assert "canary" not in done.stderr + done.stdout


def test_a_model_that_is_not_there_is_told(env):
    mine = {**env, "CJKRAG_ANSWER__MODEL": "openai:x", "CJKRAG_ANSWER__BASE_URL": "http://127.0.0.1:9/v1"}
    answer = json.loads(cjkrag(mine, "ask", LEAVE, "--json", code=5).stdout)
    assert answer["outcome"] == "failed"
    assert answer["notice"]


@pytest.mark.parametrize("chain", ["langchain", "llamaindex"])
def test_the_page_shows_the_reply_and_its_marked_source(with_model, chain):
    if chain == "llamaindex":
        pytest.importorskip("llama_index.core")
    with with_model("talk") as face:
        face.settings = face.settings.model_copy(update={"chain": chain})
        state.use(face)
        page = AppTest.from_file(str(APP), default_timeout=60).run()
        page.chat_input[0].set_value(LEAVE).run()
        html = "\n".join(one.body for one in page.html)
    assert not page.exception
    assert '最大で二十日です。<sup class="n">[1]</sup>' in html
    assert "<mark>" in html
    assert "openai:talk" in html


def test_the_page_tells_a_failure_and_shows_what_was_found(with_model):
    with with_model("500") as face:
        state.use(face)
        page = AppTest.from_file(str(APP), default_timeout=60).run()
        page.chat_input[0].set_value(LEAVE).run()
    assert not page.exception
    assert page.error
    assert page.expander[0].proto.expanded
    assert "規程/休暇.md" in "\n".join(one.body for one in page.html)
    assert "canary" not in page.error[0].value
