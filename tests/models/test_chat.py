"""Language models behind LangChain, against a server that misbehaves on purpose."""

import sys

import pytest

from rag.answer.answerer import answer
from rag.answer.generate import Generated
from rag.answer.phrases import phrase
from rag.errors import ConfigError, GenerationError, MissingExtra, ModelError
from rag.models.chat import ChatGenerator
from rag.settings import AnswerSettings
from rag.types import Query
from tests.answer.library import passage
from tests.helpers.language_server import language_server
from tests.helpers.tiny_llama import save_tiny_llama

REPLY = "有給休暇は年に十日です[1]。連休は𠮷野へ。年假十五天，연차 15일。"
SECRET = "sk-test-0123456789abcdef"
PACKAGES = {"openai": "langchain_openai", "ollama": "langchain_ollama", "anthropic": "langchain_anthropic"}


@pytest.fixture(scope="module")
def server():
    with language_server(REPLY) as running:
        yield running


@pytest.fixture(params=PACKAGES)
def provider(request, monkeypatch):
    pytest.importorskip(PACKAGES[request.param], reason=f"needs the extra {request.param}")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, SECRET)
    return request.param


def generator(server, provider, behaviour, timeout=5.0, **more):
    address = server.url if provider == "openai" else server.root
    return ChatGenerator(f"{provider}:{behaviour}", base_url=address, timeout=timeout, **more)


def failure(made):
    pieces = []
    with pytest.raises(GenerationError) as caught:
        pieces.extend(made.stream("system", "question"))
    return caught.value, pieces


def test_a_reply_cut_at_any_byte_arrives_whole(server, provider):
    pieces = list(generator(server, provider, "talk").stream("あなたは", "何日？"))
    assert "".join(pieces) == REPLY and len(pieces) > 5 and all(pieces)


def test_the_model_is_told_the_system_text_the_question_and_the_limits(server, provider):
    list(generator(server, provider, "talk", max_tokens=77, temperature=0.5).stream("規則", "何日？"))
    told = str(server.requests[-1])
    assert "規則" in told and "何日？" in told and "77" in told and "0.5" in told


def test_a_connection_that_breaks_inside_a_character_is_said_and_what_came_is_kept(server, provider):
    error, pieces = failure(generator(server, provider, "break"))
    assert error.code == "broken" and REPLY.startswith("".join(pieces)) and pieces


def test_a_reply_that_stops_without_its_ending_is_broken(server, provider):
    error, pieces = failure(generator(server, provider, "end"))
    assert error.code == "broken" and "".join(pieces) == REPLY[: len(REPLY) // 2]


@pytest.mark.parametrize("behaviour", ["hang", "deaf"])
def test_a_server_that_hangs_is_given_up(server, provider, behaviour):
    error, _ = failure(generator(server, provider, behaviour, timeout=0.2))
    assert error.code == "timeout"


@pytest.mark.parametrize("behaviour", ["empty", "null"])
def test_an_empty_reply_has_no_pieces(server, provider, behaviour):
    if (provider, behaviour) == ("anthropic", "null"):
        pytest.skip("Anthropic's stream has no null")
    assert list(generator(server, provider, behaviour).stream("s", "q")) == []


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_refusal_names_the_model_and_the_status_and_never_the_key(server, provider, status):
    error, _ = failure(generator(server, provider, str(status)))
    assert error.code == "refused" and str(status) in str(error) and f"{provider}:{status}" in str(error)
    assert SECRET not in str(error)


def test_a_gateway_without_a_model_behind_it_is_unreachable(server, provider):
    assert failure(generator(server, provider, "503"))[0].code == "unreachable"


def test_a_server_that_is_not_there_is_unreachable_and_its_address_is_named(provider):
    with language_server() as gone:
        pass
    error, _ = failure(generator(gone, provider, "talk"))
    assert error.code == "unreachable" and gone.root in str(error)


def test_a_reply_that_reached_its_limit_is_too_long(server, provider):
    error, pieces = failure(generator(server, provider, "long"))
    assert error.code == "too_long" and "".join(pieces) == REPLY


def test_a_prompt_beyond_the_context_is_too_long(server, provider):
    error, pieces = failure(generator(server, provider, "context"))
    assert error.code == "too_long" and not pieces


def test_a_model_that_takes_no_temperature_is_asked_again_without_one(server, provider):
    if provider == "ollama":
        pytest.skip("Ollama takes it among its options")
    made = generator(server, provider, "cold")
    assert "".join(made.stream("s", "q")) == REPLY == "".join(made.stream("s", "q"))


def test_bytes_that_are_no_json_are_broken(server, provider):
    assert failure(generator(server, provider, "garbage"))[0].code == "broken"


def test_the_server_hears_it_when_nobody_listens_any_more(provider):
    with language_server(REPLY) as running:
        pieces = generator(running, provider, "endless").stream("s", "q")
        assert next(pieces)
        pieces.close()
        assert running.hung_up.wait(10)


def test_a_server_of_ones_own_needs_no_key_and_gets_none(server, monkeypatch):
    pytest.importorskip("langchain_openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    list(ChatGenerator("openai:talk", base_url=server.url).stream("s", "q"))
    assert server.headers[-1]["authorization"] == "Bearer none"


def test_the_provider_without_its_key_is_a_matter_of_configuration(monkeypatch):
    pytest.importorskip("langchain_openai")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        list(ChatGenerator("openai:any").stream("s", "q"))


@pytest.mark.parametrize("name", ["", "gpt", "openai:", ":x"])
def test_a_name_that_is_not_provider_and_model_is_refused(name):
    with pytest.raises(ConfigError, match="provider:model"):
        ChatGenerator(name)


def test_a_provider_nobody_knows_is_refused_with_those_that_are_known():
    with pytest.raises(ConfigError, match="anthropic"):
        list(ChatGenerator("nosuch:x").stream("s", "q"))


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("openai:x", "langchain_openai", "openai"),
        ("ollama:x", "langchain_ollama", "ollama"),
        ("anthropic:x", "langchain_anthropic", "anthropic"),
        ("google:x", "langchain_google_genai", "google"),
        ("huggingface:x", "langchain_huggingface", "models"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(monkeypatch, name, package, extra):
    from langchain.chat_models import base

    base._get_chat_model_creator.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra) as caught:
        list(ChatGenerator(name).stream("s", "q"))
    base._get_chat_model_creator.cache_clear()
    assert caught.value.extra == extra and f'"cjkrag[{extra}]"' in str(caught.value)


@pytest.mark.parametrize(
    ("behaviour", "outcome", "key"),
    [
        ("talk", "answered", None),
        ("break", "failed", "stopped"),
        ("500", "failed", "refused"),
        ("empty", "failed", "empty"),
    ],
)
def test_a_whole_answer_over_http(server, behaviour, outcome, key):
    pytest.importorskip("langchain_openai")
    hit = passage("有給休暇は年に十日です。申請は三日前まで。")
    made = ChatGenerator(f"openai:{behaviour}", base_url=server.url, timeout=5)
    answerer = Generated(made, lambda texts: [len(text) for text in texts], AnswerSettings())
    found = answer(answerer, Query("有給休暇は何日？", "ja"), (hit,))
    assert found.outcome == outcome and found.ranking == (hit,)
    if key:
        assert found.notice.startswith(phrase(key, "ja"))
    else:
        assert found.citations[0].quote == "有給休暇は年に十日です。"


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    pytest.importorskip("langchain_huggingface", reason="needs the extra models")
    return save_tiny_llama(tmp_path_factory.mktemp("llama"))


def test_a_model_in_a_folder_streams_its_reply(llama):
    made = ChatGenerator(f"huggingface:{llama}", max_tokens=24)
    first, second = (list(made.stream("規則", "有給休暇は？")) for _ in range(2))
    assert "".join(first) and first == second


def test_a_model_in_a_folder_draws_where_a_temperature_is_given(llama):
    made = ChatGenerator(f"huggingface:{llama}", max_tokens=24, temperature=1.5)
    assert len({"".join(made.stream("規則", "有給休暇は？")) for _ in range(4)}) > 1


def test_a_folder_without_a_chat_template_says_so(tmp_path):
    pytest.importorskip("langchain_huggingface", reason="needs the extra models")
    folder = save_tiny_llama(tmp_path, chat_template=None)
    assert "chat_template" in str(failure(ChatGenerator(f"huggingface:{folder}"))[0])


def test_a_folder_that_is_not_there_is_an_error_of_the_model():
    pytest.importorskip("langchain_huggingface", reason="needs the extra models")
    with pytest.raises(ModelError, match="nowhere"):
        list(ChatGenerator("huggingface:./nowhere/at/all").stream("s", "q"))
