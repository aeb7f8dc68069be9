"""Scores a release against the answer key of :mod:`radrelease.testing.answer_key`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.adapters.dicom_pixels import decode
from radrelease.records.dicom_values import parse_date
from radrelease.records.pixels import DecodedImage
from radrelease.testing.answer_key import Answer, KeyedFile

__all__ = ["Score", "score_release"]

_SHORT = 4
"""So short a name stands by chance within a longer word, and in pixels."""


@dataclass(slots=True)
class Score:
    """Passed and failed rows by action; ``wrong`` has the failed ones with the file's path."""

    passed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[tuple[str, Answer]] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """The share of rows that passed."""
        passed, failed = sum(self.passed.values()), sum(self.failed.values())
        return 100 * passed / max(1, passed + failed)

    def count(self, path: str, answer: Answer, *, passed: bool) -> None:
        """Count one row."""
        (self.passed if passed else self.failed)[answer.action] += 1
        if not passed:
            self.wrong.append((path, answer))


@dataclass(slots=True)
class _Seen:
    """What the files before have shown of identifiers and shifts."""

    uids: dict[str, str] = field(default_factory=dict)
    patients: dict[str, str] = field(default_factory=dict)
    shifts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Released:
    keyed: KeyedFile
    path: Path
    name: str
    data: bytes
    dataset: Dataset


def score_release(files: Sequence[KeyedFile], folders: Sequence[Path], new_uids: Mapping[str, str]) -> Score:
    """Score every file; ``folders`` hold the released ones, ``new_uids`` gives their SOP instance UIDs.

    Every answer about a file that is not there has failed.
    """
    there = {path.stem: (path, folder) for folder in folders for path in folder.rglob("*.dcm")}
    score, seen = Score(), _Seen()
    for keyed in files:
        found = there.get(new_uids.get(keyed.sop_uid, ""))
        released = None if found is None else _read(keyed, *found)
        for answer in keyed.answers:
            passed = released is not None and _ACTIONS[answer.action](answer, released, seen)
            score.count(keyed.path, answer, passed=passed)
    return score


def _read(keyed: KeyedFile, path: Path, folder: Path) -> _Released:
    with quiet_pydicom():
        dataset = pydicom.dcmread(path)
    return _Released(keyed, path, path.relative_to(folder).as_posix(), path.read_bytes(), dataset)


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    if value is None:
        return ""
    if isinstance(value, pydicom.multival.MultiValue):
        return "\\".join(str(item) for item in value)
    return str(value)


def _same(expected: str, found: str) -> bool:
    """Equal as texts without case, or as numbers."""
    if expected.upper() == found.upper():
        return True
    try:
        return float(expected) == float(found)
    except ValueError:
        return False


def _tag_retained(answer: Answer, released: _Released, _seen: _Seen) -> bool:
    return answer.keyword in released.dataset


def _text_notnull(answer: Answer, released: _Released, _seen: _Seen) -> bool:
    return bool(_text(released.dataset, answer.keyword))


def _text_retained(answer: Answer, released: _Released, _seen: _Seen) -> bool:
    return _same(answer.value, _text(released.dataset, answer.keyword))


def _text_removed(answer: Answer, released: _Released, _seen: _Seen) -> bool:
    """Nowhere as a word in the header or the path; a longer text not even within another."""
    text = answer.value.encode()
    header = released.data[: -len(released.dataset.PixelData)]
    word = re.compile(rb"(?<![A-Za-z0-9])" + re.escape(text) + rb"(?![A-Za-z0-9])", re.IGNORECASE)
    within = len(text) > _SHORT and text in released.data
    return not word.search(header) and not within and answer.value not in released.name


def _date_shifted(answer: Answer, released: _Released, seen: _Seen) -> bool:
    """By the days of the patient's other dates, and not by none."""
    new, old = parse_date(_text(released.dataset, answer.keyword)), parse_date(answer.value)
    if not isinstance(new, date) or old is None or new == old:
        return False
    return seen.shifts.setdefault(released.keyed.patient_id, (new - old).days) == (new - old).days


def _uid_changed(answer: Answer, released: _Released, _seen: _Seen) -> bool:
    new = _text(released.dataset, answer.keyword)
    return bool(new) and new != answer.value and answer.value.encode() not in released.data


def _uid_consistent(answer: Answer, released: _Released, seen: _Seen) -> bool:
    dataset = released.dataset
    if answer.keyword == "ReferencedSOPInstanceUID":
        dataset = dataset.get("ReferencedImageSequence", [Dataset()])[0]
    new = _text(dataset, answer.keyword)
    known = seen.uids.setdefault(answer.value, new)
    owners = [old for old, owned in seen.uids.items() if owned == new] if new != known else [answer.value]
    return bool(new) and known == new and owners == [answer.value]


def _patid_consistent(answer: Answer, released: _Released, seen: _Seen) -> bool:
    new = _text(released.dataset, "PatientID")
    known = seen.patients.setdefault(answer.value, new)
    return bool(new) and known == new and list(seen.patients.values()).count(new) == 1


def _pixels_retained(_answer: Answer, released: _Released, _seen: _Seen) -> bool:
    decoded = decode(released.path)
    return isinstance(decoded, DecodedImage) and np.array_equal(decoded.pixels, released.keyed.pixels)


def _pixels_hidden(_answer: Answer, released: _Released, _seen: _Seen) -> bool:
    """What stood above Bits Stored is gone, in the file's own bytes."""
    stored = np.frombuffer(released.dataset.PixelData, "<u2")
    return not (stored >> int(released.dataset.BitsStored)).any()


_ACTIONS: dict[str, Callable[[Answer, _Released, _Seen], bool]] = {
    "tag_retained": _tag_retained,
    "text_notnull": _text_notnull,
    "text_retained": _text_retained,
    "text_removed": _text_removed,
    "date_shifted": _date_shifted,
    "uid_changed": _uid_changed,
    "uid_consistent": _uid_consistent,
    "patid_consistent": _patid_consistent,
    "pixels_retained": _pixels_retained,
    "pixels_hidden": _pixels_hidden,
}
