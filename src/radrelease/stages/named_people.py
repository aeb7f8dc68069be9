"""Names that nothing in the export states, found by the words around them.

"Dr. X", "discussed with X Y, RN", "Electronically signed by ...", "Mercy Hospital": the titles,
cues and heads are data (``scrub_rules.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_name_rules, load_roles
from radrelease.records import Span
from radrelease.stages.protecting import protected_words
from radrelease.stages.reading import Reading

__all__ = ["find_named_people"]

_LONGEST_NAME = 4
_LONGEST_CUE = 4


def find_named_people(reading: Reading) -> Iterator[Span]:
    """The spans of names after titles and cues, before credentials, and of places of care."""
    roles = load_roles()
    for index in reading.marks:
        word = reading.words[index]
        if word not in roles.every:
            continue
        if word in roles.titles and _is_title(reading, index):
            yield from _run(reading, index + 1, "titled name", certain=True)
        if word in roles.cues:
            start = _after_cue(reading, index)
            if start is not None:
                yield from _run(reading, start, "name after a cue", certain=False)
        if word in roles.credentials and _is_credential(reading, index):
            yield from _run_back(reading, index, "NAME", "name with credentials")
        if word in roles.heads:
            head = _institution_head(reading, index)
            if head:
                yield from _run_back(reading, index, "INSTITUTION", "place of care", head_words=head)


def _is_title(reading: Reading, index: int) -> bool:
    """Tell titles from words: MR is also magnetic resonance, and nurse a verb."""
    word, written = reading.words[index], reading.written(index)
    following = reading.text[reading.ends[index] : reading.ends[index] + 1]
    if word == "mr":
        return following == "." or written == "Mr"
    if word in {"nurse", "miss", "sister", "matron", "father"}:
        return written[0].isupper() and following == " "
    return following in {".", " ", "'", "/"}


def _after_cue(reading: Reading, index: int) -> int | None:
    """The index of the first word after a cue that begins at ``index``."""
    rules, words = load_name_rules(), reading.words
    for length in range(min(_LONGEST_CUE, len(words) - index), 0, -1):
        if words[index : index + length] in rules.cues:
            end = reading.ends[index + length - 1]
            after = reading.text[end : end + 4].lstrip(" *_")
            if words[index : index + length] in rules.colon_cues and not after.startswith((":", "-", "|", "=")):
                continue
            return index + length
    return None


def _run(reading: Reading, first: int, rule: str, *, certain: bool) -> Iterator[Span]:
    """The name that begins at word ``first``; ``certain`` when a title stands before it."""
    rules, words = load_name_rules(), reading.words
    for _ in range(_LONGEST_CUE):  # "signed by Dr. Prof. X"
        if first < len(words) and words[first] in rules.titles | {"by", "with"}:
            first += 1
    last = first
    longest = 2 if reading.capitals else _LONGEST_NAME
    while last < len(words) and last - first < longest:
        if last > first and not _joins(reading.gap(last)):
            break
        if last == first and first and len(reading.gap(first)) > 6:
            break
        if not _may_be_name(reading, last, certain=certain and last == first):
            break
        last += 1
    if last > first:
        yield Span(start=reading.starts[first], end=reading.ends[last - 1], kind="NAME", rule=rule)
        following = reading.text[reading.ends[last - 1] : reading.ends[last - 1] + 5]
        if certain and following.startswith((" and ", " or ", " & ", "/")) and last + 1 < len(words):
            joined = last if following.startswith((" & ", "/")) else last + 1
            yield from _run(reading, joined, rule, certain=False)


def _joins(gap: str) -> bool:
    """Whether words with ``gap`` between them may be parts of one name."""
    return gap in {" ", ". ", ".", ", ", "-", "'", "’", "  ", "\n", "^", " ("} or (
        gap.strip(" ") == "," and len(gap) < 3
    )


def _may_be_name(reading: Reading, index: int, *, certain: bool) -> bool:
    rules, word, written = load_name_rules(), reading.words[index], reading.written(index)
    if word in rules.stops or not written.isalpha():
        return False
    if certain:
        return True
    if word in rules.particles and not reading.capitals:
        return True
    if not written[0].isupper():
        return False
    if reading.capitals:
        return word not in protected_words() and word not in load_lexicon().clinical
    return True


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
    return word in rules.comma_credentials and comma and written.isupper() and len(written) < 4


def _institution_head(reading: Reading, index: int) -> int:
    """How many words from ``index`` on are the head of an institution's name."""
    heads = load_name_rules().institution_heads
    if not reading.is_capitalised(index):
        return 0
    pair = reading.words[index : index + 2]
    if len(pair) == 2 and pair in heads:
        return 2
    return int(reading.words[index : index + 1] in heads)


def _run_back(
    reading: Reading, head: int, kind: str, rule: str, *, head_words: int = 0
) -> Iterator[Span]:
    """The name that ends before word ``head``; the head's words are taken into it."""
    first, words = head, reading.words
    longest = 2 if reading.capitals else _LONGEST_NAME
    while first and head - first < longest:
        gap = reading.gap(first)
        if not _joins(gap) or (kind == "INSTITUTION" and gap not in {" ", ". ", "'", "’", "-"}):
            break
        if not _may_be_name(reading, first - 1, certain=False) and words[first - 1] != "s":
            break
        if not reading.is_capitalised(first - 1) and words[first - 1] != "s":
            break
        first -= 1
    if first < head and any(len(word) > 1 for word in words[first:head]):
        end = reading.ends[head + head_words - 1]
        yield Span(start=reading.starts[first], end=end, kind=kind, rule=rule)
