"""Records to Arrow columns and back, the schema derived from the record's own annotations.

Both ways go column by column: a dictionary for each row, and for each record within it, would take longer
than all that is done with them. A tuple, a mapping or a record within a record may not be None.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import Any, TypeVar

import pyarrow as pa

__all__ = ["arrow_schema", "from_batch", "to_table"]

Record = TypeVar("Record")

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
    return pa.schema(_fields(record))


def to_table(record: type, records: Iterable[object]) -> pa.Table:
    """The records as a table. Arrow does not check null counts, so this does."""
    return pa.Table.from_arrays(_columns(record, list(records)), schema=arrow_schema(record))


def from_batch(record: type[Record], batch: pa.RecordBatch) -> list[Record]:
    """The records of a table that :func:`to_table` made; of a field that it does not have, the default."""
    hints = _hints(typing.cast("type", record))
    kinds = {name: kind for name, kind in hints.items() if name in batch.schema.names}
    if len(kinds) == len(hints):
        return _records(record, batch.columns)
    columns = [_values(kind, batch.column(name)) for name, kind in kinds.items()]
    return [record(**dict(zip(kinds, row, strict=True))) for row in zip(*columns, strict=True)]


def _columns(record: type, records: Sequence[object]) -> list[pa.Array]:
    return [
        _column(kind, list(map(attrgetter(name), records)), f"{record.__name__}.{name}")
        for name, kind in _hints(record).items()
    ]


def _column(kind: Any, values: Sequence[Any], name: str) -> pa.Array:
    bare, optional = _without_none(kind)
    column = _array(bare, values, name)
    if column.null_count and not optional:
        raise TypeError(f"{name} may not be None")
    return column


def _array(kind: Any, values: Sequence[Any], name: str) -> pa.Array:
    form, inner = _form(kind)
    if form is tuple:
        items = _column(inner[0], list(chain.from_iterable(values)), name)
        return pa.ListArray.from_arrays(_offsets(values), items, type=_arrow_type(kind))
    if form is Mapping:
        pairs = chain.from_iterable(sorted(value.items()) for value in values)
        keys, items = tuple(zip(*pairs, strict=True)) or ((), ())
        columns = (_column(part, row, name) for part, row in zip(inner, (keys, items), strict=True))
        return pa.MapArray.from_arrays(_offsets(values), *columns)
    if form is object:
        return pa.StructArray.from_arrays(_columns(kind, values), fields=_fields(kind))
    return pa.array(values, _arrow_type(kind))


def _offsets(values: Sequence[Any]) -> pa.Array:
    return pa.array(accumulate(map(len, values), initial=0), pa.int32())


def _records(record: type, columns: Sequence[pa.Array]) -> list[Any]:
    """Records made field by field, as unpickling makes them: calling the class takes three times as long."""
    made: list[Any] = [object.__new__(record) for _ in range(len(columns[0]))]
    for (name, kind), column in zip(_hints(record).items(), columns, strict=True):
        put = record.__dict__[name].__set__  # of the slot
        for item, value in zip(made, _values(kind, column), strict=True):
            put(item, value)
    return made


def _values(kind: Any, column: pa.Array) -> Sequence[Any]:
    kind, _ = _without_none(kind)
    form, inner = _form(kind)
    if form is tuple:
        items = tuple(_values(inner[0], column.flatten()))
        return [items[start:end] for start, end in _stretches(column)]
    if form is object:
        return _records(kind, column.flatten())
    values: list[Any] = column.to_pylist()
    if form is Mapping:
        return list(map(dict, values))
    if form is StrEnum:
        members = {value: None if value is None else kind(value) for value in set(values)}
        return [members[value] for value in values]
    return values


def _stretches(column: pa.ListArray) -> Iterable[tuple[int, int]]:
    """Where the items of each row begin and end in the flattened column."""
    offsets = column.offsets.to_pylist()
    return pairwise(offset - offsets[0] for offset in offsets)


@cache
def _hints(record: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    return {field.name: hints[field.name] for field in dataclasses.fields(record)}


@cache
def _fields(record: type) -> list[pa.Field]:
    return [_arrow_field(name, kind) for name, kind in _hints(record).items()]


def _arrow_field(name: str, kind: Any) -> pa.Field:
    bare, optional = _without_none(kind)
    return pa.field(name, _arrow_type(bare), nullable=optional)


def _arrow_type(kind: Any) -> pa.DataType:
    form, inner = _form(kind)
    if form is tuple:
        return pa.list_(_arrow_field("item", *inner))
    if form is Mapping:
        return pa.map_(*map(_arrow_type, inner))
    if form is object:
        return pa.struct(_fields(kind))
    return pa.string() if form is StrEnum else _SCALARS[form]


@cache
def _form(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """What a kind is: a tuple or a mapping, and the kinds in it; a record (object), StrEnum or a scalar."""
    kind = getattr(kind, "__supertype__", kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple, arguments[:1]
    if origin is Mapping:
        return Mapping, arguments
    if dataclasses.is_dataclass(kind):
        return object, ()
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return StrEnum, ()
    return kind, ()


def _without_none(kind: Any) -> tuple[Any, bool]:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        (bare,) = (part for part in typing.get_args(kind) if part is not type(None))
        return bare, True
    return kind, False
