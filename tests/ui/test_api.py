from __future__ import annotations

import json
import time

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.settings import load
from tests.ui.world import CHUNKS, SmallFace
from ui.api.app import create_app
from ui.client import sse

TOKEN = "a-long-secret"
AS_JSON = {"content-type": "application/json"}


@pytest.fixture
def face():
    with SmallFace(load(environ={}, overrides={"serve.max_upload_megabytes": 1})) as one:
        yield one


@pytest.fixture
def client(face):
    app = create_app(face, tokens=lambda: [TOKEN])
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def is_problem(response: httpx.Response, status: int) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["detail"]
    return body


def test_healthz_says_ok(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_search_by_link_and_by_body_find_the_same(client):
    by_link = client.get("/search", params={"q": "有給休暇は何日", "top_k": 1}).json()
    by_body = client.post("/search", json={"query": "有給休暇は何日", "top_k": 1}).json()
    assert by_link == by_body
    assert by_link["hits"][0]["chunk"]["document"] == "就業規則.md"
    assert by_link["lang"] == "ja"


def test_a_search_can_ask_for_more_of_the_document_around_each_hit(client, face):
    client.get("/search", params={"q": "休暇", "context": "parent", "room": 900})
    client.post("/search", json={"query": "休暇", "context": "neighbours"})
    client.post("/search", json={"query": "休暇"})
    assert face.grown == [("parent", 900), ("neighbours", None), ("chunk", None)]


@pytest.mark.parametrize(
    "how", [{"context": "page"}, {"context": None}, {"room": -1}, {"room": "much"}, {"room": 10**9}]
)
def test_how_hits_grow_has_bounds(client, how):
    is_problem(client.post("/search", json={"query": "休暇", **how}), 422)


def test_the_passages_beside_one_are_fetched_by_its_id(client):
    found = client.get("/chunks", params={"id": CHUNKS[1].id, "before": 1, "after": 0}).json()
    assert found["id"] == CHUNKS[1].id
    assert [one["id"] for one in found["chunks"]] == [CHUNKS[0].id, CHUNKS[1].id]
    both = client.get("/chunks", params={"id": CHUNKS[1].id}).json()
    assert [one["text"] for one in both["chunks"]] == [one.text for one in CHUNKS]


@pytest.mark.parametrize("unknown", ["", "no such id", "../etc/passwd", "�", "0" * 3000])
def test_a_passage_that_is_not_there_is_a_problem_that_says_so(client, unknown):
    assert is_problem(client.get("/chunks", params={"id": unknown}), 404)["facts"]["code"] == "unknown"


@pytest.mark.parametrize("params", [{}, {"id": "x", "before": -1}, {"id": "x", "after": 21}])
def test_how_many_passages_are_fetched_has_bounds(client, params):
    is_problem(client.get("/chunks", params=params), 422)


def test_the_passages_of_a_collection_that_is_not_there_are_a_problem(client):
    is_problem(client.get("/chunks", params={"id": "x", "collection": "missing"}), 404)


def test_an_answer_comes_with_its_citations(client):
    answer = client.post("/ask", json={"question": "有給休暇は何日?"}).json()
    assert answer["text"] == "二十日です。[1]"
    cited = answer["citations"][0]
    assert cited["chunk"]["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert cited["span"] == {"codepoints": [0, 6], "utf16": [0, 6]} and cited["match"] == "exact"


@pytest.mark.parametrize("how", ["accept", "body"])
def test_an_answer_is_streamed_to_who_asks_for_events(client, how):
    body = {"question": "休暇", "stream": how == "body"}
    headers = {"accept": "text/event-stream"} if how == "accept" else {}
    with client.stream("POST", "/ask", json=body, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = list(sse(response.iter_lines()))
    assert [name for name, _ in events] == ["delta", "delta", "answer"]
    assert "".join(data["text"] for name, data in events if name == "delta") == events[-1][1]["text"]


def test_a_model_that_fails_in_mid_stream_ends_it_with_an_error_event_without_its_address(client):
    with client.stream(
        "POST", "/ask", json={"question": "休暇", "collection": "breaks", "stream": True}
    ) as reply:
        events = list(sse(reply.iter_lines()))
    assert [name for name, _ in events] == ["delta", "error"]
    assert events[-1][1]["type"] == "urn:cjkrag:GenerationError"
    assert events[-1][1]["facts"] == {"code": "broken"}
    assert "10.0.0.1" not in json.dumps(events)


STATUS = {"missing": 404, "locked": 503, "mute": 502, "lost": 503}


@pytest.mark.parametrize("collection", STATUS)
@pytest.mark.parametrize("path", ["/search", "/ask"])
def test_failures_are_problems_with_a_status_and_without_paths(client, path, collection):
    key = "query" if path == "/search" else "question"
    response = client.post(path, json={key: "休暇", "collection": collection})
    is_problem(response, STATUS[collection])
    assert "secret" not in response.text
    assert "10.0.0.1" not in response.text
    assert ("retry-after" in response.headers) == (STATUS[collection] == 503)


def test_an_error_before_the_first_event_has_its_status_even_when_streaming(client):
    is_problem(client.post("/ask", json={"question": " ", "stream": True}), 422)
    is_problem(client.post("/ask", json={"question": "休暇", "collection": "missing", "stream": True}), 404)


@pytest.mark.parametrize("question", ["", "   ", "\u3000\u200b", "\ud800", "\x00"])
def test_an_empty_question_is_refused(client, question):
    for path, key in (("/ask", "question"), ("/search", "query")):
        response = client.post(path, content=json.dumps({key: question}), headers=AS_JSON)
        assert response.status_code in (200, 422), response.text
        if question.strip() != "\ud800":
            is_problem(response, 422)


def test_a_lone_surrogate_in_a_question_is_cleaned(client):
    response = client.post(
        "/search", content=b'{"query": "\\ud800\xe4\xbc\x91\xe6\x9a\x87"}', headers=AS_JSON
    )
    assert response.status_code == 200
    assert response.json()["query"] == "\ufffd休暇"


def test_a_question_of_a_megabyte_is_refused(client):
    is_problem(client.post("/ask", json={"question": "あ" * 350_000}), 422)


@pytest.mark.parametrize("top_k", [0, -1, 201, 10**9, "NaN", 1e309, "５x", None, [], {}])
def test_top_k_has_bounds(client, top_k):
    response = client.post("/search", content=json.dumps({"query": "休暇", "top_k": top_k}), headers=AS_JSON)
    assert response.status_code == (200 if top_k is None else 422)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"\\ud800"', b'{"\\ud800": 1}', b"\xff\xfe", b'{"query": {"a": 1}}', b"{}"],
)
def test_a_body_that_is_no_question_is_refused_as_a_problem(client, content):
    is_problem(client.post("/search", content=content, headers=AS_JSON), 422)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(st.characters(), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["query", "question", "top_k", "mode", "collection", "history", "\udfff"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_no_body_makes_the_service_fail(body):
    client = TestClient(create_app(SmallFace()), base_url="http://127.0.0.1", raise_server_exceptions=False)
    for path in ("/search", "/ask"):
        assert client.post(path, content=json.dumps(body), headers=AS_JSON).status_code < 500


def test_a_body_over_the_limit_is_refused_whether_declared_or_not(client):
    big = b"x" * (3 << 20)
    is_problem(client.post("/search", content=big), 413)
    is_problem(client.post("/search", content=iter([big[: 1 << 20]] * 3)), 413)
    is_problem(client.post("/documents", files={"files": ("a.txt", big)}), 413)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1:80"])
def test_other_host_names_are_refused(client, host):
    is_problem(client.get("/search", params={"q": "休暇"}, headers={"host": host}), 400)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8400", "127.0.0.1:1", "[::1]:8400"])
def test_loopback_names_are_let_in(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_a_page_of_another_origin_cannot_write(client):
    files = {"files": ("a.txt", b"x")}
    is_problem(client.post("/documents", files=files, headers={"origin": "http://evil.example"}), 403)
    is_problem(client.delete("/documents?name=a", headers={"origin": "null"}), 403)


def test_a_path_is_read_only_for_the_owner_of_the_token(client):
    body = {"path": "/etc", "collection": "default"}
    is_problem(client.post("/internal/ingest", json=body), 401)
    is_problem(client.post("/internal/ingest", json=body, headers={"authorization": "Bearer wrong"}), 401)
    is_problem(client.post("/internal/ingest", json=body, headers={"authorization": f"Basic {TOKEN}"}), 401)
    is_problem(client.get("/internal/export"), 401)


def test_every_chunk_is_exported_to_the_owner(client):
    response = client.get("/internal/export", headers={"authorization": f"Bearer {TOKEN}"})
    assert [json.loads(line)["id"] for line in response.text.split("\n") if line] == [
        one.id for one in CHUNKS
    ]


def test_a_private_service_answers_nobody_without_the_token(face):
    app = create_app(face, tokens=lambda: [TOKEN], private=True)
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    assert client.get("/healthz").status_code == 200
    paths = [(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(paths) > 6
    for method, path in paths:
        if path != "/healthz":
            is_problem(client.request(method, path, json={}), 401)
    assert client.get("/search?q=a", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_trusted_caller_is_told_the_whole_story(client):
    response = client.post(
        "/search", json={"query": "a", "collection": "locked"}, headers={"authorization": f"Bearer {TOKEN}"}
    )
    problem = is_problem(response, 503)
    assert "4711" in problem["detail"]
    assert problem["facts"]["pid"] == 4711


def test_documents_are_listed_and_forgotten_by_name(client):
    assert {one["name"] for one in client.get("/documents").json()["documents"]} >= {"就業規則.md"}
    assert client.delete("/documents", params={"name": "就業規則.md"}).json()["deleted"] is True
    is_problem(client.delete("/documents", params={"name": "無い.md"}), 404)


def test_pages_that_load_scripts_from_elsewhere_are_not_offered(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_a_client_that_leaves_stops_the_answer(serving):
    url, face = serving
    face.endless = True
    with (
        httpx.Client(base_url=url) as http,
        http.stream("POST", "/ask", json={"question": "休暇", "stream": True}) as reply,
    ):
        next(reply.iter_raw())
    end = time.monotonic() + 20
    while not face.closed_streams and time.monotonic() < end:
        time.sleep(0.02)
    assert face.closed_streams == 1


def test_the_service_answers_while_a_stream_is_open(serving):
    url, face = serving
    face.endless = True
    with (
        httpx.Client(base_url=url) as http,
        http.stream("POST", "/ask", json={"question": "休暇", "stream": True}),
    ):
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}


@pytest.fixture
def serving(face):
    from tests.ui.serving import running

    with running(create_app(face)) as url:
        yield url, face
