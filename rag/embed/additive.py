"""Whether a tokenizer reads the parts of a text as it reads the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tokenizers import Tokenizer

_AT_SPACE = {"WhitespaceSplit", "BertPreTokenizer"}
_AT_MARKS = {"Punctuation", "BertPreTokenizer"}
_ADDING = {"Prepend", "Metaspace", "ByteLevel"}


def additive(tokenizer: Tokenizer) -> bool:
    """Whether the tokens of a text are those of its parts, parted at white space or beside punctuation.

    True where the tokenizer splits there before it looks for tokens, and adds nothing to a text's beginning.

    Example:
        >>> from tokenizers import models, pre_tokenizers
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
        >>> tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        >>> additive(tokenizer)
        True
    """
    kinds = {kind for part in (tokenizer.normalizer, tokenizer.pre_tokenizer) for kind in _kinds(part)}
    return bool(kinds & _AT_SPACE) and bool(kinds & _AT_MARKS) and not kinds & _ADDING


def _kinds(part: Any) -> Iterator[str]:
    if part is not None:
        yield from _named(json.loads(part.__getstate__()))


def _named(state: Mapping[str, Any]) -> Iterator[str]:
    yield str(state.get("type"))
    for inner in (*state.get("pretokenizers", ()), *state.get("normalizers", ())):
        yield from _named(inner)
