"""The native layout: Parquet shards per split with each PNG's own bytes, and two tables beside them.

data/<split>-NNNNN.parquet    one row per study: every column, 8-bit previews, and the pictures
studies/<split>.parquet       the same rows without pictures
images/<split>.parquet        one row per picture
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from radrelease.adapters.arrow_records import to_table
from radrelease.adapters.parquet import in_groups
from radrelease.records.release import ReleaseImage, ReleaseStudy, Split

__all__ = [
    "FILE",
    "PREVIEWS",
    "ShardWriter",
    "column_types",
    "copy_without",
    "file_split",
    "open_shard",
    "write_tables",
]

_ROW_GROUP = 4
"""Studies per row group: what a reader of one study must fetch (docs/decisions/0021-reading.md)."""

_TABLE_GROUP = 256
"""Studies per row group of the tables beside: with fewer, one is found sooner, and footers are longer."""

FILE = "native.parquet"
"""In a shard's folder: its file of the layout."""

PREVIEWS = "previews"
_PREVIEWS_AT = 1
"""Beside the id: viewers of tables show the first columns."""

_KEYS = {"id": "id", "patient_id": "PatientID", "split": "Split"}
"""Of a study, what each row of the table of images begins with."""

_PICTURES = pa.list_(pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]))


def file_split(split: Split) -> str:
    """The split's name in file names: the hub knows valid as validation."""
    return "validation" if split is Split.VALID else split.value


class ShardWriter:
    """Writes one shard's studies, in order, a row group at a time."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: list[tuple[ReleaseStudy, Sequence[bytes], Sequence[bytes]]] = []

    def write(self, study: ReleaseStudy, pictures: Sequence[bytes], previews: Sequence[bytes]) -> None:
        """Add a study and the PNG bytes of its images and of their previews, as ``study.images`` has them."""
        self._waiting.append((study, pictures, previews))
        if len(self._waiting) >= _ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            studies, pictures, previews = zip(*self._waiting, strict=True)
            table = _study_table(to_table(ReleaseStudy, studies)).append_column(
                "images", _pictures(studies, pictures, ".png")
            )
            if PREVIEWS in self._writer.schema.names:
                table = table.add_column(_PREVIEWS_AT, PREVIEWS, _pictures(studies, previews, "_8bit.png"))
            self._writer.write_table(table.cast(self._writer.schema))
            self._waiting = []


def _pictures(
    studies: Sequence[ReleaseStudy], pictures: Sequence[Sequence[bytes]], ending: str
) -> pa.ListArray:
    rows = [
        [
            {"bytes": data, "path": f"{image.image_id}{ending}"}
            for image, data in zip(study.images, own, strict=True)
        ]
        for study, own in zip(studies, pictures, strict=True)
    ]
    return pa.array(rows, _PICTURES)


@contextmanager
def open_shard(path: Path, *, previews: bool) -> Iterator[ShardWriter]:
    """A writer of one shard's file. PNG bytes do not compress further, and are stored as they are."""
    with _shard_writer(path, _picture_schema(previews=previews)) as writer:
        shard = ShardWriter(writer)
        yield shard
        shard.flush()


def copy_without(source: Path, target: Path, columns: Set[str]) -> None:
    """Copy a table of the layout without some of its columns, a row group at a time."""
    with pq.ParquetFile(source) as file:
        schema = pa.schema([field for field in file.schema_arrow if field.name not in columns])
        if notes := file.schema_arrow.metadata:
            info = json.loads(notes[b"huggingface"])
            features = info["info"]["features"]
            info["info"]["features"] = {name: features[name] for name in schema.names}
            schema = schema.with_metadata({"huggingface": json.dumps(info, sort_keys=True)})
        with _shard_writer(target, schema) as writer:
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group, columns=schema.names).cast(schema))


def _shard_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    plain = {f"{name}.list.element.bytes" for name in ("images", PREVIEWS) if name in schema.names}
    columns = {
        f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
        for field in schema
        if field.type != _PICTURES
    }
    compression = dict.fromkeys(columns, "zstd") | dict.fromkeys(plain, "none")
    return pq.ParquetWriter(
        path,
        schema,
        compression=compression,
        use_dictionary=sorted(columns),
        write_statistics=False,
        store_schema=True,
    )


def write_tables(folder: Path, split: Split, rows: Iterable[pa.RecordBatch]) -> None:
    """Write the two tables of one split; ``rows`` are those of a table of :class:`ReleaseStudy` records."""
    name = f"{file_split(split)}.parquet"
    for kind in ("studies", "images"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    none = to_table(ReleaseStudy, [])
    with (
        pq.ParquetWriter(
            folder / "studies" / name, _study_table(none).schema, compression="zstd"
        ) as by_study,
        pq.ParquetWriter(folder / "images" / name, _image_table(none).schema, compression="zstd") as by_image,
    ):
        for group in in_groups(rows, _TABLE_GROUP):
            by_study.write_table(_study_table(group))
            by_image.write_table(_image_table(group))


@cache
def column_types() -> Mapping[str, Sequence[pa.DataType]]:
    """The columns of the tables of the layout, by name, and of what types each is in one of them.

    No sets: types that are equal may differ in their hash, by what the items of a list are called.
    """
    found: dict[str, list[pa.DataType]] = {}
    for schema in (_picture_schema(previews=True), _image_table(to_table(ReleaseStudy, [])).schema):
        for field in schema:
            found.setdefault(field.name, []).append(field.type)
    return found


def _column_names(record: type) -> dict[str, str]:
    return {
        item.name: item.metadata["column"] for item in dataclasses.fields(record) if item.name != "images"
    }


def _study_table(records: pa.Table) -> pa.Table:
    """The studies' own columns, then every image column as a list."""
    names = _column_names(ReleaseStudy)
    table = records.select(list(names)).rename_columns(list(names.values()))
    offsets, images = _images_of(records)
    for name, column in _column_names(ReleaseImage).items():
        values = images.field(name)
        table = table.append_column(column, pa.ListArray.from_arrays(offsets, values, pa.list_(values.type)))
    return table


def _image_table(records: pa.Table) -> pa.Table:
    """A row for each image, after the names of its study."""
    offsets, images = _images_of(records)
    owners = np.repeat(np.arange(len(records)), np.diff(offsets))
    keys = {column: records.column(name).take(owners) for name, column in _KEYS.items()}
    columns = {column: images.field(name) for name, column in _column_names(ReleaseImage).items()}
    return pa.table(keys | columns)


def _images_of(records: pa.Table) -> tuple[pa.Array, pa.StructArray]:
    """The images of all studies, and where those of each begin and the last ones end."""
    column = records.column("images").combine_chunks()
    offsets = column.offsets.to_numpy()
    return pa.array(offsets - offsets[0]), column.flatten()


def _picture_schema(*, previews: bool) -> pa.Schema:
    """The schema, with the features that make `datasets` decode the pictures."""
    schema = _study_table(to_table(ReleaseStudy, [])).schema.append(pa.field("images", _PICTURES))
    if previews:
        schema = schema.insert(_PREVIEWS_AT, pa.field(PREVIEWS, _PICTURES))
    features = {
        field.name: [{"_type": "Image"}] if field.type == _PICTURES else _feature(field.type)
        for field in schema
    }
    info = json.dumps({"info": {"features": features}}, sort_keys=True)
    return schema.with_metadata({"huggingface": info})


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    names = {pa.float64(): "float64", pa.int64(): "int64", pa.string(): "string", pa.date32(): "date32"}
    return {"dtype": names.get(kind, str(kind)), "_type": "Value"}
