"""Records to Arrow tables and back, the schema derived from the record's own annotations."""

from __future__ import annotations

import dataclasses
import os
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "arrow_schema",
    "count_records",
    "read_column",
    "read_records",
    "read_rows",
    "to_table",
    "write_groups",
    "write_records",
]

Record = TypeVar("Record")

_GROUP = 4096
"""Records of a row group."""

_AT_ONCE = 512
"""Records that are read at once."""

_SCALARS: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    date: pa.date32(),
    datetime: pa.timestamp("us"),
}


@cache
def arrow_schema(record: type) -> pa.Schema:
    """The Arrow schema of a record class; a field that may not be None is not nullable."""
    return pa.schema([_arrow_field(name, kind) for name, kind in _hints(record).items()])


def to_table(record: type, records: Iterable[object]) -> pa.Table:
    """The records as a table. Arrow does not check null counts, so this does."""
    schema = arrow_schema(record)
    names = schema.names
    columns = {name: [] for name in names}  # type: dict[str, list[Any]]
    for item in records:
        for name in names:
            columns[name].append(_plain(getattr(item, name)))
    table = pa.table([pa.array(columns[name], schema.field(name).type) for name in names], schema=schema)
    for name in names:
        if not schema.field(name).nullable and table.column(name).null_count:
            raise TypeError(f"{record.__name__}.{name} may not be None")
    return table


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
    make = _maker(typing.cast("type", record))
    for batch in _batches(path):
        yield from map(make, batch.to_pylist())


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


@cache
def _hints(record: type) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    return {field.name: hints[field.name] for field in dataclasses.fields(record)}


def _arrow_field(name: str, kind: Any) -> pa.Field:
    bare, optional = _without_none(kind)
    return pa.field(name, _arrow_type(bare), nullable=optional)


def _arrow_type(kind: Any) -> pa.DataType:
    kind = getattr(kind, "__supertype__", kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return pa.list_(_arrow_field("item", arguments[0]))
    if origin is Mapping:
        return pa.map_(_arrow_type(arguments[0]), _arrow_type(arguments[1]))
    if dataclasses.is_dataclass(kind):
        return pa.struct(
            [_arrow_field(name, inner) for name, inner in _hints(typing.cast("type", kind)).items()]
        )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return pa.string()
    return _SCALARS[kind]


def _without_none(kind: Any) -> tuple[Any, bool]:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        (bare,) = (part for part in typing.get_args(kind) if part is not type(None))
        return bare, True
    return kind, False


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return sorted(value.items())
    return value.value if isinstance(value, Enum) else value


_PLAIN = frozenset({*_SCALARS, type(None)})


@cache
def _names(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


@cache
def _maker(record: type) -> Callable[[Mapping[str, Any]], Any]:
    """What makes a record of a row."""
    plain = tuple(name for name, kind in _hints(record).items() if _typer(kind) is None)
    typed = tuple((name, make) for name, kind in _hints(record).items() if (make := _typer(kind)))

    def made(row: Mapping[str, Any]) -> Any:
        values = {name: row[name] for name in plain}
        for name, make in typed:
            value = row[name]
            values[name] = None if value is None else make(value)
        return record(**values)

    return made


@cache
def _typer(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a value of that kind of one that Arrow gave, which is not None; None where it is one."""
    kind, _ = _without_none(kind)
    kind = getattr(kind, "__supertype__", kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        inner = _typer(arguments[0])
        if inner is None:
            return tuple
        return lambda values: tuple(None if value is None else inner(value) for value in values)
    if origin is Mapping:
        return dict
    if dataclasses.is_dataclass(kind):
        return _maker(typing.cast("type", kind))
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else None
