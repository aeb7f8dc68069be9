"""Names of people as headers and report columns write them, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.text.tokens import words_of

__all__ = ["full_names", "name_words", "people_of"]

Words = tuple[str, ...]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def people_of(value: str) -> Iterator[tuple[Words, Words]]:
    """The names in a value: its component groups (PS3.5 section 6.2.1), spelled with and without umlauts."""
    for group in value.split("="):
        family, given = name_words(group)
        if family or given:
            yield family, given
        plain = group.casefold()
        for spelled in (plain.translate(_UMLAUTS), re.sub("['’`´]", "", plain)):
            if spelled != plain:
                yield name_words(spelled)


def name_words(value: str) -> tuple[Words, Words]:
    """The family words and the other words of a name, titles and suffixes left out."""
    suffixes = load_name_rules().suffixes
    if "^" in value:
        family, *rest = value.split("^")
        given = " ".join(rest[:2])
    elif "," in value:
        family, given = value.split(",", 1)
    else:
        words = [word for word in words_of(value) if word not in suffixes]
        return tuple(words[-1:]), tuple(words[:-1])
    if all(word in suffixes for word in words_of(given)) and " " in family.strip() and "^" not in value:
        return name_words(family)
    whole = words_of(family)
    return (
        tuple(word for word in whole if word not in suffixes) or whole,  # "Do^Thi Lan" has a family name
        tuple(word for word in words_of(given) if word not in suffixes),
    )


def full_names(family: Words, given: Words) -> Iterator[Words]:
    """A person's name as it is written: family and first name, either first, whole or by a part."""
    particles = load_name_rules().particles
    first = [word for word in given[:1] if len(word) > 1]
    for name in first:
        for part in {family, family[-1:], tuple(w for w in family if w not in particles)}:
            if part and len("".join(part)) > 1:
                yield (name, *part)
                yield (*part, name)
        if len(family) > 1:
            yield (name, "".join(family))
            yield ("".join(family), name)
