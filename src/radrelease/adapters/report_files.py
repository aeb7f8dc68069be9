"""The reports of an export: tables (CSV, TSV, JSON Lines, Parquet) and folders of text files.

Every row and every file gives exactly one item: a report, or the reason why it cannot be used.
Text is UTF-8 with or without a byte order mark, UTF-16, or else cp1252, whose five undefined bytes
are read as Latin-1 control characters.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from radrelease.adapters.files import retrying
from radrelease.config import Columns, Source
from radrelease.dicom_values import parse_date
from radrelease.errors import ConfigError
from radrelease.identifiers import Mrn, RawAccession, RawUid
from radrelease.profiles.identifying import load_identifying
from radrelease.records import Identifier, IdentifierKind, InputKind, Rejected, ReportRow, ReportStatus
from radrelease.rejections import Reason

__all__ = ["check_columns", "decode_text", "read_reports"]

STAGE = "catalog"

_TABLES = {".csv": ",", ".tsv": "\t", ".jsonl": "", ".ndjson": "", ".parquet": ""}
_STATUS = {
    ReportStatus.FINAL: {"f", "final", "finalized", "signed", "verified", "complete", "completed", ""},
    ReportStatus.PRELIMINARY: {"p", "prelim", "preliminary", "draft", "unsigned", "wet read"},
    ReportStatus.ADDENDUM: {"a", "addendum", "addended", "addendum final"},
    ReportStatus.CORRECTED: {"c", "corrected", "amended", "revised"},
    ReportStatus.CANCELLED: {"x", "cancelled", "canceled", "deleted", "void"},
}
_TIMES = (
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
    "%Y%m%d",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)
_IDENTIFYING_COLUMNS = {
    "patient_name": IdentifierKind.PATIENT_NAME,
    "birth_date": IdentifierKind.BIRTH_DATE,
    "staff": IdentifierKind.STAFF_NAME,
    "institution": IdentifierKind.INSTITUTION,
    "address": IdentifierKind.ADDRESS,
    "phone": IdentifierKind.PHONE,
    "other_id": IdentifierKind.OTHER_ID,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One physical row: its place, and its values by column, or None where it cannot be read."""

    location: str
    values: Mapping[str, str] | None


def read_reports(source: Source) -> Iterator[ReportRow | Rejected]:
    """Every report of the source, in the order of files and rows."""
    csv.field_size_limit(sys.maxsize)
    for path, location in _files(source.reports):
        if path.is_symlink() or not path.is_file():
            yield _reject(source, location, Reason.LINK_OR_DEVICE)
        elif path.suffix.lower() in _TABLES:
            for row in _read_table(path, location):
                yield _report(source, row)
        else:
            yield _text_report(source, path, location)


def check_columns(source: Source) -> None:
    """Raise :class:`ConfigError` unless every table has the columns that the source names."""
    columns = source.columns
    named = {columns.accession, columns.study_uid, columns.patient_id, columns.text, columns.status}
    named |= {columns.timestamp}
    for key in _IDENTIFYING_COLUMNS:
        named |= set(getattr(columns, key))
    for path, _ in _files(source.reports):
        present = _columns_of(path) if path.is_file() else None
        missing = sorted(name for name in named if name and present is not None and name not in present)
        if missing:
            raise ConfigError(
                f"[[source]] {source.name} [source.columns]",
                f"{path.name} has no column {missing[0]!r}",
                f"It has: {', '.join(present or ())}",
            )


def _files(reports: Path) -> Iterator[tuple[Path, str]]:
    if not reports.is_dir():
        yield reports, reports.name
        return
    for folder, folders, names in os.walk(reports):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            yield path, _printable(path.relative_to(reports).as_posix())


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _columns_of(path: Path) -> Sequence[str] | None:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return list(pq.read_schema(path).names)
    if suffix in {".csv", ".tsv"}:
        try:
            reader = csv.reader(
                io.StringIO(decode_text(path.read_bytes()), newline=""), delimiter=_delimiter(path)
            )
            return next(reader, [])
        except (OSError, csv.Error):
            return None
    return None


def _read_table(path: Path, location: str) -> Iterator[_Row]:
    try:
        if path.suffix.lower() == ".parquet":
            yield from _read_parquet(path, location)
            return
        text = decode_text(retrying(path.read_bytes))
    except OSError:
        yield _Row(location, None)
        return
    if _TABLES[path.suffix.lower()]:
        yield from _read_csv(text, location, _delimiter(path, text))
    else:
        yield from _read_json_lines(text, location)


def _read_parquet(path: Path, location: str) -> Iterator[_Row]:
    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1024):
            for values in batch.to_pylist():
                number += 1
                yield _Row(f"{location}:{number}", {key: _plain(value) for key, value in values.items()})


def _read_json_lines(text: str, location: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError:
            values = None
        known = isinstance(values, dict)
        yield _Row(
            f"{location}:{number}", {key: _plain(value) for key, value in values.items()} if known else None
        )


def _read_csv(text: str, location: str, delimiter: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(reader, [])
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error:
            yield _Row(f"{location}:{line}", None)
            continue
        if fields is None:
            return
        if any(field.strip() for field in fields):
            whole = len(fields) == len(header) and "\0" not in "".join(fields)
            yield _Row(f"{location}:{line}", dict(zip(header, fields, strict=True)) if whole else None)


def _delimiter(path: Path, text: str = "") -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = (text or decode_text(path.read_bytes())).split("\n", 1)[0]
    return max(",;\t|", key=first.count)


def decode_text(data: bytes) -> str:
    """The text of a file, by the rules above; what cannot be read is marked, and never an error."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if len(data) > 3 and 0 in (data[0], data[1]):
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(
            part if isinstance(part, str) else part.decode("latin-1") for part in _cp1252_parts(data)
        )


def _cp1252_parts(data: bytes) -> Iterator[str | bytes]:
    """The text in pieces; the five bytes that cp1252 leaves undefined stay bytes."""
    while data:
        try:
            yield data.decode("cp1252")
            return
        except UnicodeDecodeError as error:
            yield data[: error.start].decode("cp1252")
            yield data[error.start : error.start + 1]
            data = data[error.start + 1 :]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _text_report(source: Source, path: Path, location: str) -> ReportRow | Rejected:
    try:
        text = decode_text(retrying(path.read_bytes))
    except OSError:
        return _reject(source, location, Reason.REPORT_UNREADABLE)
    names = source.columns
    key = names.accession or names.study_uid or ""
    return _report(source, _Row(location, {key: _printable(path.stem), names.text: text}))


def _report(source: Source, row: _Row) -> ReportRow | Rejected:
    values, names = row.values, source.columns
    if values is None:
        return _reject(source, row.location, Reason.REPORT_UNREADABLE)

    def value(name: str | None) -> str:
        return values.get(name, "").strip() if name else ""

    text, status = values.get(names.text, ""), _status(value(names.status))
    if status is ReportStatus.CANCELLED:
        return _reject(source, row.location, Reason.REPORT_CANCELLED)
    if not any(sign.isalpha() for sign in text):
        return _reject(source, row.location, Reason.REPORT_EMPTY)
    if not value(names.accession) and not value(names.study_uid):
        return _reject(source, row.location, Reason.REPORT_WITHOUT_KEY)
    return ReportRow(
        source=source.name,
        location=row.location,
        accession=RawAccession(value(names.accession)),
        study_uid=RawUid(value(names.study_uid)),
        patient_id=Mrn(value(names.patient_id)),
        text=text.replace("\r\n", "\n").replace("\r", "\n"),
        status=status,
        timestamp=_timestamp(value(names.timestamp)),
        identifiers=tuple(sorted(set(_identifiers(values, names)))),
    )


def _identifiers(values: Mapping[str, str], names: Columns) -> Iterator[Identifier]:
    single = ((names.accession, IdentifierKind.ACCESSION), (names.patient_id, IdentifierKind.PATIENT_ID))
    several = ((name, kind) for key, kind in _IDENTIFYING_COLUMNS.items() for name in getattr(names, key))
    for name, kind in (*single, *several):
        value = values.get(name, "").strip() if name else ""
        if kind is IdentifierKind.BIRTH_DATE:
            value = _birth_date(value)
        if value and not load_identifying().is_dummy(value):
            yield Identifier(kind, value)


def _birth_date(value: str) -> str:
    """The date in ISO 8601, or the value as it is where it is not certain."""
    day = parse_date(value.replace("-", ""))
    moment = day or _timestamp(value)
    return value if moment is None else moment.isoformat()[:10]


def _status(word: str) -> ReportStatus:
    known = (status for status, words in _STATUS.items() if word.casefold() in words)
    return next(known, ReportStatus.UNKNOWN)


def _timestamp(value: str) -> datetime | None:
    """The moment without a zone; the sources of one export share a clock."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        pass
    for form in _TIMES:
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    return None


def _reject(source: Source, location: str, reason: Reason) -> Rejected:
    return Rejected(
        stage=STAGE,
        kind=InputKind.REPORT,
        source=source.name,
        subject=location,
        reason=reason,
        study_uid="",
        detail="",
    )
