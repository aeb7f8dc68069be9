"""Tables of records, each a Parquet file: written whole or not at all, and read a few rows at a time."""

from __future__ import annotations

import ctypes
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
    "in_groups",
    "join_tables",
    "read_batches",
    "read_column",
    "read_records",
    "read_rows",
    "release_memory",
    "write_groups",
    "write_records",
]

Record = TypeVar("Record")

_GROUP = 4096
"""Records of a row group."""

_AT_ONCE = 512
"""Records that are read at once."""


def release_memory() -> None:
    """Give back to the system what is gone: Arrow keeps it for the next tables, and glibc for anything."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def write_records(path: Path, record: type, records: Iterable[object]) -> None:
    """Write the records to ``path``, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    write_groups(partial, record, records)
    _put_in_place(partial, path)


def _put_in_place(partial: Path, path: Path) -> None:
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def join_tables(path: Path, record: type, tables: Iterable[Path]) -> None:
    """Write the rows of these tables of records to ``path``, one after the other, whole or not at all."""
    rows = (batch for table in tables for batch in read_batches(table))
    partial = path.with_name(path.name + ".partial")
    with pq.ParquetWriter(partial, arrow_schema(record), compression="zstd") as writer:
        for group in in_groups(rows, _GROUP):
            writer.write_table(group)
    _put_in_place(partial, path)


def in_groups(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """The rows as tables of ``size`` rows each, the last of what is left."""
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in batches:
        start = 0
        while held + batch.num_rows - start >= size:
            waiting.append(batch.slice(start, size - held))
            yield pa.Table.from_batches(waiting).combine_chunks()
            start += size - held
            waiting, held = [], 0
        waiting.append(batch.slice(start))
        held += batch.num_rows - start
    if held:
        yield pa.Table.from_batches(waiting).combine_chunks()


def write_groups(place: Path | BytesIO, record: type, records: Iterable[object]) -> None:
    """Write the records to ``place``, some at a time."""
    rest = iter(records)
    with pq.ParquetWriter(place, arrow_schema(record), compression="zstd") as writer:
        while group := list(islice(rest, _GROUP)):
            writer.write_table(to_table(record, group))


def read_records(path: Path | BytesIO, record: type[Record]) -> Iterator[Record]:
    """The records that :func:`write_records` or :func:`write_groups` wrote there."""
    for batch in read_batches(path):
        yield from from_batch(record, batch)


def read_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of the table at ``path`` by the names of its columns; of ``columns``, those that it has."""
    for batch in read_batches(path, columns):
        yield from batch.to_pylist()


def read_column(path: Path, name: str) -> Iterator[Any]:
    """The values of one column of the table at ``path``, in order."""
    for batch in read_batches(path, [name]):
        yield from batch.column(name).to_pylist()


def read_batches(place: Path | BytesIO, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of the table at ``place``, some at a time, of which only ``columns`` are read."""
    with pq.ParquetFile(place) as file:
        yield from file.iter_batches(batch_size=_AT_ONCE, columns=columns)


def count_records(path: Path) -> int:
    """How many records the file holds."""
    count: int = pq.read_metadata(path).num_rows
    return count
