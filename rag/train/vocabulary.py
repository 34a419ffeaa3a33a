"""The shared tokenizer: folded characters, script runs, unigram pieces, bytes for what is left.

Folding happens inside ``tokenizer.json``, so that every runtime does it alike: NFKC, lower case, and Han
characters to one form (Traditional and Japanese new forms to Simplified), which lets 經濟, 経済 and 经济
share a piece.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import opencc
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer

from rag.train.charsmap import charsmap

PAD, UNKNOWN = "[PAD]", "[UNK]"
MAX_TOKENS = 2048
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF))
_LOWER_END = 0x2000


def build(
    texts: Iterable[str], *, size: int, max_piece: int = 10, min_count: int = 3, alphabet: bool = True
) -> Tokenizer:
    """A unigram tokenizer learned from ``texts``, with byte pieces for rare characters.

    Args:
        texts: a balanced sample of all languages, any script.
        size: most pieces, bytes and special pieces counted.
        max_piece: most characters of a piece.
        min_count: characters seen less often are spelt in bytes, unless they are in common use.
        alphabet: admit every character of GB 2312, Big5 level 1, JIS level 1 and KS X 1001.

    Source: Kudo (2018), "Subword regularization", section 3.2 (the unigram model).
    """
    tokenizer = _untrained(Unigram())
    common = _common() if alphabet else frozenset()
    folded = [_squeezed(tokenizer.normalizer.normalize_str(text)) for text in texts]
    counts = Counter(character for text in folded for character in text)
    keep = {character for character, count in counts.items() if count >= min_count} | common | {" "}
    rare = {ord(character): " " for character in counts if character not in keep}
    trainer = UnigramTrainer(
        vocab_size=size - 256,
        special_tokens=[PAD, UNKNOWN],
        unk_token=UNKNOWN,
        initial_alphabet=sorted(common),
        max_piece_length=max_piece,
        shrinking_factor=0.5,
        show_progress=False,
    )
    tokenizer.train_from_iterator((text.translate(rare) for text in folded), trainer)
    return _with_bytes(tokenizer)


def folding() -> dict[str, str]:
    """Each character that is read as another: upper case, Traditional and Japanese forms of Han.

    Example:
        >>> table = folding()
        >>> table["經"], table["経"], table["A"]
        ('经', '经', 'a')
    """
    table = {chr(code): chr(code).lower() for code in range(_LOWER_END) if chr(code).lower() != chr(code)}
    for low, high in _HAN:
        for code in range(low, high + 1):
            character = chr(code)
            if (simple := _simplified(character)) != character:
                table[character] = simple
    return {character: table.get(simple, simple) for character, simple in table.items()}


def unknown_share(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """Share of pieces that are bytes or unknown, 0..1."""
    special = {index for piece, index in tokenizer.get_vocab().items() if _is_byte(piece) or piece == UNKNOWN}
    pieces = [index for encoding in tokenizer.encode_batch(list(texts)) for index in encoding.ids]
    return sum(index in special for index in pieces) / max(1, len(pieces))


def _untrained(model: Unigram) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Precompiled(charsmap(folding()))]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.UnicodeScripts(),
            pre_tokenizers.Digits(individual_digits=False),
        ]
    )
    return tokenizer


def _with_bytes(trained: Tokenizer) -> Tokenizer:
    model = json.loads(trained.to_str())["model"]
    vocabulary = [(piece, score) for piece, score in model["vocab"]]
    lowest = min(score for _, score in vocabulary) - 10.0
    vocabulary += [(f"<0x{byte:02X}>", lowest) for byte in range(256)]
    tokenizer = _untrained(Unigram(vocabulary, unk_id=model["unk_id"], byte_fallback=True))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _is_byte(piece: str) -> bool:
    return len(piece) == 6 and piece.startswith("<0x")


@cache
def _converters() -> tuple[opencc.OpenCC, opencc.OpenCC]:
    return opencc.OpenCC("t2s"), opencc.OpenCC("jp2t")


def _simplified(character: str) -> str:
    """Traditional to Simplified; Japanese forms too where Chinese does not use the character itself."""
    to_simplified, to_traditional = _converters()
    simple: str = to_simplified.convert(character)
    if simple == character and not _encodable(character, "gb2312"):
        simple = to_simplified.convert(to_traditional.convert(character))
    return simple if len(simple) == 1 else character


def _encodable(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _common() -> frozenset[str]:
    """Folded characters of the national standards' everyday levels."""
    table = folding()
    rows = [
        *_decoded("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF)),
        *_decoded("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
        *_decoded("euc_jp", range(0xA4, 0xD0), range(0xA1, 0xFF)),
        *_decoded("euc_kr", range(0xB0, 0xC9), range(0xA1, 0xFF)),
        *(chr(code) for code in range(0x21, 0x7F)),
    ]
    folded = (table.get(character, character) for character in rows)
    return frozenset(unicodedata.normalize("NFKC", character) for character in folded if character.strip())


def _decoded(encoding: str, leads: Iterable[int], trails: Iterable[int]) -> Iterator[str]:
    trails = tuple(trails)
    for lead in leads:
        for trail in trails:
            character = bytes((lead, trail)).decode(encoding, "ignore")
            if len(character) == 1 and unicodedata.category(character) in ("Lo", "Ll", "Lm"):
                yield character


def _squeezed(text: str) -> str:
    return " ".join(text.split())
