"""Stand-ins for what is removed: invented names, places and numbers instead of ``[NAME]`` and ``[ID]``.

A stand-in is a function of the key, of the patient and of the folded original, so that one person has
one other name through all reports of a patient, and another one in those of everybody else. It
comes from pools in which no word is one that the export knows, and no number is one it knows.

What cannot be drawn in kind keeps the typed placeholder: dates that were not moved, clock times, ages
over 89 and what is of unknown kind (docs/decisions/0007-surrogates.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from string import ascii_lowercase, digits

from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.drawing import Drawing
from radrelease.stages.text.tokens import fold, words_of

__all__ = ["with_surrogates"]

_WORD = re.compile(r"(?<=\w['’])[sS](?!\w)|[^\W_]+")
"""A word, or the s of a possessive, which is none."""
_PIECE = re.compile(r"[^\W_]*\d[^\W_]*|[^\W\d_]+(?:(?:[ '’-]|\. ?)[^\W\d_]+)*")
"""Of a place: a number, or the words of one name."""
_LOCAL = re.compile(r"\d{3}(\W{0,3})\d{2}(\d{2}\W*)$")
_FICTION = "555"
_ATTEMPTS = 100
_MOST_JOINED = 8
_UNDRAWN = "\0"


def with_surrogates(text: str, spans: Iterable[Span], drawing: Drawing) -> tuple[Span, ...]:
    """The spans, each with its stand-in where its kind has one and it has no replacement yet."""
    return tuple(
        replace(span, replacement=span.replacement or _of_span(text, span, drawing)) for span in spans
    )


def _of_span(text: str, span: Span, drawing: Drawing) -> str:
    make = _MAKERS.get(span.kind)
    if make is None:
        return ""
    original = _plain(text[span.start : span.end])
    made = make(original, drawing)
    before, after = (
        text[max(0, span.start - 1) : span.start] + made[:1],
        made[-1:] + text[span.end : span.end + 1],
    )
    if any(len(edge) == 2 and all(map(_is_of_word, edge)) for edge in (before, after)):
        return ""  # together with what stands beside it, it would be a word that nobody knows
    return "" if _UNDRAWN in made or fold(made) == fold(original) else made


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign) in {"Mn", "Cf"}


def _plain(text: str) -> str:
    """The text in composed letters, without marks that would hang on to a stand-in."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in composed if unicodedata.category(sign) not in {"Mn", "Cf"})


def _name(text: str, drawing: Drawing) -> str:
    """Every word of the name by itself, so that order, punctuation and initials stay as they were."""
    return _WORD.sub(lambda found: _name_word(found[0], found.start(), text, drawing), text)


def _name_word(word: str, start: int, text: str, drawing: Drawing) -> str:
    if word in {"s", "S"} and text[start - 1 : start] in {"'", "’"}:
        return word
    if any(map(str.isdigit, word)):
        return _number(word, drawing)
    folded = fold(word)
    if len(word) == 1:
        return _letter(word, drawing)
    pool = "given" if folded in drawing.given else "families"
    choices = drawing.pools.given if pool == "given" else drawing.pools.families
    return _cased(drawing.pick(pool, folded, choices, {folded}), word) or _UNDRAWN


def _letter(letter: str, drawing: Drawing) -> str:
    made = drawing.pick("letter", fold(letter), ascii_lowercase, {fold(letter)})
    return made.upper() if letter.isupper() else made


def _cased(made: str, original: str) -> str:
    """The stand-in in the case of the original; as the pool has it where that is mixed."""
    if original.islower():
        return made.lower()
    return made.upper() if original.isupper() and len(original) > 1 else made


def _place(text: str, drawing: Drawing) -> str:
    return _PIECE.sub(lambda piece: _place_piece(piece[0], drawing), text)


def _place_piece(piece: str, drawing: Drawing) -> str:
    """A number in its shape, letters of a state or postcode by a code, a street or town by another one."""
    if any(map(str.isdigit, piece)):
        return _number(piece, drawing)
    words, pools = words_of(piece), drawing.pools
    if len(piece) <= 2:
        return _letter(piece, drawing) if len(piece) == 1 else _code(piece, drawing)
    is_street = words[-1:] and words[-1] in pools.street_words
    names, avoid = words[:-1] if is_street else words, frozenset(words)
    town = drawing.pick("town", " ".join(names), pools.towns, avoid) if names else ""
    street = drawing.pick("street", " ".join(words), pools.streets, avoid) if is_street else ""
    return _cased(f"{town} {street}".strip(), piece) or _UNDRAWN


def _institution(text: str, drawing: Drawing) -> str:
    """Another institution, the same one for all spellings that share the words that tell it apart."""
    words, generic = words_of(text), load_name_rules().institution_generic
    telling = [word for word in words if word not in generic and not word.isdigit()] or words
    avoid = frozenset(words)
    name = drawing.pick("institution", " ".join(telling), drawing.pools.institutions, avoid)
    ending = (
        drawing.pick("ending", " ".join(telling), drawing.pools.endings, avoid) if generic & avoid else ""
    )
    return _cased(f"{name} {ending}".strip(), text) if name else _UNDRAWN


def _email(text: str, drawing: Drawing) -> str:
    words, pools = words_of(text), drawing.pools
    key, avoid = " ".join(words), frozenset(words)
    given = drawing.pick("mailbox, given", key, pools.given, avoid)
    family = drawing.pick("mailbox, family", key, pools.families, avoid)
    return f"{given}.{family}@{pools.domain}".lower()


def _url(text: str, drawing: Drawing) -> str:
    words = words_of(text)
    page = drawing.pick("url", " ".join(words), drawing.pools.towns, frozenset(words))
    return f"https://{drawing.pools.domain}/{page}".lower()


def _number(text: str, drawing: Drawing) -> str:
    """Keyed digits and letters in the same shape; no number that is known, and no word that stood there."""
    return _drawn(text, drawing)


def _phone(text: str, drawing: Drawing) -> str:
    """A number that nobody is given, 555-01xx, where the shape has an exchange and a line."""
    return _drawn(text, drawing, exchange=_FICTION)


def _drawn(text: str, drawing: Drawing, exchange: str = "") -> str:
    for attempt in range(_ATTEMPTS):
        made = _shaped(text, str(attempt), drawing)
        if exchange:
            made = _LOCAL.sub(rf"{exchange}\g<1>01\g<2>", made)
        pairs = zip(words_of(made), words_of(text), strict=False)
        if all(new != old or new == exchange for new, old in pairs) and not _is_known(made, drawing):
            return made
    return _UNDRAWN


def _shaped(text: str, attempt: str, drawing: Drawing) -> str:
    """Sign by sign over the number without its separators, so that its spellings stay spellings of one."""
    joined, places = "".join(words_of(text)), count()

    def word(found: re.Match[str]) -> str:
        if len(found[0]) > 1 and not any(map(str.isdigit, found[0])):
            return _code(found[0], drawing)
        return "".join(_sign(sign, drawing, joined, attempt, str(next(places))) for sign in found[0])

    return re.sub(r"[^\W_]+", word, text)


def _sign(sign: str, drawing: Drawing, *key: str) -> str:
    """Another digit or letter; no number begins with a 0, which not every reader would keep."""
    choices = ascii_lowercase if sign.isalpha() else digits[1:] if key[-1] == "0" else digits
    made = choices[drawing.number("sign", *key) % len(choices)]
    return made.upper() if sign.isupper() else made


def _code(word: str, drawing: Drawing) -> str:
    """Letters that stand apart, by as many from the pool: those of no pool would be an unknown word."""
    choices = [code for code in drawing.pools.codes if len(code) == len(word)] or drawing.pools.families
    return _cased(drawing.pick("code", fold(word), choices, {fold(word)}), word) or _UNDRAWN


def _is_known(made: str, drawing: Drawing) -> bool:
    """Whether words of it, one after another, are a number that the export knows."""
    words = words_of(made)
    runs = (
        "".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, min(first + _MOST_JOINED, len(words)) + 1)
    )
    return any(
        form in numbers
        for run in runs
        for form in (run, run.lstrip("0"))
        for numbers in drawing.known_numbers
    )


_MAKERS: Mapping[str, Callable[[str, Drawing], str]] = {
    "NAME": _name,
    "PLACE": _place,
    "INSTITUTION": _institution,
    "PHONE": _phone,
    "ID": _number,
    "EMAIL": _email,
    "URL": _url,
}
