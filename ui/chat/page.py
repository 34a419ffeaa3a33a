"""The page: a conversation with a collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from rag.chains import stream_answer
from rag.errors import CjkRagError
from rag.types import Answer, Delta, Turn
from ui.chat import shown, state
from ui.chat.notices import show_error
from ui.chat.sidebar import Choice, sidebar
from ui.chat.words import Words
from ui.face import Reader

ICON = Path(__file__).with_name("icon.svg")  # an icon of Streamlit's own would be fetched from afar
_REMEMBERED = 6


def page() -> None:
    """Draw everything."""
    st.set_page_config("cjkrag", page_icon=str(ICON), layout="centered")
    st.html(shown.STYLE)
    choice = sidebar(state.face())
    words = choice.words
    st.title(words("page.title"))
    turns = _turns(choice.collection)
    for question, answer in turns:
        _show_turn(question, answer, words)
    asked = st.chat_input(words("page.ask"))
    if asked:
        _answer(asked, turns, choice)
    elif not turns:
        _first_steps(choice)


def _turns(collection: str) -> list[tuple[str, Answer]]:
    conversations: dict[str, list[tuple[str, Answer]]] = st.session_state.setdefault("conversations", {})
    return conversations.setdefault(collection, [])


def _show_turn(question: str, answer: Answer, words: Words) -> None:
    with st.chat_message("user"):
        st.html(shown.question_html(question))
    with st.chat_message("assistant"):
        st.html(shown.reply_html(answer.text, _numbers(answer), answer.lang))
        _show_sources(answer, words)


def _answer(question: str, turns: list[tuple[str, Answer]], choice: Choice) -> None:
    words = choice.words
    history = [Turn(asked, answer.text) for asked, answer in turns[-_REMEMBERED:]]
    with st.chat_message("user"):
        st.html(shown.question_html(question))
    with st.chat_message("assistant"):
        try:
            with st.spinner(words("page.searching")):
                reader = Reader(state.face(), choice.collection)
                events = stream_answer(reader.settings.chain, reader, question, history)
                first = next(events)
            answer = _stream(first, events)
        except CjkRagError as error:
            show_error(error, words)
            return
        _show_sources(answer, words)
    turns.append((question, answer))


def _stream(event: Delta | Answer, rest: Iterator[Delta | Answer]) -> Answer:
    """Show the reply as it grows; at its end the whole answer, which is what counts."""
    place, text = st.empty(), ""
    while isinstance(event, Delta):
        text += event.text
        place.html(shown.reply_html(text, (), "und"))
        event = next(rest)
    place.html(shown.reply_html(event.text, _numbers(event), event.lang))
    return event


def _show_sources(answer: Answer, words: Words) -> None:
    if answer.citations:
        st.caption(words("answer.sources"))
        for citation in answer.citations:
            st.html(shown.citation_html(citation, words))
    if answer.outcome == "failed":
        st.error(shown.literal(answer.notice))
    quoted = {citation.chunk.id for citation in answer.citations}
    others = [hit for hit in answer.ranking if hit.chunk.id not in quoted]
    if others:
        with st.expander(words("answer.others", count=len(others)), expanded=answer.outcome == "failed"):
            for hit in others:
                st.html(shown.hit_html(hit, words))
    st.html(shown.note_html(answer, words))


def _first_steps(choice: Choice) -> None:
    words = choice.words
    if choice.documents:
        ready = words("start.ready", documents=choice.documents, collection=choice.collection)
        st.info(shown.literal(ready), icon=":material/forum:")
        return
    st.subheader(words("start.title"))
    st.markdown(f"1. {words('start.one')}")
    st.code(f"cjkrag ingest FOLDER --collection {choice.collection}", language="bash")
    st.markdown(f"2. {words('start.two')}\n3. {words('start.three')}")


def _numbers(answer: Answer) -> set[int]:
    return {citation.number for citation in answer.citations}
