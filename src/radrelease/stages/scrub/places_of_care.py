"""Places of care that nothing in the export states, found by what such places are called: "Mercy Hospital".

The heads of their names are data (``scrub_words.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.reading import Reading

__all__ = ["PLACE_ABBREVIATIONS", "is_anybodys", "owners_practice", "place_of_care"]

_LONGEST_PLACE = 6
_PLACE_GAPS = frozenset({" ", ". ", "'", "’", "-", "\n", " & ", "/"})
_CONNECTORS = frozenset({"of", "the", "and", "s"})
PLACE_ABBREVIATIONS = frozenset(
    {
        *("st", "mt", "ft", "n", "s", "e", "w", "no", "ste"),
        *("mem", "gen", "co", "med", "univ", "ctr", "dist", "pvt", "sch"),
    }
)
"""After which a full stop ends no name."""
_OF_GENERAL = frozenset(
    {"anesthesia", "anaesthesia", "surgery", "surgeon", "practice", "practitioner", "medicine", "condition"}
    | {"population", "appearance", "consent", "health", "assistance", "relief", "fund"}
)
_STOPS_IN_PLACES = frozenset(
    {"medical", "emergency", "primary", "new", "trauma", "surgery", "hospital", "clinic", "our", "the", "of"}
)


def place_of_care(reading: Reading, head: int) -> Iterator[Span]:
    """The name of an institution whose head, "Hospital" or "Medical Center", begins at word ``head``."""
    length = _length_of_head(reading, head)
    if not length:
        return
    first = head
    while first and head - first < _LONGEST_PLACE and _joins(reading, first):
        if not _may_belong(reading, first - 1):
            break
        first -= 1
    while first < head and reading.words[first] in _CONNECTORS - {"the"}:
        first += 1
    last = _named_after(reading, head + length - 1)
    is_named = last >= head + length and not load_lexicon().clinical.issuperset(
        reading.words[head + length + 1 : last + 1]
    )
    is_plain = reading.words[head] in load_name_rules().plain_heads and _is_plain(reading, first, head)
    if is_plain and not is_named and not _joins_by_sign(reading, first, head):
        return  # "knee surgery", "QUALITY LIMITED"
    is_named = is_named or (
        reading.words[head : head + 2] in load_name_rules().whole_names
        and not _names_a_kind(reading, head + 2)
    )
    is_called = is_named or any(len(word) > 1 for word in reading.words[first:head])
    if is_called and not is_anybodys(reading, first, last):
        start, end = reading.starts[first], reading.ends[last]
        yield Span(start=start, end=end, kind="INSTITUTION", rule="place of care")


def is_anybodys(reading: Reading, first: int, last: int) -> bool:
    """Whether the words, among capitals, say what a place is and not which: "SKILLED NURSING FACILITY"."""
    return reading.is_caseless(first) and load_name_rules().of_nobody.issuperset(
        reading.words[first : last + 1]
    )


def owners_practice(reading: Reading, title: int) -> Iterator[Span]:
    """A place of care that bears its owner's name: "Dr. Rao's Clinic", "Dr. Rao's office"."""
    words = reading.words
    for last in range(title + 2, min(title + 5, len(words) - 1)):
        if words[last] == "s" and reading.gap(last) in {"'", "’"}:
            end = _end_of_practice(reading, last)
            if end > last and words[last + 1] not in load_name_rules().titles:
                start = reading.starts[title]
                yield Span(start=start, end=reading.ends[end], kind="INSTITUTION", rule="owner's practice")
            return


def _end_of_practice(reading: Reading, last: int) -> int:
    """The last word of what the owner has; ``last`` itself if that is no place."""
    words = reading.words
    if words[last + 1] in load_name_rules().owned:
        return last + 1
    end = last
    while end + 1 < len(words) and reading.gap(end + 1) == " " and reading.is_capitalised(end + 1):
        end += 1
    return last if reading.is_caseless(last) else end


def _length_of_head(reading: Reading, index: int) -> int:
    """How many words from ``index`` on are the head of an institution's name."""
    heads = load_name_rules().institution_heads
    if not reading.is_capitalised(index):
        return 0
    pair = reading.words[index : index + 2]
    if len(pair) == 2 and pair in heads:
        return 2
    return int(reading.words[index : index + 1] in heads)


def _is_plain(reading: Reading, first: int, head: int) -> bool:
    """Whether nothing before the head of an institution tells of one: terms and, in capitals, usual words."""
    lexicon = load_lexicon()
    plain = lexicon.clinical | lexicon.everyday if reading.is_caseless(head) else lexicon.clinical
    return plain.issuperset(reading.words[first:head])


def _joins_by_sign(reading: Reading, first: int, head: int) -> bool:
    """Whether a sign joins words before the head, as firms are called: "Bone & Joint Group"."""
    return any("&" in reading.gap(index) for index in range(first + 1, head))


def _names_a_kind(reading: Reading, index: int) -> bool:
    """Whether what follows "general" goes with it, and no hospital is meant."""
    return index < len(reading.words) and reading.words[index] in _OF_GENERAL


def _joins(reading: Reading, index: int) -> bool:
    """Whether word ``index`` and the one before may be parts of the name of one place."""
    gap = reading.gap(index)
    return gap in _PLACE_GAPS and (gap != ". " or reading.words[index - 1] in PLACE_ABBREVIATIONS)


def _may_belong(reading: Reading, index: int) -> bool:
    """Whether the word may belong to a name such as "Our Lady of Mercy Hospital"."""
    word, written = reading.words[index], reading.written(index)
    if word in {"dr", "drs"}:
        return reading.is_capitalised(index)
    if word in _CONNECTORS:
        return index > 0 and (word == "s" or reading.is_capitalised(index - 1) or word == "the")
    if word in load_name_rules().before_places or not written[0].isupper():
        return False
    if reading.is_caseless(index):
        return word not in load_name_rules().stops - _STOPS_IN_PLACES
    return not (reading.begins_sentence(index) and word in load_name_rules().stops)


def _named_after(reading: Reading, head: int) -> int:
    """The last word of "Hospital of Marlow" and the like."""
    words = reading.words
    if head + 2 < len(words) and words[head + 1] in {"of", "at"} and not reading.is_caseless(head):
        last = head + 2
        if words[last] == "the":
            last += 1
        while last < len(words) and reading.gap(last) == " " and reading.is_capitalised(last):
            last += 1
        if last - 1 > head + 1 and reading.is_capitalised(last - 1):
            return last - 1
    return head
