"""Words outside the lexicon that so many patients' reports use that they name nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.scrub.objections import is_published_word
from radrelease.stages.scrub.reading import read
from radrelease.stages.text.tokens import words_of

__all__ = ["give_back", "unlisted_words"]

_NAMING = frozenset(IdentifierKind) - {IdentifierKind.UID, IdentifierKind.BIRTH_DATE}


def unlisted_words(report: str) -> frozenset[str]:
    """The words of a report that stand outside the lexicon, folded.

    Only words in lower case count: a name is written with a capital, and in a report that is
    printed in capitals nothing tells a rare term from a rare name.
    """
    return frozenset(_unlisted(report))


def give_back(
    counts: Mapping[str, int], k: int, known: Iterable[Identifier], reviewed: Iterable[str]
) -> frozenset[str]:
    """The words that at least ``k`` patients share, and the ``reviewed`` ones.

    No word of what the export knows of anybody is ever among them; names of the name lists only
    where a person has reviewed them.
    """
    listed = load_lexicon().names | set(load_nicknames())
    left = {word for word, count in counts.items() if count >= k} - listed
    left |= {word for line in reviewed for word in words_of(line)}
    for item in known:
        if item.kind in _NAMING:
            left.difference_update(words_of(item.value))
    return frozenset(left)


def _unlisted(text: str) -> Iterator[str]:
    reading = read(text)
    for index in reading.marks:
        word = reading.words[index]
        if (
            not reading.is_caseless(index)
            and len(word) > 2
            and word.isalpha()
            and reading.written(index).islower()
            and not is_published_word(word, frozenset())
            and not {"@", "/", "\\", "_"}
            & set(reading.gap(index) + text[reading.ends[index] : reading.ends[index] + 1])
        ):
            yield word
