"""Files of predictions: ReXrank's JSON, JSON Lines and CSV, as strangers send them.

A file is taken as hostile: it must be a plain file, and its size is limited before a byte of it is parsed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from radrelease.errors import ConfigError
from radrelease.stages.sealed.submissions import Record

__all__ = ["PREDICTION", "largest_file", "parse_predictions", "read_submission"]

PREDICTION = "model_prediction"
_IDS, _TEXTS = ("id", "study_id"), (PREDICTION, "report")
_FORMS = "ReXrank's JSON (an object of records by id, or a list), .jsonl or .csv with id and model_prediction"

_Pairs = tuple[tuple[str, Any], ...]


def largest_file(studies: int) -> int:
    """Bytes that a file of predictions may have: 16 KiB for each study, and 1 MiB."""
    return (studies << 14) + (1 << 20)


def read_submission(path: Path, largest: int) -> tuple[bytes, str]:
    """The bytes of the file and their SHA-256; :class:`ConfigError` for a link, a device, or too much."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise ConfigError(str(path), "is no file that can be read", "Name a plain file, no link") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(str(path), "is no plain file", "Name a file of predictions")
        data = file.read(largest + 1)
    if len(data) > largest:
        raise ConfigError(str(path), f"is larger than {largest:,} bytes", "Give the reports and nothing else")
    return data, hashlib.sha256(data).hexdigest()


def parse_predictions(data: bytes, name: str) -> Iterator[Record]:
    """The records, by the ending of the file's name; :class:`ConfigError` where they cannot be told."""
    parse = {".json": _json, ".jsonl": _json_lines, ".csv": _csv}.get(Path(name).suffix.lower())
    if parse is None:
        raise ConfigError(name, "is of no known form", f"Give {_FORMS}")
    try:
        yield from parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(name, "is not UTF-8", "Save it as UTF-8") from None
    except (ValueError, RecursionError, csv.Error):
        raise ConfigError(name, "cannot be read as what it is named", f"Give {_FORMS}") from None


def _json(text: str) -> Iterator[Record]:
    document = json.loads(text, object_pairs_hook=tuple)
    if isinstance(document, list):
        yield from map(_record, document)
    elif isinstance(document, tuple):
        for key, value in document:
            yield Record(key, _first(value, _TEXTS) if isinstance(value, tuple) else value)
    else:
        raise ValueError("neither an object nor a list")


def _json_lines(text: str) -> Iterator[Record]:
    for line in io.StringIO(text):
        if line.strip():
            yield _record(json.loads(line, object_pairs_hook=tuple))


def _record(value: object) -> Record:
    if not isinstance(value, tuple):
        return Record(None, None)
    return Record(_first(value, _IDS), _first(value, _TEXTS))


def _first(pairs: _Pairs, names: tuple[str, ...]) -> object:
    """The value under the first of the names that is there; one that is there twice is none."""
    for name in names:
        values = [value for key, value in pairs if key == name]
        if values:
            return values[0] if len(values) == 1 else None
    return None


def _place(header: list[str], names: tuple[str, ...]) -> int:
    """Where the first of the names that is there stands; raises :class:`ValueError` if none is."""
    return header.index(next((name for name in names if name in header), names[0]))


def _csv(text: str) -> Iterator[Record]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(rows, [])
    key, value = _place(header, _IDS), _place(header, _TEXTS)
    for row in rows:
        if row:
            yield Record(row[key], row[value]) if len(row) == len(header) else Record(None, None)
