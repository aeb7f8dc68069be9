"""Words of a text, folded so that one name has one spelling, with their places in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["MARKS_WITHIN", "Token", "ends_full_line", "fold", "tokens_of", "without_hidden", "words_of"]

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
"""Signs that nobody sees: soft hyphens, joiners, marks of direction and of variants."""
MARKS_WITHIN = rf"\u0300-\u036f{_INVISIBLE}"
"""What may stand within a word besides letters, as in a class of an expression."""
_MARK = re.compile(f"[{_INVISIBLE}]")
_WORD_WITH_MARKS = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS_WITHIN}])*")
_FULL_LINE = 48
"""Signs of a line from which on its break is no break of the sentence."""
_FOLDS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits: ``word`` folded, characters ``start`` to ``end`` of the text."""

    word: str
    start: int
    end: int


def ends_full_line(text: str, end: int) -> bool:
    """Whether the line that ends at ``end`` may be broken only because it was full."""
    return end - text.rfind("\n", 0, end) > _FULL_LINE


def fold(text: str) -> str:
    """``text`` without case, accents and signs that nobody sees."""
    if text.isascii():
        return text.lower()
    text = without_hidden(text)
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_FOLDS)


def without_hidden(text: str) -> str:
    """``text`` without signs that nobody sees."""
    return text if text.isascii() else _MARK.sub("", text)


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of ``text``, in order. A combining accent belongs to the word it stands in."""
    if text.isascii():
        return tuple(Token(found[0].lower(), found.start(), found.end()) for found in _WORD.finditer(text))
    return tuple(
        Token(fold(found[0]), found.start(), found.end()) for found in _WORD_WITH_MARKS.finditer(text)
    )


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of ``text``."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    return tuple(token.word for token in tokens_of(text))
