"""The reports of an export: tables (CSV, TSV, JSON Lines, Parquet) and folders of text files.

Every row and every file gives exactly one item: a report, or the reason why it cannot be used. Of Rich Text
and HTML the plain text is the report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from radrelease.adapters.places import ReportFile, report_files
from radrelease.adapters.report_tables import Row, columns_of, decode_text, is_table, read_table
from radrelease.adapters.report_text import plain_text
from radrelease.config.sources import Columns, Source
from radrelease.errors import ConfigError
from radrelease.identifiers import Mrn, RawAccession, RawUid
from radrelease.profiles.identifying import load_identifying
from radrelease.records.dicom_values import parse_date
from radrelease.records.private import (
    Identifier,
    IdentifierKind,
    InputKind,
    Rejected,
    ReportRow,
    ReportStatus,
)
from radrelease.rejections import Reason

__all__ = ["check_columns", "read_reports"]

STAGE = "catalog"

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
_OF_A_ROW = re.compile(r"\d.*\d.*\d.*\d|\^|, |\d[-/.]\d")
_LONGEST_NAME = 40
_IDENTIFYING_COLUMNS = {
    "patient_name": IdentifierKind.PATIENT_NAME,
    "birth_date": IdentifierKind.BIRTH_DATE,
    "staff": IdentifierKind.STAFF_NAME,
    "institution": IdentifierKind.INSTITUTION,
    "address": IdentifierKind.ADDRESS,
    "phone": IdentifierKind.PHONE,
    "other_id": IdentifierKind.OTHER_ID,
}


def read_reports(source: Source) -> Iterator[ReportRow | Rejected]:
    """Every report of the source, in the order of files and rows."""
    for file in report_files(source.reports):
        if not file.is_regular():
            yield _reject(source, file.location, Reason.LINK_OR_DEVICE)
        elif is_table(file.name):
            for row in read_table(file):
                yield _report(source, row)
        else:
            yield _text_report(source, file)


def check_columns(source: Source) -> None:
    """Raise :class:`ConfigError` unless every table has the columns that the source names, each once."""
    for file in report_files(source.reports):
        present = columns_of(file) if file.is_regular() else None
        if present is None:
            continue
        where = f"[[source]] {source.name} [source.columns]"
        missing = sorted(_named(source.columns) - set(present))
        if missing:
            raise ConfigError(where, f"{file.name} has no column {missing[0]!r}", _what_it_has(present))
        twice = sorted(name for name, count in Counter(present).items() if count > 1)
        if not _named(source.columns).isdisjoint(twice):
            name = sorted(_named(source.columns) & set(twice))[0]
            raise ConfigError(where, f"{file.name} has two columns {name!r}", "Give one of them another name")


def _named(columns: Columns) -> set[str]:
    """The columns that must be there."""
    single = (columns.accession, columns.study_uid, columns.patient_id, columns.text)
    several = [name for key in _IDENTIFYING_COLUMNS for name in getattr(columns, key)]
    return {name for name in (*single, columns.status, columns.timestamp, *several) if name}


def _what_it_has(present: Sequence[str]) -> str:
    """The names of the columns; not where they may be the values of a first row, which nobody may see."""
    if len(present) < 100 and all(map(_may_be_heading, present)):
        return f"It has: {', '.join(present)}"
    return "Its first row does not look like names of columns"


def _may_be_heading(name: str) -> bool:
    """Whether it is no number, date or DICOM name: a table without a head begins with somebody's."""
    return len(name) <= _LONGEST_NAME and name.isprintable() and _OF_A_ROW.search(name) is None


def _text_report(source: Source, file: ReportFile) -> ReportRow | Rejected:
    try:
        text = decode_text(file.read())
    except OSError:
        return _reject(source, file.location, Reason.REPORT_UNREADABLE)
    names = source.columns
    key = names.accession or names.study_uid or ""
    return _report(source, Row(file.location, {key: PurePosixPath(file.name).stem, names.text: text}))


def _report(source: Source, row: Row) -> ReportRow | Rejected:
    names = source.columns
    if row.values is None or any(row.values.get(name, "") is None for name in _named(names)):
        return _reject(source, row.location, Reason.REPORT_UNREADABLE)
    values = {name: value for name, value in row.values.items() if value is not None}

    def value(name: str | None) -> str:
        return values.get(name, "").strip() if name else ""

    text, status = plain_text(values.get(names.text, "")), _status(value(names.status))
    if status is ReportStatus.CANCELLED:
        return _reject(source, row.location, Reason.REPORT_CANCELLED)
    if text is None:
        return _reject(source, row.location, Reason.REPORT_UNREADABLE)
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
