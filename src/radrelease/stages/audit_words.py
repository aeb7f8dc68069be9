"""How the audit reads words, names and birth dates; nothing here is shared with the scrubber.

Comparison is without case, accents, ligatures and invisible signs, so that ``GARCÍA``, ``Garcia``
and ``gar\u00adcia`` are one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product

__all__ = ["TITLES", "Person", "birth_forms", "fold", "people", "spellings", "tokens", "words_of"]

_WORD = re.compile(r"[^\W_]+")
_INSEPARABLE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_CONTRACTED = re.compile(r"([aou])e")
_SHORTEST_CONTRACTED = 5

TITLES = frozenset(
    "doctor dr drs md do dds dmd phd prof professor mr mrs ms miss mx rn rt np pa pac arrt facr frcr "
    "jr sr ii iii iv".split()
)
_MONTHS = "january february march april may june july august september october november december".split()

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A name taken apart (PS3.5 section 6.2.1), folded, without titles and suffixes."""

    family: Words
    given: Words
    middle: Words


def fold(text: str) -> str:
    """``text`` as it is compared."""
    if text.isascii():
        return text.lower()
    signs = unicodedata.normalize("NFKD", text.casefold())
    kept = (sign for sign in signs if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return "".join(kept).translate(_INSEPARABLE).casefold()


def tokens(folded: str) -> list[str]:
    """The words and numbers of a folded text, in order."""
    return _WORD.findall(folded)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of the texts, folded: what ``public_words`` of a vocabulary is made from."""
    return frozenset(word for text in texts for word in tokens(fold(text)))


def spellings(name: str) -> frozenset[Words]:
    """The token sequences that a part of a name may be written as: Müller, Muller, Mueller."""
    plain = tuple(tokens(fold(name)))
    written_out = tuple(tokens(fold(unicodedata.normalize("NFC", name).lower().translate(_WRITTEN_OUT))))
    contracted = tuple(_contracted(word) for word in plain)
    forms = {plain, written_out, contracted, ("".join(plain),)}
    return frozenset(form for form in forms if any(form))


def people(value: str) -> Iterator[Person]:
    """The persons a name value speaks of, in every writing system it gives (PS3.5 section 6.2)."""
    for one in re.split(r"[\\;=]", value):
        family, given, middle = _components(one)
        for form in product(_spellings(family), _spellings(given)):
            if any(form):
                yield Person(*form, next(iter(_spellings(middle))))


def _components(name: str) -> tuple[str, str, str]:
    """Family, given and middle name: by carets, by a comma, or by the order of the words."""
    if "^" in name:
        family, given, middle, *_ = (*name.split("^"), "", "")
        return _untitled(family), _untitled(given), _untitled(middle)
    family, _, rest = (_untitled(part) for part in name.partition(","))
    if rest:
        given, _, middle = rest.partition(" ")
        return family, given, middle
    words = family.split()
    return " ".join(words[-1:]), " ".join(words[:1][: len(words) - 1]), " ".join(words[1:-1])


def _untitled(name: str) -> str:
    """The words of a name that are neither titles nor hold digits."""
    words = [word.strip(".,()") for word in name.replace(",", " ").split()]
    return " ".join(word for word in words if word and not _is_title(word))


def _is_title(word: str) -> bool:
    return fold(word).replace(".", "") in TITLES or any(sign.isdigit() for sign in word)


def _spellings(name: str) -> frozenset[Words]:
    return spellings(name) or frozenset({()})


def _contracted(word: str) -> str:
    shorter = _CONTRACTED.sub(r"\1", word)
    return shorter if len(shorter) >= _SHORTEST_CONTRACTED else word


@lru_cache(maxsize=256)
def birth_forms(born: date) -> frozenset[str]:
    """The ways to write a date, as tokens with one space between: ISO, US, European, in words."""
    days = {f"{born.day}", f"{born.day:02d}", f"{born.day}{_ordinal(born.day)}"}
    numbers = {f"{born.month}", f"{born.month:02d}"}
    name = _MONTHS[born.month - 1]
    months = numbers | {name, name[:3], name[:4]}
    years = {f"{born.year}", f"{born.year % 100:02d}"}
    written = {
        " ".join(form)
        for day, month, year in product(days, months, years)
        for form in ((year, month, day), (month, day, year), (day, month, year))
    }
    glued = {f"{born:%Y%m%d}", f"{born:%m%d%Y}", f"{born:%d%m%Y}"}
    named = {f"{day:02d}{name[:3]}{year}" for day, year in product((born.day,), years)}
    return frozenset(written | glued | named)


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
