"""Names that nothing in the export states, found by the words around them.

"Dr. X", "discussed with X Y, RN", "Electronically signed by ...": the titles and cues are data
(``scrub_words.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.records.private import Span
from radrelease.stages.scrub.cues import after_cue
from radrelease.stages.scrub.named_by_role import CLOSES, called_after_role, called_before_role
from radrelease.stages.scrub.places_of_care import owners_practice, place_of_care
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import (
    SIDES_OR_TITLES,
    TITLES_OF_PEOPLE,
    is_followed_by_term,
    is_lone_acronym,
    is_mister,
    is_modal,
    is_ranked,
)
from radrelease.stages.text.vetted_words import protected_words

__all__ = ["find_named_people"]

_ITEM = re.compile(r"\n\s*[-*•]")
_LONGEST_NAME = 4
_KIN = frozenset(
    {"mother", "father", "brother", "sister", "son", "daughter", "wife", "husband", "aunt", "uncle", "cousin"}
)
_WAYS = frozenset(
    {"ct", "mri", "us", "or", "ir", "icu", "ed", "er", "micu", "sicu", "nicu", "picu", "ng", "og", "iv"}
)
_ILLNESSES = frozenset({"cf", "tb", "ca"})
_SEEN_BY = frozenset(
    {"seen", "examined", "reviewed", "confirmed", "evaluated", "imaged", "assessed", "detected"}
)
"""What is done by a modality as well as by a person: "seen by US"."""
_MODALITIES = frozenset(
    {"ct", "us", "mr", "mri", "pet", "cxr", "echo", "tte", "tee", "ir", "ed", "er", "icu"}
)
_BEFORE_DEPUTIES = frozenset({"sheriff", "sheriffs", "undersheriff", "police", "s"})
_PROGRAMS = frozenset({"ai", "cad"})
_LONGEST_CUE = 4


def find_named_people(reading: Reading, protected: frozenset[int]) -> Iterator[Span]:
    """The spans of names after titles and cues, before credentials, and of places of care."""
    roles = load_roles()
    for index in reading.marks:
        word = reading.words[index]
        if word not in roles.every:
            continue
        if word in roles.titles and _is_title(reading, index):
            yield from owners_practice(reading, index)
            yield from _run(reading, index + 1, "titled name", protected, certain=True)
        if word in roles.cues:
            start = after_cue(reading, index)
            if start is not None and not _is_no_person(reading, start):
                certain = _is_field_of_name(reading, start)
                yield from _run(reading, start, "name after a cue", protected, certain=certain)
                yield from _in_small_letters(reading, index, start, protected)
            elif start is None:
                yield from called_after_role(reading, index, protected)
        if word in load_name_rules().before_people:
            yield from called_before_role(reading, index, protected)
        if word in roles.credentials and _is_credential(reading, index):
            yield from _before_credentials(reading, index)
            yield from _after_stroke(reading, index, protected)
        if word in roles.heads:
            yield from place_of_care(reading, index)


def _is_title(reading: Reading, index: int) -> bool:
    """Tell titles from words: MR is also magnetic resonance, and nurse a verb."""
    word, written = reading.words[index], reading.written(index)
    following = reading.text[reading.ends[index] : reading.ends[index] + 1]
    if word == "fr" and index and reading.words[index - 1].isdigit():
        return False  # French
    if word == "dep" and index and reading.words[index - 1] in _BEFORE_DEPUTIES:
        return index + 1 < len(reading.words) and reading.is_capitalised(index + 1)
    if word in SIDES_OR_TITLES and not (index + 1 < len(reading.words) and is_ranked(reading, index + 1)):
        return False
    if word == "mr":
        return is_mister(reading, index)
    if word in {"nurse", "miss", "sister", "matron", "father"}:
        return written[0].isupper() and following == " "
    return following in {".", " ", "'", "/", "\n"}


def _in_small_letters(reading: Reading, index: int, start: int, protected: frozenset[int]) -> Iterator[Span]:
    """A name that is a word too, and written as one, right after a cue that tells of people: "d/w stone"."""
    if start >= len(reading.words) or start in protected or reading.is_caseless(start):
        return
    cue = reading.words[index:start]
    if cue not in load_name_rules().small_cues or reading.gap(start) not in {" ", ": "}:
        return
    word = reading.words[start]
    is_small = word in load_lexicon().ambiguous and reading.written(start).islower()
    if is_small and word not in load_name_rules().stops and not is_followed_by_term(reading, start):
        yield Span(
            start=reading.starts[start], end=reading.ends[start], kind="NAME", rule="small name after a cue"
        )


def _is_no_person(reading: Reading, start: int) -> bool:
    """Whether it is "N/A", or an abbreviation of a way, a rule or an illness: "via RIJ", "per ACR"."""
    if start >= len(reading.words):
        return False
    if reading.text[reading.starts[start] :][:3].upper() == "N/A":
        return True
    before, word = reading.words[start - 1], reading.words[start]
    if before in _KIN and word == "with" and start + 1 < len(reading.words):
        start, word = start + 1, reading.words[start + 1]
    is_short = before in {"to", "via"} and word in _WAYS and not reading.is_caseless(start)
    is_long = before in {"via", "per"} and len(word) > 2
    is_illness = before in _KIN and (len(word) > 2 or word in _ILLNESSES)
    is_modality = before == "by" and reading.words[start - 2] in _SEEN_BY and word in _MODALITIES
    if not (is_short or is_long or is_illness or is_modality):
        return before == "by" and word in _PROGRAMS
    is_term = word in load_lexicon().acronyms or word in load_lexicon().clinical
    return is_term and is_lone_acronym(reading, start)


def _is_field_of_name(reading: Reading, start: int) -> bool:
    """Whether the word is what a field for a name holds in a text of one case: "CHECKED BY: HARDER"."""
    return (
        start < len(reading.words)
        and reading.is_caseless(start)
        and reading.words[start - 1] in {"by", "name"}
        and reading.gap(start).rstrip(" ").endswith(":")
        and reading.words[start] not in load_name_rules().function_words
    )


def _after_stroke(reading: Reading, index: int, protected: frozenset[int]) -> Iterator[Span]:
    """The typist's name after the author's: "Roe, M.D./Anna"."""
    last = index + 1 if reading.words[index] == "m" else index
    if last + 1 < len(reading.words) and reading.gap(last + 1).strip(". ") == "/":
        yield from _run(reading, last + 1, "name after a stroke", protected, certain=True)


def _run(
    reading: Reading, first: int, rule: str, protected: frozenset[int], *, certain: bool
) -> Iterator[Span]:
    """The name that begins at word ``first``; ``certain`` when a title stands before it."""
    words = reading.words
    for _ in range(_LONGEST_CUE):  # "signed by Dr. Prof. X", "PER TECH X"
        if first < len(words) and _precedes_name(reading, first):
            first += 1
    last = first
    longest = 2 if first < len(words) and reading.is_caseless(first) else _LONGEST_NAME
    while last < len(words) and last - first < longest:
        if last in protected or (last > first and not _joins_names(reading, last)):
            break
        if last == first and first and len(reading.gap(first)) > 6:
            break
        if last == first and not certain and _begins_next(reading, first):
            break
        closes = last > first and _is_given_and_closes(reading, last)
        if not (closes or _may_be_name(reading, last, certain=certain and last == first)):
            break
        last += 1
    if last > first:
        yield Span(start=reading.starts[first], end=reading.ends[last - 1], kind="NAME", rule=rule)
        following = reading.text[reading.ends[last - 1] : reading.ends[last - 1] + 5]
        if certain and following.startswith((" and ", " or ", " & ", "/")) and last + 1 < len(words):
            joined = last if following.startswith((" & ", "/")) else last + 1
            yield from _run(reading, joined, rule, protected, certain=False)


def _is_given_and_closes(reading: Reading, index: int) -> bool:
    """Whether a word of capitals that people are called too ends the clause behind a name: "IVY SMALL."."""
    return (
        reading.is_caseless(index)
        and reading.words[index] in load_name_rules().also_given
        and reading.gap(index) == " "
        and CLOSES.match(reading.text, reading.ends[index]) is not None
    )


def _precedes_name(reading: Reading, index: int) -> bool:
    """Whether the word stands before a name; what somebody is does so in a text of one case."""
    word, rules = reading.words[index], load_name_rules()
    if word in rules.titles or word in {"by", "with"}:
        return True
    is_role = reading.is_caseless(index) and word in rules.before_people and word != "patient"
    return is_role and index + 1 < len(reading.words) and reading.gap(index + 1) == " "


def _begins_next(reading: Reading, index: int) -> bool:
    """Whether a new sentence or item begins after a cue that named nobody: "Roe informed. Heart normal."."""
    gap, word, lexicon = reading.gap(index), reading.words[index], load_lexicon()
    if ":" in gap:
        return False
    stops = "." in gap or ";" in gap or _ITEM.search(reading.gaps[index]) is not None
    return (word in lexicon.clinical and (stops or "\n" in gap)) or (stops and word in lexicon.english)


def _joins_names(reading: Reading, index: int) -> bool:
    """Whether word ``index`` and the one before may be parts of one name."""
    gap = reading.gap(index)
    if gap == ". ":
        word, written = reading.words[index - 1], reading.written(index - 1)
        is_particle = word in load_name_rules().particles
        if is_particle and len(word) > 1 and written.isupper() and not reading.is_caseless(index):
            return reading.written(index).isupper()  # "Tech: ST. Checked", and not "St. Clair"
        return len(word) == 1 or is_particle
    return _joins(gap)


def _joins(gap: str) -> bool:
    """Whether words with ``gap`` between them may be parts of one name."""
    return gap in {" ", ". ", ".", ", ", "-", "'", "’", "  ", "\n", "^", " ("} or (
        gap.strip(" ") == "," and len(gap) < 3
    )


def _may_be_name(reading: Reading, index: int, *, certain: bool) -> bool:
    rules, word, written = load_name_rules(), reading.words[index], reading.written(index)
    if not written.isalpha() or (written.islower() and is_modal(reading, index)):
        return False
    if word in rules.stops:
        return _is_called_so(reading, index, titled=certain)
    if certain or not reading.is_caseless(index):
        return certain or word in rules.particles or written[0].isupper()
    is_spared = word in rules.particles or word in protected_words()  # Starr-Edwards, and Dr. Edwards
    return written[0].isupper() and (is_spared or word not in load_lexicon().clinical)


def _is_called_so(reading: Reading, index: int, *, titled: bool) -> bool:
    """Whether a word that ends names is one: "Dr. Day" and "Read by Day, MD", and not "Dr. on call"."""
    word, rules = reading.words[index], load_name_rules()
    if not index or "\n" in reading.gap(index):
        return False
    titled = titled and reading.words[index - 1] in TITLES_OF_PEOPLE
    is_surname = word in rules.short_surnames and word not in rules.function_words
    if reading.is_caseless(index):
        return titled and is_surname
    written = reading.written(index)
    return (written.istitle() and (titled or is_surname)) or (titled and is_surname and written.isupper())


def _is_credential(reading: Reading, index: int) -> bool:
    rules, word = load_name_rules(), reading.words[index]
    if not index:
        return False
    gap, written = reading.gap(index), reading.written(index)
    comma = "," in gap and len(gap) <= 2
    if word == "m" and reading.text[reading.starts[index] : reading.starts[index] + 4].upper() == "M.D.":
        return comma or gap == " "
    if word in rules.credentials:
        return (comma or gap == " ") and written[0].isupper()
    is_list = reading.words[index - 1] in rules.not_initials  # "CT, PA"
    return (
        word in rules.comma_credentials and comma and written.isupper() and len(written) < 4 and not is_list
    )


def _before_credentials(reading: Reading, credential: int) -> Iterator[Span]:
    """The name that ends before the credential."""
    first = credential
    while first and credential - first < _LONGEST_NAME and _joins(reading.gap(first)):
        if not _is_name_part(reading, first - 1):
            break
        first -= 1
    if any(len(word) > 1 for word in reading.words[first:credential]):
        start, end = reading.starts[first], reading.ends[credential - 1]
        yield Span(start=start, end=end, kind="NAME", rule="name with credentials")


def _is_name_part(reading: Reading, index: int) -> bool:
    return reading.is_capitalised(index) and _may_be_name(reading, index, certain=False)
