"""What went wrong, on the page."""

from __future__ import annotations

import streamlit as st

from rag.errors import CjkRagError
from ui.chat.shown import literal
from ui.chat.words import Words


def show_error(error: CjkRagError, words: Words) -> None:
    """In the reader's language, then in the error's own words."""
    names = [f"error.{kind.__name__}" for kind in type(error).__mro__]
    st.error(f"{words.either(*names, 'error.other')}\n\n{literal(str(error))}")
