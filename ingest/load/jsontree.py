"""JSON as a tree that keeps what is written: every key of an object, digits of numbers, any depth."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias


class Literal(str):
    """A number, true, false or null, as it is written."""

    __slots__ = ()


class Object(list["tuple[str, Value]"]):
    """Keys and values in their order; a key may come twice."""

    __slots__ = ()

    def first(self, key: str) -> Value | None:
        """The value of the first such key."""
        return next((value for one, value in self if one == key), None)


class Array(list["Value"]):
    """Values in their order."""

    __slots__ = ()


Value: TypeAlias = "str | Object | Array"

_TOKEN = re.compile(
    r'\s*+(?:("(?:[^"\\]|\\.)*+")|([\[\]{},:])|(//[^\n]*+|/\*.*?\*/)|([^\s\[\]{},:"]++))', re.DOTALL
)
_LITERAL = re.compile(r"-?\d[\d.eE+-]*|true|false|null|-?Infinity|NaN")
_CLOSING: Final = {"}": "Object", "]": "Array"}


@dataclass(slots=True)
class _Reading:
    """The values that are complete, and those that are still open with the key that waits for its value."""

    roots: Array = field(default_factory=Array)
    open: list[Object | Array] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    sound: bool = True

    def punctuation(self, mark: str) -> None:
        if mark in "{[":
            container: Object | Array = Object() if mark == "{" else Array()
            self.value(container)
            self.open.append(container)
            self.keys.append(None)
        elif mark in _CLOSING:
            if self.open and type(self.open[-1]).__name__ == _CLOSING[mark]:
                self.open.pop()
                self.keys.pop()
            else:
                self.sound = False

    def value(self, value: Value) -> None:
        """A value in the innermost container; in an object, the first of a pair is its key."""
        if not self.open:
            self.roots.append(value)
            return
        inner, key = self.open[-1], self.keys[-1]
        if isinstance(inner, Array):
            inner.append(value)
        elif key is not None:
            inner.append((key, value))
            self.keys[-1] = None
        elif isinstance(value, str):
            self.keys[-1] = value
        else:
            self.sound = False
            inner.append(("", value))


def read(text: str) -> tuple[Array, bool]:
    """The values of a text one after the other, and whether all of it is JSON (comments are overlooked).

    Never raises, and depth costs no recursion. A text that ends too early gives what is there of it.
    """
    reading, done = _Reading(), 0
    text = text.rstrip()
    while done < len(text):
        token = _TOKEN.match(text, done)
        if token is None:
            cut = text[done:].lstrip()
            if cut.startswith('"'):
                reading.value(_string(f'{cut}"'))
            return reading.roots, False
        done = token.end()
        if token[1]:
            reading.value(_string(token[1]))
        elif token[2]:
            reading.punctuation(token[2])
        elif token[4]:
            reading.sound &= bool(_LITERAL.fullmatch(token[4]))
            reading.value(Literal(token[4]))
    return reading.roots, reading.sound and not reading.open


def _string(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token[1:-1]
