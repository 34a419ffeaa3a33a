"""Text of HWP documents for distribution: enciphered with a key that lies beside it, so that it can be read.

본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.load.hwprecords import DISTRIBUTE, flat

_ROUNDS: Final = 10
_BLOCK: Final = 16
_BACK: Final = np.array([0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3])
"""Where the bytes of a block come from when the rows of its square are shifted back."""

_Bytes = NDArray[np.uint8]


def opened(data: bytes) -> bytes:
    """What a section of ``ViewText`` holds. Raises ValueError where the record with the key is missing."""
    tag, _, record, end = next(flat(data), (0, 0, b"", 0))
    if tag != DISTRIBUTE or len(record) != 256:
        raise ValueError("the key of the text is missing")
    (seed,) = struct.unpack_from("<I", record)
    offset = (seed & 0xF) + 4
    mask = _noise(seed)
    key = bytes(one ^ other for one, other in zip(record, mask, strict=True))[offset : offset + _BLOCK]
    return deciphered(data[end:], key)


def _noise(seed: int) -> bytes:
    """Runs of bytes from the generator of Microsoft's C library."""
    noise = bytearray()

    def drawn() -> int:
        nonlocal seed
        seed = (seed * 214_013 + 2_531_011) & 0xFFFF_FFFF
        return seed >> 16 & 0x7FFF

    while len(noise) < 256:
        value = drawn() & 0xFF
        noise += bytes([value]) * ((drawn() & 0xF) + 1)
    return bytes(noise[:256])


def deciphered(data: bytes, key: bytes) -> bytes:
    """AES-128 in ECB mode (FIPS 197), all blocks at once; bytes behind the last whole block are dropped.

    Example:
        >>> block = bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")
        >>> deciphered(block, bytes(range(16))).hex()
        '00112233445566778899aabbccddeeff'
    """
    box, inverse, multiplied = _tables()
    keys = _round_keys(key, box)
    state = np.frombuffer(data[: len(data) // _BLOCK * _BLOCK], np.uint8).reshape(-1, _BLOCK) ^ keys[_ROUNDS]
    for number in range(_ROUNDS - 1, -1, -1):
        state = inverse[state[:, _BACK]] ^ keys[number]
        if number:
            state = _unmixed(state, multiplied)
    return bytes(state.tobytes())


def _unmixed(state: _Bytes, multiplied: _Bytes) -> _Bytes:
    square = state.reshape(-1, 4, 4)
    turned = [np.roll(square, -step, axis=2) for step in range(4)]
    mixed = np.bitwise_xor.reduce([multiplied[step][turned[step]] for step in range(4)])
    return np.asarray(mixed, np.uint8).reshape(-1, _BLOCK)


def _round_keys(key: bytes, box: _Bytes) -> _Bytes:
    words = [list(key[place : place + 4]) for place in range(0, _BLOCK, 4)]
    power = 1
    while len(words) < 4 * (_ROUNDS + 1):
        word = words[-1]
        if len(words) % 4 == 0:
            word = [int(box[one]) for one in (*word[1:], word[0])]
            word[0] ^= power
            power = _doubled(power)
        words.append([one ^ other for one, other in zip(words[-4], word, strict=True)])
    return np.array(words, np.uint8).reshape(-1, _BLOCK)


def _doubled(value: int) -> int:
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


@cache
def _tables() -> tuple[_Bytes, _Bytes, _Bytes]:
    """The substitution, its inverse, and each byte times 14, 11, 13 and 9 in the field of AES."""
    box = [0] * 256
    value = other = 1
    while True:  # value runs through the field as powers of 3, other through their inverses
        value ^= _doubled(value)
        for step in (1, 2, 4):
            other ^= other << step & 0xFF
        other ^= 0x09 if other & 0x80 else 0
        turned = other
        for step in range(1, 5):
            turned ^= (other << step | other >> 8 - step) & 0xFF
        box[value] = turned ^ 0x63
        if value == 1:
            break
    box[0] = 0x63
    inverse = np.zeros(256, np.uint8)
    inverse[box] = np.arange(256, dtype=np.uint8)
    factors = [[_product(one, factor) for one in range(256)] for factor in (14, 11, 13, 9)]
    return np.array(box, np.uint8), inverse, np.array(factors, np.uint8)


def _product(value: int, factor: int) -> int:
    product = 0
    while factor:
        product ^= value if factor & 1 else 0
        value, factor = _doubled(value), factor >> 1
    return product
