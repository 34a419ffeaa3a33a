"""cjkrag inside LangChain."""

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import RunnableLambda

from rag.answer.generate import Generated
from rag.chains import stream_answer
from rag.chains.langchain import CJKRetriever, as_document, as_hit, question_chain
from rag.errors import QueryError
from rag.settings import AnswerSettings, Settings
from rag.types import Answer, Delta, Hit, Stage, Turn
from tests.answer.library import Desk, chunks
from tests.answer.test_generate import Scripted, characters
from tests.retrieve.linked import SECTIONS, cut

QUESTION = "员工每年有几天带薪年假？"


@pytest.fixture(scope="module")
def desk():
    return Desk()


def test_the_retriever_gives_documents_in_the_order_of_the_search(desk):
    found = CJKRetriever(engine=desk).invoke(QUESTION)
    ranking = desk.search(QUESTION)
    assert [one.id for one in found] == [hit.chunk.id for hit in ranking]
    first, chunk = found[0], ranking[0].chunk
    assert first.page_content == chunk.text and first.metadata["document"] == "员工手册.md"
    assert (first.metadata["start"], first.metadata["end"]) == (chunk.start, chunk.end)
    assert first.metadata["headings"] == ["假期"] and first.metadata["page"] == chunk.page
    assert first.metadata["score"] == ranking[0].score and first.metadata["chunk_id"] == chunk.id


def test_the_retriever_takes_a_number_of_documents(desk):
    assert len(CJKRetriever(engine=desk, top_k=2).invoke(QUESTION)) == 2


def test_a_hit_survives_being_a_document():
    for number, chunk in enumerate(chunks()):
        hit = Hit(chunk, 0.5 + number, (Stage("lexical", 1, 2.5), Stage("dense", None, 0.25)))
        assert as_hit(as_document(hit)) == hit


@pytest.fixture
def linked():
    """A desk with a document whose chunks know one another, and what it says."""
    text, pieces = cut(SECTIONS, "休假.md")
    desk = Desk(settings=Settings(answer=AnswerSettings(context="parent")))
    desk.add(pieces)
    return desk, text


def test_the_retriever_gives_sections_where_it_is_asked_to(linked):
    desk, text = linked
    plain = CJKRetriever(engine=desk, top_k=1).invoke("难产增加几天产假？")[0]
    grown = CJKRetriever(engine=desk, top_k=1, context="parent").invoke("难产增加几天产假？")[0]
    assert plain.page_content == "难产的，增加产假十五天。"
    assert grown.page_content == text[: text.index("陪产假")].rstrip()
    assert grown.id == plain.id and grown.metadata["start"] == 0
    kept = CJKRetriever(engine=desk, top_k=1, context="parent", room=0).invoke("难产增加几天产假？")[0]
    assert kept.page_content == plain.page_content


def test_a_grown_hit_survives_being_a_document(linked):
    desk, _ = linked
    hit = desk.search("难产增加几天产假？", context="parent")[0]
    assert hit.chunk.parts and as_hit(as_document(hit)) == hit


def test_the_chain_answers_from_what_the_settings_say(linked):
    desk, text = linked
    found = question_chain(desk, top_k=1).invoke("难产增加几天产假？")
    assert found.ranking == desk.search("难产增加几天产假？", top_k=1, context="parent")
    cited = next(one for one in found.citations if "难产" in one.quote)
    assert text[cited.start : cited.end] == cited.quote
    assert cited.page == 2 and cited.chunk.page == 1


def test_the_retriever_is_part_of_any_chain(desk):
    def first(documents: list[Document]) -> str:
        return documents[0].page_content

    chain = CJKRetriever(engine=desk) | RunnableLambda(first) | StrOutputParser()
    assert "七天带薪年假" in chain.invoke(QUESTION)


async def test_the_retriever_works_without_blocking(desk):
    assert [one.id for one in await CJKRetriever(engine=desk).ainvoke(QUESTION)] == [
        one.id for one in CJKRetriever(engine=desk).invoke(QUESTION)
    ]


def test_the_chain_answers_a_question(desk):
    found = question_chain(desk).invoke(QUESTION)
    assert isinstance(found, Answer) and found.outcome == "extracted"
    assert "七天带薪年假" in found.citations[0].quote and found.ranking == desk.search(QUESTION)


def test_the_chain_streams_pieces_and_then_the_answer(desk):
    *pieces, last = question_chain(desk).stream(QUESTION)
    assert pieces and all(isinstance(piece, Delta) for piece in pieces)
    assert last == question_chain(desk).invoke(QUESTION)
    assert "".join(piece.text for piece in pieces) == last.text


async def test_the_chain_answers_and_streams_without_blocking(desk):
    chain = question_chain(desk)
    assert await chain.ainvoke(QUESTION) == chain.invoke(QUESTION)
    assert [event async for event in chain.astream(QUESTION)] == list(chain.stream(QUESTION))


def test_the_chain_answers_several_questions_at_once(desk):
    first, second = question_chain(desk).batch([QUESTION, "How long are full backups kept?"])
    assert first.lang == "zh-Hans" and second.lang == "en"


def test_the_chain_tells_a_model_the_conversation_so_far():
    generator = Scripted(["员工每年享有七天带薪年假[1]。"])
    desk = Desk(answerer=Generated(generator, characters, AnswerSettings()))
    history = [Turn("婚假呢？", "十天。")]
    found = question_chain(desk).invoke({"question": QUESTION, "history": history})
    assert "婚假呢？" in generator.prompts[0][1] and found.outcome == "answered"


def test_pieces_come_before_the_model_has_finished():
    said = []

    def script():
        for piece in ("员工每年享有", "七天", "带薪年假[1]。"):
            said.append(piece)
            yield piece

    desk = Desk(answerer=Generated(Scripted(script()), characters, AnswerSettings()))
    events = question_chain(desk).stream(QUESTION)
    assert next(events) == Delta("员工每年享有") and said == ["员工每年享有"]


def test_an_error_of_the_search_reaches_the_caller(desk):
    with pytest.raises(QueryError):
        question_chain(desk).invoke("  ")


def test_the_answer_of_the_chat_goes_through_the_retriever_and_the_chain():
    desk = Desk()
    events = list(stream_answer("langchain", desk, QUESTION, [Turn("a", "b")]))
    assert desk.asked == [QUESTION] and events[-1] == question_chain(desk).invoke(QUESTION)


def test_callbacks_hear_of_the_retriever(desk):
    from langchain_core.callbacks import BaseCallbackHandler

    class Ear(BaseCallbackHandler):
        heard = ()

        def on_retriever_end(self, documents, **kwargs):
            self.heard = documents

    ear = Ear()
    question_chain(desk).invoke(QUESTION, config={"callbacks": [ear]})
    assert ear.heard[0].metadata["document"] == "员工手册.md"
