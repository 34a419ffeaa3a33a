"""The page's words, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml

from rag.types import Lang

_FOLDER = Path(__file__).resolve().parents[1] / "locale"
_TRADITIONAL = ("hant", "tw", "hk", "mo")
LANGUAGES = tuple(lang for lang in get_args(Lang) if lang != "und")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language by dotted key."""

    lang: str
    texts: dict[str, str]

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of that key with its values filled in. Raises KeyError for an unknown key."""
        return self.texts[key].format(**values)

    def either(self, *keys: str) -> str:
        """The first of the keys that has a text."""
        return next(self.texts[key] for key in keys if key in self.texts)


@cache
def words(lang: str) -> Words:
    """The words of a language in `LANGUAGES`."""
    tree = yaml.safe_load((_FOLDER / f"{lang}.yaml").read_text("utf-8"))
    return Words(lang, dict(_flat(tree, "")))


def language_of(locale: str | None) -> str:
    """The language for a browser's locale (BCP 47); English where it is none of ours.

    Example:
        >>> [language_of(one) for one in ("ja-JP", "zh-CN", "zh-HK", "zh-Hant-SG", "fr", None)]
        ['ja', 'zh-Hans', 'zh-Hant', 'zh-Hant', 'en', 'en']
    """
    first, *rest = (locale or "en").lower().replace("_", "-").split("-")
    if first == "zh":
        return "zh-Hant" if "hans" not in rest and any(one in rest for one in _TRADITIONAL) else "zh-Hans"
    return first if first in LANGUAGES else "en"


def _flat(tree: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
