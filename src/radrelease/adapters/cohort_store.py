"""The heavy parts of an export on disk while it is planned: header values, texts, what is known of whom.

The driver keeps light records in memory (who, when, where) and takes the rest from here, a study at a time,
so its memory does not grow with what headers and reports hold. A database of the private work folder, made
anew by every run and of no use after it; losing it loses nothing.
"""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import zstandard

from radrelease.identifiers import Mrn, RawAccession, RawUid
from radrelease.records.private import Identifier, IdentifierKind, Instance, ReportRow, Study

__all__ = ["CohortStore", "open_cohort"]

FILE = "cohort.sqlite"

_SCHEMA = """
CREATE TABLE instance (source TEXT, path TEXT, attributes BLOB, PRIMARY KEY (source, path));
CREATE TABLE report (source TEXT, location TEXT, text BLOB, PRIMARY KEY (source, location));
CREATE TABLE known (domain TEXT, patient TEXT, kind TEXT, value TEXT,
                    PRIMARY KEY (domain, patient, kind, value)) WITHOUT ROWID;
CREATE TABLE drawn (key BLOB PRIMARY KEY, shard TEXT) WITHOUT ROWID;
"""
_CACHE_KIB = 64 * 1024

_KINDS = {kind.value: kind for kind in IdentifierKind}

Key = tuple[str, str]
"""An identifier domain, and in it a patient number."""


class CohortStore:
    """The database; see the module. Only the driver uses it, in one thread."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")
        self._pack = zstandard.ZstdCompressor(level=1).compress
        self._unpack = zstandard.ZstdDecompressor().decompress
        self._latest: set[tuple[str, ...]] = set()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def put_instance(self, instance: Instance, domain: str) -> Instance:
        """Store the instance, and return it without header values and identifiers."""
        row = (instance.source, instance.path, marshal.dumps(dict(instance.attributes)))
        self._database.execute("INSERT INTO instance VALUES (?, ?, ?)", row)
        self.add_known(domain, instance.patient_id, instance.identifiers)
        return Instance(
            source=sys.intern(instance.source),
            path=instance.path,
            size_bytes=instance.size_bytes,
            modified_ns=instance.modified_ns,
            transfer_syntax_uid=sys.intern(instance.transfer_syntax_uid),
            patient_id=Mrn(sys.intern(instance.patient_id)),
            accession=RawAccession(sys.intern(instance.accession)),
            study_uid=RawUid(sys.intern(instance.study_uid)),
            series_uid=RawUid(sys.intern(instance.series_uid)),
            sop_uid=instance.sop_uid,
            study_date=instance.study_date,
            attributes=_NOTHING,
            identifiers=(),
        )

    def put_report(self, row: ReportRow) -> ReportRow:
        """Store the report, and return it with the digest of its words for a text, and no identifiers."""
        record = (row.source, row.location, self._pack(row.text.encode("utf-8", "surrogatepass")))
        self._database.execute("INSERT INTO report VALUES (?, ?, ?)", record)
        words = " ".join(row.text.split())
        digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
        return replace(row, source=sys.intern(row.source), text=digest, identifiers=())

    def add_known(self, domain: str, patient_id: Mrn, identifiers: Iterable[Identifier]) -> None:
        """Add to what is known of the patient."""
        rows = [(domain, patient_id, item.kind._value_, item.value) for item in identifiers]
        fresh = [row for row in rows if row not in self._latest]
        self._database.executemany("INSERT OR IGNORE INTO known VALUES (?, ?, ?, ?)", fresh)
        self._latest = set(rows)  # the next file is of the same study, as a rule, and states much the same

    def whole(self, study: Study) -> Study:
        """The study with the header values of its instances and the text of its reports."""
        texts = [self._text(study.source, location) for location in study.report_locations]
        return replace(
            study,
            instances=tuple(
                replace(instance, attributes=self._attributes(instance)) for instance in study.instances
            ),
            report="\n\n".join(text.strip() for text in texts),
        )

    def known_of(self, key: Key) -> tuple[Identifier, ...]:
        """All that is known of the patient, in order."""
        query = "SELECT kind, value FROM known WHERE domain = ? AND patient = ? ORDER BY kind, value"
        return tuple(Identifier(_KINDS[kind], value) for kind, value in self._database.execute(query, key))

    def known(self) -> Iterator[tuple[Key, tuple[Identifier, ...]]]:
        """Every patient, in order, with all that is known; used or not."""
        query = "SELECT domain, patient, kind, value FROM known ORDER BY domain, patient, kind, value"
        for key, rows in groupby(self._database.execute(query), itemgetter(0, 1)):
            yield key, tuple(Identifier(_KINDS[kind], value) for _, _, kind, value in rows)

    def knowledge(self, kinds: Set[IdentifierKind]) -> Iterator[Identifier]:
        """Every identifier of the ``kinds`` once, in order."""
        query = "SELECT DISTINCT value FROM known WHERE kind = ? ORDER BY value"
        for kind in sorted(kinds):
            for (value,) in self._database.execute(query, (kind.value,)):
                yield Identifier(kind, value)

    def add_drawn(self, shard: str, keys: Iterable[str]) -> None:
        """Say that the committed ``shard`` has the pictures of these keys."""
        rows = ((bytes.fromhex(key), shard) for key in keys)
        self._database.executemany("INSERT OR REPLACE INTO drawn VALUES (?, ?)", rows)

    def shards_with(self, keys: Iterable[str]) -> list[str]:
        """The shards that have any of these pictures, in order."""
        query = "SELECT shard FROM drawn WHERE key = ?"
        found = {row[0] for key in keys for row in self._database.execute(query, (bytes.fromhex(key),))}
        return sorted(found)

    def _attributes(self, instance: Instance) -> dict[str, str]:
        query = "SELECT attributes FROM instance WHERE source = ? AND path = ?"
        (packed,) = self._database.execute(query, (instance.source, instance.path)).fetchone()
        attributes: dict[str, str] = marshal.loads(packed)  # noqa: S302 - what this run has written
        return attributes

    def _text(self, source: str, location: str) -> str:
        query = "SELECT text FROM report WHERE source = ? AND location = ?"
        (packed,) = self._database.execute(query, (source, location)).fetchone()
        return self._unpack(packed).decode("utf-8", "surrogatepass")


_NOTHING: dict[str, str] = {}


@contextmanager
def open_cohort(work: Path) -> Iterator[CohortStore]:
    """A new store in the work folder, removed afterwards."""
    path = work / FILE
    path.unlink(missing_ok=True)
    store = CohortStore(path)
    try:
        yield store
    finally:
        store.close()
        path.unlink(missing_ok=True)
