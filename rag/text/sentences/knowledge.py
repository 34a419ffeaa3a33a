"""The interface of a language's rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Regular expressions, each for one question; an empty one says that the language does not know.

    A pattern names only what is written in the script of its language, so that those of several languages
    can stand side by side.

    Attributes:
        said: what, right after a quotation that ended with a stop, carries the sentence on.
        attributed: what tells, right after a quotation, who said it; not asked where that was told before it.
        answered: what, after several quotations in a row, shows that only the last one is spoken of.
        carried: what, right after a stop, cannot begin a sentence.
        wondered: what, right after a question or exclamation mark, shows that the words before it are quoted.
        introduced: how the words before a quotation end when they lead to it and nothing need follow.
        resumed: how a line begins that carries the sentence on after a quotation.
        open_line: how a line ends that the next one surely carries on.
        loose_line: how a line ends that the next one carries on where the lines around are wrapped too.
        polite_line: how a line ends that is a sentence although no stop is written.
        whole_line: how a line ends that very likely is one.
        final_line: how a short line may end that is no part of the next.
    """

    said: str = ""
    attributed: str = ""
    answered: str = ""
    carried: str = ""
    wondered: str = ""
    introduced: str = ""
    resumed: str = ""
    open_line: str = ""
    loose_line: str = ""
    polite_line: str = ""
    whole_line: str = ""
    final_line: str = ""
