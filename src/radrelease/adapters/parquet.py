"""Tables of records, each a Parquet file: written whole or not at all, and read a few rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from radrelease.adapters.arrow_records import arrow_schema, from_batch, to_table

__all__ = [
    "count_records",
    "read_column",
    "read_records",
    "read_rows",
    "write_groups",
    "write_records",
]

Record = TypeVar("Record")

_GROUP = 4096
"""Records of a row group."""

_AT_ONCE = 512
"""Records that are read at once."""


def write_records(path: Path, record: type, records: Iterable[object]) -> None:
    """Write the records to ``path``, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    write_groups(partial, record, records)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def write_groups(place: Path | BytesIO, record: type, records: Iterable[object]) -> None:
    """Write the records to ``place``, some at a time."""
    rest = iter(records)
    with pq.ParquetWriter(place, arrow_schema(record), compression="zstd") as writer:
        first = True
        while (group := list(islice(rest, _GROUP))) or first:
            writer.write_table(to_table(record, group))
            first = False


def read_records(path: Path | BytesIO, record: type[Record]) -> Iterator[Record]:
    """The records that :func:`write_records` or :func:`write_groups` wrote there."""
    for batch in _batches(path):
        yield from from_batch(record, batch)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of the table at ``path``, by the names of the columns."""
    for batch in _batches(path):
        yield from batch.to_pylist()


def read_column(path: Path, name: str) -> Iterator[Any]:
    """The values of one column of the table at ``path``, in order."""
    for batch in _batches(path, [name]):
        yield from batch.column(name).to_pylist()


def _batches(place: Path | BytesIO, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(place) as file:
        yield from file.iter_batches(batch_size=_AT_ONCE, columns=columns)


def count_records(path: Path) -> int:
    """How many records the file holds."""
    count: int = pq.read_metadata(path).num_rows
    return count
