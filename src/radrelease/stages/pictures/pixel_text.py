"""What a text in a picture is: a marker that may stay, or something that may identify and goes.

First comes what the export knows of the patient, then the markers of ``profiles/markers.toml``; whatever
is text and neither counts as identifying. OCR takes some signs for one another, so both comparisons are
made over signs folded together: 0 and O, 1, I and L, 5 and S, 8 and B, 2 and Z.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA

from radrelease.profiles.markers import load_markers
from radrelease.records.pixels import TextReading
from radrelease.stages.knowledge.compact import Either, TextSet
from radrelease.stages.knowledge.known_terms import KnownTerms
from radrelease.stages.pictures.text_search import POOR

__all__ = ["GLYPH", "INITIALS", "MARKER", "NOISE", "PixelTerms", "Verdict", "judge", "pixel_terms"]

MARKER, GLYPH, NOISE = "MARKER", "GLYPH", "NOISE"
"""The kinds of text that stay: a marker, one sign alone, and no text at all."""

INITIALS = "initials"
"""The group of two or three letters that no other group knows: a technologist's initials, as a rule."""

_FOLDED = str.maketrans("OQDILJ|!SZBG", "000111115286")
_TOKEN = re.compile(r"[^\W_]+")
_DATE = re.compile(
    r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{2,4}|(?<!\d)(?:19|20)\d{6}(?!\d)|\d{1,2}[- ]?[A-Z]{3}[- ]?\d{2,4}"
)
_SEPARATORS = " ,;:/\\-_.()|+&#'\"·•"
_LONG_WORD, _LONG_PIECE, _SHORT_PIECE = 7, 4, 2
_SHORTEST_NAME, _SHORTEST_CODE = 4, 4
_RUN_GROUPS = frozenset({"side", "view"})


@dataclass(frozen=True, slots=True)
class PixelTerms:
    """What the export knows of a person, folded as OCR reads: words of names, and numbers."""

    words: frozenset[str]
    codes: Set[str]

    def joined(self, other: PixelTerms) -> PixelTerms:
        """The terms of both."""
        return PixelTerms(self.words | other.words, Either(self.codes, other.codes))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text is and by which rule; ``kind`` is MARKER, GLYPH, NOISE, or what it identifies by."""

    kind: str
    rule: str

    @property
    def identifies(self) -> bool:
        return self.kind not in (MARKER, GLYPH, NOISE)


def pixel_terms(terms: KnownTerms) -> PixelTerms:
    """The terms to look for in pictures: names of four letters or more, and numbers of four signs."""
    words = (word for word, kind in terms.words.items() if kind == "NAME" and len(word) >= _SHORTEST_NAME)
    codes = TextSet()
    codes.update(_fold(code) for code in terms.codes if len(code) >= _SHORTEST_CODE)
    return PixelTerms(words=frozenset(_fold(word) for word in words), codes=codes)


def judge(reading: TextReading, terms: PixelTerms, groups: Collection[str], *, steps: int) -> Verdict:
    """What the text is. ``steps`` says how much of strokes the prefilter counted in its box."""
    text = _plain(reading.text)
    signs = "".join(_TOKEN.findall(text))
    if reading.score < POOR or not signs:
        return _unread(reading, steps)
    known = _known(text, terms)
    if known is not None:
        return known
    if is_marker(text, frozenset(groups)):
        return Verdict(MARKER, "marker")
    if len(signs) == 1:
        return Verdict(GLYPH, "one sign")
    if INITIALS in groups and 2 <= len(signs) <= 3 and signs.isalpha():
        return Verdict(MARKER, INITIALS)
    return _by_rule(text, signs)


_UNREAD_STEPS = 40
_UNREAD_LENGTH = 2.2


def _unread(reading: TextReading, steps: int) -> Verdict:
    """A box that nobody can read is text if it is long and full of strokes."""
    longer, shorter = sorted((reading.box.width, reading.box.height), reverse=True)
    if steps >= _UNREAD_STEPS and longer >= _UNREAD_LENGTH * shorter:
        return Verdict("UNREADABLE", "text that cannot be read")
    return Verdict(NOISE, "no text")


def _known(text: str, terms: PixelTerms) -> Verdict | None:
    tokens = [_fold(token) for token in _TOKEN.findall(text)]
    for token in tokens:
        if token in terms.words or (len(token) > 5 and _is_near(token, terms.words)):
            return Verdict("NAME", "known name")
    for first in range(len(tokens)):
        for last in range(first + 1, len(tokens) + 1):
            joined = "".join(tokens[first:last])
            if joined in terms.codes or joined.lstrip("0") in terms.codes:
                return Verdict("ID", "known number")
    return None


def _by_rule(text: str, signs: str) -> Verdict:
    if _DATE.search(text):
        return Verdict("DATE", "date")
    digits = sum(sign.isdigit() for sign in signs)
    if 2 * digits >= len(signs):
        return Verdict("ID", "number")
    return Verdict("UNKNOWN", "text that is no marker")


def is_marker(text: str, groups: frozenset[str]) -> bool:
    """Whether the text is made of markers of the ``groups`` and of nothing else."""
    rest, found, digits = _plain(text).strip(_SEPARATORS), False, 0
    while rest:
        stretch = _marker_at(rest, groups)
        if stretch:
            found = True
        elif re.match(r"\d(?![^\W_])", rest) and not digits:  # L-1: markers are numbered
            stretch, digits = 1, 1
        else:
            return False
        rest = rest[stretch:].lstrip(_SEPARATORS)
    return found


def _marker_at(text: str, groups: frozenset[str]) -> int:
    """How many signs of the text, from its start, are a marker; 0 for none."""
    for name, group in load_markers().items():
        for pattern in group.patterns if name in groups else ():
            match = pattern.match(text)
            if match and not re.match(r"[^\W_]", text[match.end() :]):
                return match.end()
    token = _TOKEN.match(text)
    if token is None:
        return 0
    words = _folded_words(groups)
    if _fold(token[0]) in words or _is_slip(token[0], groups) or _is_run(_fold(token[0]), groups):
        return token.end()
    return 0


def _is_slip(token: str, groups: frozenset[str]) -> bool:
    return len(token) >= _LONG_WORD and token.isalpha() and _is_near(_fold(token), _long_words(groups))


def _is_near(token: str, words: Iterable[str]) -> bool:
    return any(
        abs(len(word) - len(token)) <= 1 and len(word) > 5 and OSA.distance(word, token, score_cutoff=1) <= 1
        for word in words
    )


def _is_run(token: str, groups: frozenset[str]) -> bool:
    """Whether it is markers without the blanks between them, one of them long: APSUPINE.

    Short ones count only as sides and views: a Chester is not in an emergency room.
    """
    long_pieces = {word for word in _folded_words(groups) if len(word) >= _LONG_PIECE}
    pieces = long_pieces | {word for word in _folded_words(groups & _RUN_GROUPS) if len(word) >= _SHORT_PIECE}

    def rest_of(start: int, *, long: bool) -> bool:
        if start == len(token):
            return long
        return any(
            token[start:end] in pieces and rest_of(end, long=long or token[start:end] in long_pieces)
            for end in range(start + _SHORT_PIECE, len(token) + 1)
        )

    return len(token) >= _LONG_PIECE + _SHORT_PIECE and rest_of(0, long=False)


@cache
def _folded_words(groups: frozenset[str]) -> frozenset[str]:
    allowed = [group for name, group in load_markers().items() if name in groups]
    return frozenset(
        _fold(part)
        for group in allowed
        for word in group.words
        for part in (*word.split(), word.replace(" ", ""))
    )


@cache
def _long_words(groups: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in _folded_words(groups) if len(word) >= _LONG_WORD)


def _plain(text: str) -> str:
    """Upper case, without accents and wide forms."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).upper()


def _fold(text: str) -> str:
    """The text with signs that OCR takes for one another as one."""
    return _plain(text).translate(_FOLDED)
