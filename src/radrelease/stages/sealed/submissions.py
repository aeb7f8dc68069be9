"""What is wrong with a submission, told without looking at a reference.

Places are numbers of records, from 1; no text and no id is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from radrelease.records.benchmark import StudyKey
from radrelease.stages.scoring.contamination import echoes

__all__ = ["LONGEST", "Checked", "Record", "Trouble", "check"]

LONGEST = 20_000
"""Characters of a prediction; reports have some hundreds."""


class Trouble(StrEnum):
    """What a record can be; those of :data:`NOTES` are scored all the same."""

    NO_ID = "without an id"
    UNKNOWN = "of a study that is not in the split"
    TWICE = "of a study that was there before"
    NO_TEXT = "without model_prediction, or one that is no text (null, NaN, a number)"
    TOO_LONG = f"longer than {LONGEST:,} characters"
    NOT_PRINTABLE = "with characters that are no text (unpaired surrogates, NUL)"
    EMPTY = "empty: scored as missing, which is worst"
    ECHO = "a copy of the study's context"


NOTES = frozenset({Trouble.EMPTY, Trouble.ECHO})


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file of predictions, whatever its form; fields may hold anything that JSON can."""

    id: object
    prediction: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A submission that was looked at. ``predictions`` are what is scored if it is ``usable``."""

    predictions: Mapping[StudyKey, str | None]
    studies: int  # the denominator
    troubles: Mapping[Trouble, tuple[int, ...]]  # the records' numbers

    @property
    def answered(self) -> frozenset[StudyKey]:
        """The studies with a prediction that is not empty."""
        return frozenset(key for key, text in self.predictions.items() if text and text.strip())

    @property
    def missing(self) -> int:
        return self.studies - len(self.answered)

    @property
    def usable(self) -> bool:
        return self.troubles.keys() <= NOTES


def check(records: Iterable[Record], contexts: Mapping[StudyKey, str]) -> Checked:
    """Hold every record against the studies of the split, by id, and their contexts."""
    found: dict[Trouble, list[int]] = {}
    predictions: dict[StudyKey, str | None] = {}
    for number, record in enumerate(records, start=1):
        troubles = list(_troubles(record, predictions, contexts))
        for trouble in troubles:
            found.setdefault(trouble, []).append(number)
        if isinstance(record.id, str) and isinstance(record.prediction, str) and NOTES.issuperset(troubles):
            predictions[StudyKey(record.id)] = record.prediction
    return Checked(
        predictions=predictions,
        studies=len(contexts),
        troubles={trouble: tuple(found[trouble]) for trouble in Trouble if trouble in found},
    )


def _troubles(
    record: Record, before: Mapping[StudyKey, str | None], contexts: Mapping[StudyKey, str]
) -> Iterator[Trouble]:
    if not isinstance(record.id, str):
        yield Trouble.NO_ID
        return
    key = StudyKey(record.id)
    if key not in contexts:
        yield Trouble.UNKNOWN
    elif key in before:
        yield Trouble.TWICE
    if isinstance(record.prediction, str):
        yield from _of_text(record.prediction, contexts.get(key, ""))
    else:
        yield Trouble.NO_TEXT


def _of_text(text: str, context: str) -> Iterator[Trouble]:
    if len(text) > LONGEST:
        yield Trouble.TOO_LONG
    elif "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        yield Trouble.NOT_PRINTABLE
    elif not text.strip():
        yield Trouble.EMPTY
    elif echoes(text, context):
        yield Trouble.ECHO
