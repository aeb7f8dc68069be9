"""What the whole export knows, as far as the text of one patient depends on it; and what of it was asked.

A patient's reports are scrubbed with what is known of everybody. Of that, a report meets only what its own
words ask for, and nobody can ask for anything but by a word: every look goes through a mapping or a set
that notes its key, and that cannot be gone through as a whole. So a report is scrubbed the same wherever
the same keys get the same answers (docs/decisions/0023-earlier-pictures.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Never, TypeVar

from radrelease.stages.knowledge.audit_vocabulary import Vocabulary
from radrelease.stages.knowledge.known_terms import KnownTerms
from radrelease.stages.text.spelling import Slips

__all__ = ["ExportKnowledge", "Watched"]

Value = TypeVar("Value")

_AS_A_WHOLE = "what is watched is asked by key, and never as a whole"

_MOST_SAID = 1 << 15
"""Answers that are kept: what reports have in common; numbers, which are most keys, are asked for once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is said of one key, the phrases that begin with it last."""

    exact: tuple[object, ...]
    phrases: Sequence[tuple[tuple[str, ...], str]]
    left: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportKnowledge:
    """What is removed from every report, what may stay in it, and what must not be left in it."""

    terms: KnownTerms
    given_back: Set[str]  # words outside the lexicon that may be published
    vocabulary: Vocabulary  # of the search for what is left

    _said: dict[str, _Answer | None] = field(default_factory=dict, compare=False, repr=False)

    def answers(self, asked: frozenset[str] | set[str]) -> str:
        """The SHA-256 of all that is said of the keys ``asked``, in hexadecimal.

        Of phrases, only those count whose every word was asked for: no other can stand in the text.
        """
        said = [
            (
                key,
                answer.exact,
                [row for row in answer.phrases if asked.issuperset(row[0])],
                [row for row in answer.left if asked.issuperset(row)],
            )
            for key in sorted(asked)
            if (answer := self._answer(key)) is not None
        ]
        told = [row for row in said if any(row[1]) or row[2] or row[3]]
        return hashlib.sha256(repr((self._of_none(), told)).encode("utf-8", "surrogatepass")).hexdigest()

    def _answer(self, key: str) -> _Answer | None:
        """What is said of the key, looked up once: reports share most of their words."""
        if key not in self._said:
            if len(self._said) > _MOST_SAID:
                self._said.clear()
            answer = self._looked_up(key)
            self._said[key] = answer if any(answer.exact) or answer.phrases or answer.left else None
        return self._said[key]

    def _looked_up(self, key: str) -> _Answer:
        terms, vocabulary = self.terms, self.vocabulary
        return _Answer(
            exact=(
                terms.words.get(key),
                terms.slips.hold(key),
                terms.codes.get(key),
                key in self.given_back,
                key in vocabulary.codes,
                key in vocabulary.uids,
            ),
            phrases=terms.phrases.get(key, ()),
            left=vocabulary.phrases.get(key, ()),
        )

    def _of_none(self) -> tuple[object, ...]:
        """What is seen without a key."""
        terms, vocabulary = self.terms, self.vocabulary
        if terms.letters or terms.initials or terms.birth_dates:
            raise ValueError("letters, initials and birth dates are of one patient")
        seen = (terms.words, terms.phrases, terms.slips, terms.codes, vocabulary.phrases, vocabulary.codes)
        return (terms.longest_code, vocabulary.longest_code, *map(bool, seen))


class Watched:
    """A way to ask that notes what is asked."""

    def __init__(self, knowledge: ExportKnowledge) -> None:
        self.asked: set[str] = set()
        self.knowledge = ExportKnowledge(
            terms=replace(
                knowledge.terms,
                words=_Map(knowledge.terms.words, self.asked),
                phrases=_Map(knowledge.terms.phrases, self.asked),
                codes=_Map(knowledge.terms.codes, self.asked),
                heads=_Everything(),  # they spare looks, and change no answer
                slips=_Slips(knowledge.terms.slips, self.asked),
            ),
            given_back=_Set(knowledge.given_back, self.asked),
            vocabulary=replace(
                knowledge.vocabulary,
                phrases=_Map(knowledge.vocabulary.phrases, self.asked),
                codes=_Set(knowledge.vocabulary.codes, self.asked),
                uids=_Set(knowledge.vocabulary.uids, self.asked),
                birth_dates=_Nothing(),
                people={},
            ),
        )


class _Noted:
    """What a mapping or a set holds, asked by key; each key is noted."""

    __slots__ = ("_asked", "_of")

    def __init__(self, of: Mapping[str, object] | Set[str], asked: set[str]) -> None:
        self._of, self._asked = of, asked

    def __contains__(self, key: object) -> bool:
        self._asked.add(str(key))
        return key in self._of

    def __bool__(self) -> bool:
        return bool(self._of)

    def __iter__(self) -> Never:
        raise TypeError(_AS_A_WHOLE)

    def __len__(self) -> Never:
        raise TypeError(_AS_A_WHOLE)


class _Map(_Noted, Mapping[str, Value]):
    __slots__ = ()
    _of: Mapping[str, Value]

    def __getitem__(self, key: str) -> Value:
        self._asked.add(key)
        return self._of[key]

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self._asked.add(key)
        return self._of.get(key, default)


class _Set(_Noted, Set[str]):
    __slots__ = ()


class _Slips(Slips):
    def __init__(self, of: Slips, asked: set[str]) -> None:
        self._of, self._asked = of, asked

    def __bool__(self) -> bool:
        return bool(self._of)

    def hold(self, word: str) -> bool:
        self._asked.add(word)
        return self._of.hold(word)


class _Everything(frozenset[str]):
    def __contains__(self, key: object) -> bool:
        return True


class _Nothing(frozenset[date]):
    """The birth dates of others, for which only pages are searched that are of no patient."""

    def __contains__(self, key: object) -> Never:
        raise TypeError(_AS_A_WHOLE)
