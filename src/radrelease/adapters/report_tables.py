"""Tables of reports (CSV, TSV, JSON Lines, Parquet) as rows of text, whatever state they are in.

Text is UTF-8 with or without a byte order mark, UTF-16, or else cp1252, whose five undefined bytes
are read as Latin-1 control characters. A table that cannot be read, or no further, gives one row
without values, placed at the file.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from radrelease.adapters.places import ReportFile

__all__ = ["Row", "columns_of", "decode_text", "is_table", "read_table"]

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".jsonl": "", ".ndjson": "", ".parquet": ""}
_PARQUET_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One physical row: its place, and its values by column, or None where it cannot be read.

    A value that is no text, number or time, such as a list, is None.
    """

    location: str
    values: Mapping[str, str | None] | None


def is_table(name: str) -> bool:
    """Whether a file of that name is a table; the others are the text of one report each."""
    return _suffix(name) in _DELIMITERS


def columns_of(file: ReportFile) -> Sequence[str] | None:
    """The names of the table's columns; None where the file states none, or cannot be read."""
    suffix = _suffix(file.name)
    try:
        if suffix == ".parquet":
            return _parquet_columns(file.open())
        return next(_csv_reader(decode_text(file.read()), suffix), []) if _DELIMITERS.get(suffix) else None
    except (OSError, csv.Error):
        return None


def _parquet_columns(table: Path | BytesIO) -> Sequence[str] | None:
    try:
        with pq.ParquetFile(table) as opened:
            return list(opened.schema_arrow.names)
    except Exception:  # a parser meets anything in a broken file; its rows are rejected later
        return None


def read_table(file: ReportFile) -> Iterator[Row]:
    """Every row of the table, in order."""
    suffix = _suffix(file.name)
    try:
        if suffix == ".parquet":
            yield from _read_parquet(file)
            return
        text = decode_text(file.read())
    except OSError:
        yield Row(file.location, None)
        return
    if _DELIMITERS[suffix]:
        yield from _read_csv(text, file.location, suffix)
    else:
        yield from _read_json_lines(text, file.location)


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def _read_parquet(file: ReportFile) -> Iterator[Row]:
    """The rows up to where the file is broken, and one without values for those that are lost with that."""
    number, place = 0, file.open()
    try:
        with pq.ParquetFile(place) as table:
            stated = table.metadata.num_rows
            for batch in table.iter_batches(batch_size=_PARQUET_BATCH):
                for values in _as_bytes(batch).to_pylist():
                    number += 1
                    yield Row(
                        f"{file.location}:{number}", {key: _plain(item) for key, item in values.items()}
                    )
    except Exception:  # a parser meets anything in a broken file
        yield Row(file.location, None)
    else:
        if number != stated:
            yield Row(file.location, None)


def _as_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with its texts as bytes: one that is not UTF-8 costs no other."""
    columns = [
        column.cast(pa.large_binary()) if pa.types.is_string(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _read_json_lines(text: str, location: str) -> Iterator[Row]:
    for number, line in enumerate(_lines(text, "\n"), start=1):
        if line.strip():
            yield Row(f"{location}:{number}", _json_values(line))


def _json_values(line: str) -> Mapping[str, str | None] | None:
    try:
        values = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return {key: _plain(value) for key, value in values.items()} if isinstance(values, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; one of two values of a name would be taken at random."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name is given twice")
    return values


def _read_csv(text: str, location: str, suffix: str) -> Iterator[Row]:
    reader = _csv_reader(text, suffix)
    header: list[str] = next(reader, [])
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error:
            yield Row(f"{location}:{line}", None)
            continue
        if fields is None:
            return
        if any(field.strip() for field in fields):
            whole = len(fields) == len(header) and "\0" not in "".join(fields)
            yield Row(f"{location}:{line}", dict(zip(header, fields, strict=True)) if whole else None)


def _csv_reader(text: str, suffix: str) -> Any:
    csv.field_size_limit(sys.maxsize)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if suffix == ".tsv" else max(",;\t|", key=first.count)
    return csv.reader(_lines(text, "\r\n|\r|\n"), delimiter=delimiter)


def _lines(text: str, end: str) -> Iterator[str]:
    """The lines with their ends, one by one: a table may be large, and a stream of it four times so."""
    start = 0
    for found in re.finditer(end, text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]


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


def _plain(value: Any) -> str | None:
    """A cell as text; an identifier that was read as a floating-point number is a whole one again."""
    if isinstance(value, bytes):
        value = decode_text(value)
    if isinstance(value, list | dict | tuple):
        return None
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _without_surrogates(value) if isinstance(value, str) else str(value)


def _without_surrogates(text: str) -> str:
    """The text with half a UTF-16 pair, which no file can hold, marked."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
