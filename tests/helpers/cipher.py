"""AES-128 in ECB mode, one byte after another as FIPS 197 describes it."""

from __future__ import annotations


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = (one << 1) ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return product


def _substitution() -> list[int]:
    box = []
    for value in range(256):
        inverse = next((one for one in range(256) if _times(value, one) == 1), 0)
        turned = 0x63
        for step in range(5):
            turned ^= ((inverse << step) | (inverse >> (8 - step))) & 0xFF
        box.append(turned)
    return box


_BOX = _substitution()


def _keys(key: bytes) -> list[list[int]]:
    words = [list(key[place : place + 4]) for place in range(0, 16, 4)]
    power = 1
    for place in range(4, 44):
        word = words[place - 1]
        if place % 4 == 0:
            word = [_BOX[one] for one in word[1:] + word[:1]]
            word[0] ^= power
            power = _times(power, 2)
        words.append([one ^ other for one, other in zip(words[place - 4], word, strict=True)])
    return [[one for word in words[place : place + 4] for one in word] for place in range(0, 44, 4)]


def enciphered(data: bytes, key: bytes) -> bytes:
    """Whole blocks of 16 bytes under a key of 16 bytes."""
    keys = _keys(key)
    sealed = b""
    for start in range(0, len(data), 16):
        block = [one ^ other for one, other in zip(data[start : start + 16], keys[0], strict=True)]
        for number in range(1, 11):
            block = [_BOX[block[(place + 4 * (place % 4)) % 16]] for place in range(16)]
            if number < 10:
                block = _mixed(block)
            block = [one ^ other for one, other in zip(block, keys[number], strict=True)]
        sealed += bytes(block)
    return sealed


def _mixed(block: list[int]) -> list[int]:
    mixed = []
    for start in range(0, 16, 4):
        column = block[start : start + 4]
        for row in range(4):
            a, b, c, d = (column[(row + step) % 4] for step in range(4))
            mixed.append(_times(a, 2) ^ _times(b, 3) ^ c ^ d)
    return mixed
