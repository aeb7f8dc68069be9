"""The native layout: Parquet shards per split with each PNG's own bytes, and two tables beside them.

data/<split>-NNNNN.parquet    one row per study: every column, 8-bit previews, and the pictures
studies/<split>.parquet       the same rows without pictures
images/<split>.parquet        one row per picture
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from radrelease.adapters.arrow_records import arrow_schema, to_table
from radrelease.records import ReleaseImage, ReleaseStudy, Split

__all__ = ["PREVIEWS", "ShardWriter", "copy_without", "file_split", "open_shard", "write_tables"]

_ROW_GROUP = 4
"""Studies per row group: what a reader of one study must fetch (docs/decisions/0021-reading.md)."""

_TABLE_GROUP = 256
"""Studies per row group of the tables beside: with fewer, one is found sooner, and footers are longer."""

PREVIEWS = "previews"
_PREVIEWS_AT = 1
"""Beside the id: viewers of tables show the first columns."""

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
            table = _study_table(studies).append_column("images", _pictures(studies, pictures, ".png"))
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


def write_tables(folder: Path, split: Split, studies: Iterable[ReleaseStudy]) -> None:
    """Write the two tables of one split."""
    name = f"{file_split(split)}.parquet"
    for kind in ("studies", "images"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    schema = _study_table([]).schema
    with (
        pq.ParquetWriter(folder / "studies" / name, schema, compression="zstd") as by_study,
        pq.ParquetWriter(folder / "images" / name, _image_schema(), compression="zstd") as by_image,
    ):
        for batch in _batches(studies, _TABLE_GROUP):
            by_study.write_table(_study_table(batch))
            by_image.write_table(_image_table(batch))


def _batches(studies: Iterable[ReleaseStudy], size: int) -> Iterator[list[ReleaseStudy]]:
    batch: list[ReleaseStudy] = []
    for study in studies:
        batch.append(study)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _column_names(record: type) -> dict[str, str]:
    return {
        item.name: item.metadata["column"] for item in dataclasses.fields(record) if item.name != "images"
    }


def _renamed(record: type, records: Iterable[object]) -> pa.Table:
    names = _column_names(record)
    table = to_table(record, records)
    return table.select(list(names)).rename_columns(list(names.values()))


def _study_table(studies: Sequence[ReleaseStudy]) -> pa.Table:
    """The studies' own columns, then every image column as a list."""
    table = _renamed(ReleaseStudy, studies)
    for name, column in _column_names(ReleaseImage).items():
        kind = arrow_schema(ReleaseImage).field(name).type
        values = [[_plain(getattr(image, name)) for image in study.images] for study in studies]
        table = table.append_column(pa.field(column, pa.list_(kind)), pa.array(values, pa.list_(kind)))
    return table


def _image_table(studies: Sequence[ReleaseStudy]) -> pa.Table:
    owners = [(study, image) for study in studies for image in study.images]
    table = _renamed(ReleaseImage, [image for _, image in owners])
    keys = {
        "id": [study.id for study, _ in owners],
        "PatientID": [study.patient_id for study, _ in owners],
        "Split": [study.split.value for study, _ in owners],
    }
    columns = [pa.array(values, pa.string()) for values in keys.values()]
    return pa.table([*columns, *table.columns], names=[*keys, *table.column_names])


def _image_schema() -> pa.Schema:
    return _image_table([]).schema


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _picture_schema(*, previews: bool) -> pa.Schema:
    """The schema, with the features that make `datasets` decode the pictures."""
    schema = _study_table([]).schema.append(pa.field("images", _PICTURES))
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
