"""Words after which a person or a place is named: "d/w", "lives in"; they are data (``scrub_words.toml``)."""

from __future__ import annotations

from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.scrub.reading import Reading

__all__ = ["after_cue", "follows_cue"]

_LONGEST = 4
_BETWEEN = frozenset({" ", ": ", ":", ". ", " - ", "/"})
_LABEL_SIGNS = (":", "-", "|", "=")


def after_cue(reading: Reading, index: int) -> int | None:
    """The index of the first word after a cue for a person that begins at ``index``."""
    rules, words = load_name_rules(), reading.words
    for length in range(min(_LONGEST, len(words) - index), 0, -1):
        cue = words[index : index + length]
        last = index + length - 1
        spoken = cue in rules.colon_cues and _is_spoken_label(reading, last)
        if cue in rules.cues and _is_cue(cue, labelled=spoken or _is_label(reading, last)):
            return index + length + spoken
    return None


def follows_cue(reading: Reading, index: int) -> bool:
    """Whether a person or a place is named after the words right before: "d/w frobnik"."""
    gap, places = reading.gap(index), load_name_rules().strong_place_cues
    if gap not in _BETWEEN:
        return False
    before = [reading.words[max(0, index - length) : index] for length in range(1, _LONGEST + 1)]
    return any(_is_cue(words, labelled=":" in gap) or words in places for words in before)


def _is_cue(words: tuple[str, ...], *, labelled: bool) -> bool:
    """Whether a person is named after the words; after "attending" only where it is a label."""
    rules = load_name_rules()
    return words in rules.cues and (labelled or words not in rules.colon_cues)


def _is_spoken_label(reading: Reading, index: int) -> bool:
    """Whether "colon" is typed as it was said, and a capital follows: "Resident colon Bill"."""
    first = index + 2
    return (
        first < len(reading.words)
        and reading.words[index + 1] == "colon"
        and reading.gap(index + 1) == reading.gap(first) == " "
        and reading.is_capitalised(first)
        and not reading.is_caseless(first)
    )


def _is_label(reading: Reading, index: int) -> bool:
    """Whether a sign after the word says that it is a label: "Attending: Roe"."""
    end = reading.ends[index]
    return reading.text[end : end + 4].lstrip(" *_").startswith(_LABEL_SIGNS)
