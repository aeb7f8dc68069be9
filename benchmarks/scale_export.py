"""The export of ``bench_scale.py``: files and a table of reports for each system, and settings."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq
from scale_files import write_files
from scale_people import SYSTEMS, Cohort, Visit, cohort_of
from scale_reports import report_of

__all__ = ["make_scale_export"]

_MADE = "made.json"
_FORMAT = 3  # of what is written; an older folder is made again
_TABLES = {"lakeside": "reports.csv", "northmoor": "reports.jsonl", "quayside": "reports.parquet"}

_TOML = """[release]
name = "scale"
output = "release"
work = "work"
[split]
valid = 0.06
test = 0.06
private_test = 0.06
[secret]
key_file = "key"
[workers]
processes = {processes}
"""
_SOURCE = """
[[source]]
name = "{name}"
dicom = "export/{name}/dicom"
reports = "export/{name}/{table}"
[source.columns]
accession = "Accession"
patient_id = "MRN"
text = "Report"
status = "Status"
timestamp = "Signed"
patient_name = "Patient"
birth_date = "DOB"
staff = ["Radiologist", "Referring"]
address = "Address"
"""


def make_scale_export(folder: Path, fraction: float, *, seed: int, side: int, processes: int) -> Cohort:
    """Write ``folder/export``, ``release.toml`` and a key, unless they are there; give the cohort.

    ``side`` is that of a picture, px; a few pictures serve all files.
    """
    cohort = cohort_of(fraction, seed)
    folder.mkdir(parents=True, exist_ok=True)
    toml = _TOML.format(processes=processes) + "".join(
        _SOURCE.format(name=name, table=table) for name, table in _TABLES.items()
    )
    (folder / "release.toml").write_text(toml, encoding="utf-8")
    key = folder / "key"
    key.write_text("0123456789abcdef" * 4, encoding="ascii")
    key.chmod(0o600)
    made = json.dumps({"format": _FORMAT, "seed": seed, "side": side, "fraction": fraction})
    if not (folder / _MADE).is_file() or (folder / _MADE).read_text(encoding="ascii") != made:
        shutil.rmtree(folder / "export", ignore_errors=True)
        _write(folder / "export", cohort, side)
        (folder / _MADE).write_text(made, encoding="ascii")
    return cohort


def _write(export: Path, cohort: Cohort, side: int) -> None:
    with contextlib.ExitStack() as stack:
        tables = {system: stack.enter_context(_table(export, system)) for system in SYSTEMS}
        for member in cohort.members():
            for visit in member.visits:
                write_files(export, visit, side)
                tables[visit.site.system].add(_row(visit, report_of(cohort, visit)))


def _row(visit: Visit, text: str) -> dict[str, str]:
    person = visit.person
    return {
        "Accession": visit.accession,
        "MRN": person.mrn,
        "Patient": f"{person.family}, {person.given} {person.middle}".strip(),
        "DOB": f"{person.birth:%m/%d/%Y}",
        "Report": text,
        "Status": "Final",
        "Signed": f"{visit.day + timedelta(days=1):%Y-%m-%d} 12:00:00",
        "Radiologist": f"{visit.radiologist.full}, MD",
        "Referring": visit.referring.full,
        "Address": f"{person.street}, {person.town}",
    }


class _Table:
    """A table of reports that grows by rows."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._file = path, file
        self._csv: csv.DictWriter[str] | None = None
        self._columns: dict[str, list[str]] = {}

    def add(self, row: Mapping[str, str]) -> None:
        """Add one report."""
        if self._path.suffix == ".jsonl":
            self._file.write(json.dumps(row) + "\n")
        elif self._path.suffix == ".csv":
            if self._csv is None:
                self._csv = csv.DictWriter(self._file, fieldnames=list(row))
                self._csv.writeheader()
            self._csv.writerow(row)
        else:
            for name, value in row.items():
                self._columns.setdefault(name, []).append(value)

    def close(self) -> None:
        """Write what is kept: Parquet is written whole."""
        if self._columns:
            pq.write_table(pa.table(self._columns), self._path)


@contextlib.contextmanager
def _table(export: Path, system: str) -> Iterator[_Table]:
    path = export / system / _TABLES[system]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = _Table(path, file)
        yield table
    table.close()
