"""The side bar: which collection, more documents, which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ingest.load.kinds import CODE, EXTENSIONS
from rag.errors import CjkRagError
from ui.chat import shown
from ui.chat.notices import show_error
from ui.chat.words import LANGUAGES, Words, language_of, words
from ui.face import CollectionInfo, Face, Upload

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from ingest.report import Progress, Report

_LOOK_AGAIN = 3.0
TYPES = sorted(suffix.removeprefix(".") for suffix in EXTENSIONS.keys() - CODE)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader chose."""

    collection: str
    documents: int
    words: Words


def sidebar(face: Face) -> Choice:
    """Draw it."""
    with st.sidebar:
        st.subheader("cjkrag")
        language = st.session_state.get("language") or language_of(st.context.locale)
        texts = words(language)
        found = _known(face, texts)
        chosen = _collection(face, found, texts)
        counts = next((one for one in found if one.name == chosen), None)
        _counts(counts, texts)
        _upload(face, chosen, texts)
        if st.button(texts("page.new"), icon=":material/add_comment:", width="stretch"):
            st.session_state.setdefault("conversations", {}).pop(chosen, None)
            st.session_state.pop("uploaded", None)
            st.rerun()
        _language(language, texts)
        _watch(face, found)
    return Choice(chosen, counts.documents if counts else 0, texts)


def _known(face: Face, texts: Words) -> list[CollectionInfo]:
    try:
        return face.collections()
    except CjkRagError as error:
        show_error(error, texts)
        return []


def _collection(face: Face, found: Sequence[CollectionInfo], texts: Words) -> str:
    names = [one.name for one in found]
    configured = face.settings.collection
    if configured not in names:
        names.insert(0, configured)
    chosen = st.selectbox(
        texts("collection.label"),
        names,
        index=names.index(configured),
        key="collection",
        help=texts("collection.help"),
        accept_new_options=True,
    )
    return chosen or configured


def _counts(counts: CollectionInfo | None, texts: Words) -> None:
    if counts and counts.documents:
        st.caption(texts("collection.counts", documents=counts.documents, chunks=counts.chunks))
    else:
        st.caption(texts("collection.none"))


def _upload(face: Face, collection: str, texts: Words) -> None:
    with st.form("upload", clear_on_submit=True):
        st.markdown(f"**{texts('upload.title')}**")
        files = st.file_uploader(
            texts("upload.label"), TYPES, accept_multiple_files=True, help=texts("upload.help")
        )
        label = shown.literal(texts("upload.button", collection=collection))
        pressed = st.form_submit_button(label, icon=":material/upload_file:", width="stretch")
    if pressed and files:
        _take(face, collection, files, texts)
    report = st.session_state.get("uploaded")
    if report and report.collection == collection:
        _show_report(report, texts)


def _take(face: Face, collection: str, files: Sequence[UploadedFile], texts: Words) -> None:
    """Read the files into the collection, showing how far it is; the report is kept for the next drawing."""
    bar = st.progress(0.0)

    def show(progress: Progress) -> None:
        share = progress.done / max(progress.total, 1)
        bar.progress(min(share, 1.0), shown.literal(texts("upload.working", name=progress.name)))

    given = [Upload(one.name, one.getvalue()) for one in files]
    try:
        st.session_state["uploaded"] = face.upload(given, collection=collection, progress=show)
    except CjkRagError as error:
        show_error(error, texts)
        return
    finally:
        bar.empty()
    st.rerun()


def _show_report(report: Report, texts: Words) -> None:
    """What became of the files that were added last, and what to do about those that could not be read."""
    counts = {outcome: len(report.of(outcome)) for outcome in ("indexed", "unchanged")}
    refused = [one for one in report.files if one.outcome in ("failed", "skipped")]
    line = texts("upload.done", **counts, failed=len(refused))
    (st.warning if refused else st.success)(shown.literal(line))
    for one in refused:
        advice = texts("upload.todo", advice=texts.either(f"advice.{one.code}", "advice.other"))
        what = f"**{shown.literal(one.name)}** {shown.literal(one.message)}"
        st.markdown(f"{what}  \n{shown.literal(advice)}")


def _language(language: str, texts: Words) -> None:
    st.selectbox(
        texts("page.language"),
        LANGUAGES,
        index=LANGUAGES.index(language),
        format_func=lambda lang: words(lang)("name"),
        key="language",
    )


@st.fragment(run_every=_LOOK_AGAIN)
def _watch(face: Face, seen: Sequence[CollectionInfo]) -> None:
    """Draw the page anew when somebody else has added or removed documents."""
    try:
        now = face.collections()
    except CjkRagError:
        return  # whoever draws the page next is told
    if [_size(one) for one in now] != [_size(one) for one in seen]:
        st.rerun()


def _size(one: CollectionInfo) -> tuple[str, int, int]:
    return one.name, one.documents, one.chunks
