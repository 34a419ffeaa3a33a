"""cjkrag inside LlamaIndex."""

import sys

import pytest

from rag.answer.generate import Generated
from rag.chains import stream_answer
from rag.errors import MissingExtra
from rag.settings import AnswerSettings, Settings
from rag.types import Answer, Delta, Hit, Stage, Turn
from tests.answer.library import Desk, chunks
from tests.answer.test_generate import Scripted, characters
from tests.retrieve.linked import SECTIONS, cut

QUESTION = "有給休暇は最大で何日ですか"


@pytest.fixture(scope="module")
def desk():
    return Desk()


@pytest.fixture(scope="module")
def room():
    pytest.importorskip("llama_index.core", reason="needs the extra llamaindex")
    from rag.chains import llamaindex

    return llamaindex


def test_the_retriever_gives_nodes_in_the_order_of_the_search(room, desk):
    found = room.CJKLlamaRetriever(engine=desk).retrieve(QUESTION)
    ranking = desk.search(QUESTION)
    assert [one.node.node_id for one in found] == [hit.chunk.id for hit in ranking]
    first, chunk = found[0], ranking[0].chunk
    assert first.score == ranking[0].score and first.node.text == chunk.text
    assert (first.node.start_char_idx, first.node.end_char_idx) == (chunk.start, chunk.end)
    assert first.metadata["document"] == "就業規則.md" and first.metadata["headings"] == ["休暇"]


def test_a_hit_survives_being_a_node(room):
    for number, chunk in enumerate(chunks()):
        hit = Hit(chunk, 0.5 + number, (Stage("lexical", 1, 2.5), Stage("dense", None, 0.25)))
        assert room.as_hit(room.as_node(hit)) == hit


@pytest.fixture
def linked():
    desk = Desk(settings=Settings(answer=AnswerSettings(context="parent")))
    desk.add(cut(SECTIONS, "休假.md")[1])
    return desk


def test_the_retriever_gives_sections_where_it_is_asked_to(room, linked):
    question = "难产增加几天产假？"
    (grown,) = room.CJKLlamaRetriever(linked, 1, context="parent").retrieve(question)
    assert grown.node.text == "产假为九十八天。\n\n难产的，增加产假十五天。"
    (hit,) = linked.search(question, top_k=1, context="parent")
    assert hit.chunk.parts and room.as_hit(grown) == hit
    (kept,) = room.CJKLlamaRetriever(linked, 1, context="parent", room=0).retrieve(question)
    assert kept.node.text == "难产的，增加产假十五天。"


def test_the_query_engine_answers_from_what_the_settings_say(room, linked):
    found = room.CJKQueryEngine(linked, top_k=1).query("难产增加几天产假？")
    assert found.source_nodes[0].node.text.startswith("产假为九十八天。")
    cited = next(one for one in found.metadata["citations"] if "难产" in one["quote"])
    assert cited["page"] == 2 and cited["headings"] == ["就業規則", "第0節"]


def test_a_node_from_elsewhere_is_refused(room):
    from llama_index.core.schema import NodeWithScore, TextNode

    with pytest.raises(ValueError, match="where it stands"):
        room.as_hit(NodeWithScore(node=TextNode(text="x"), score=1.0))


def test_the_query_engine_answers_with_its_sources(room, desk):
    found = room.CJKQueryEngine(engine=desk, top_k=3).query(QUESTION)
    assert "最大で20日" in str(found) and len(found.source_nodes) == 3
    assert found.metadata["outcome"] == "extracted" and found.metadata["model"] == "extractive"
    one = found.metadata["citations"][0]
    assert one["document"] == "就業規則.md" and one["number"] == 1 and "最大で20日" in one["quote"]
    chunk = next(chunk for chunk in chunks() if chunk.document == "就業規則.md")
    assert chunk.text[one["start"] - chunk.start : one["end"] - chunk.start] == one["quote"]
    assert chunk.text[slice(*one["span"]["codepoints"])] == one["quote"] and one["match"] == "exact"


def test_the_query_engine_streams(room):
    generator = Scripted(["有給休暇は、", "最大で20日", "です[1]。"])
    desk = Desk(answerer=Generated(generator, characters, AnswerSettings()))
    found = room.CJKQueryEngine(engine=desk, streaming=True).query(QUESTION)
    pieces = list(found.response_gen)
    assert pieces == ["有給休暇は、", "最大で20日", "です[1]。"]
    assert found.metadata["outcome"] == "answered" and found.source_nodes


async def test_the_query_engine_and_the_retriever_work_without_blocking(room, desk):
    answering = room.CJKQueryEngine(engine=desk)
    assert str(await answering.aquery(QUESTION)) == str(answering.query(QUESTION))
    nodes = await room.CJKLlamaRetriever(engine=desk).aretrieve(QUESTION)
    assert [one.node.node_id for one in nodes] == [hit.chunk.id for hit in desk.search(QUESTION)]


def test_nodes_that_were_filtered_outside_are_answered_from(room, desk):
    from llama_index.core.schema import QueryBundle

    answering = room.CJKQueryEngine(engine=desk)
    bundle = QueryBundle(QUESTION)
    nodes = [one for one in answering.retrieve(bundle) if one.metadata["document"] != "就業規則.md"]
    assert answering.synthesize(bundle, nodes).metadata["outcome"] == "abstained"


def test_the_answer_of_the_chat_goes_through_the_query_engine(room):
    generator = Scripted(["有給休暇は最大で20日です[1]。"])
    desk = Desk(answerer=Generated(generator, characters, AnswerSettings()))
    *pieces, last = stream_answer("llamaindex", desk, QUESTION, [Turn("駐車場は？", "ありません。")])
    assert desk.asked == [QUESTION] and all(isinstance(piece, Delta) for piece in pieces)
    assert isinstance(last, Answer) and last.citations and "駐車場は？" in generator.prompts[0][1]


def test_both_chains_give_the_same_answer(room, desk):
    first, second = (list(stream_answer(kind, desk, QUESTION)) for kind in ("langchain", "llamaindex"))
    assert first == second


def test_without_llamaindex_its_extra_is_named(monkeypatch, desk):
    for name in [name for name in sys.modules if name.startswith(("llama_index", "rag.chains.llamaindex"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llama_index", None)
    with pytest.raises(MissingExtra) as caught:
        list(stream_answer("llamaindex", desk, QUESTION))
    assert caught.value.extra == "llamaindex"
