"""The native layout: Parquet shards per split with each PNG's own bytes, and two tables beside them.

data/<split>-NNNNN.parquet    one row per study: every column, per-image lists, and the pictures
studies/<split>.parquet       the same rows without pictures
images/<split>.parquet        one row per picture
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from radrelease.adapters.parquet import arrow_schema, to_table
from radrelease.records import ReleaseImage, ReleaseStudy, Split

__all__ = ["ShardWriter", "file_split", "open_shard", "write_tables"]

_ROW_GROUP = 16
"""Studies per row group: what a reader of one study must fetch."""

_PICTURE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])


def file_split(split: Split) -> str:
    """The split's name in file names: the hub knows valid as validation."""
    return "validation" if split is Split.VALID else split.value


class ShardWriter:
    """Writes one shard's studies, in order, a row group at a time."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: list[tuple[ReleaseStudy, Sequence[bytes]]] = []

    def write(self, study: ReleaseStudy, pictures: Sequence[bytes]) -> None:
        """Add a study and the PNG bytes of its images, in the order of ``study.images``."""
        self._waiting.append((study, pictures))
        if len(self._waiting) >= _ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            table = _study_table([study for study, _ in self._waiting])
            rows = [
                [
                    {"bytes": data, "path": f"{image.image_id}.png"}
                    for image, data in zip(study.images, pictures, strict=True)
                ]
                for study, pictures in self._waiting
            ]
            table = table.append_column(
                pa.field("images", pa.list_(_PICTURE)), pa.array(rows, pa.list_(_PICTURE))
            )
            self._writer.write_table(table.replace_schema_metadata(_schema(with_pictures=True).metadata))
            self._waiting = []


@contextmanager
def open_shard(path: Path) -> Iterator[ShardWriter]:
    """A writer of one shard's file. PNG bytes do not compress further, and are stored as they are."""
    schema = _schema(with_pictures=True)
    compression = {name: "none" if name == "images" else "zstd" for name in schema.names}
    compression = {
        "images.list.element.bytes": "none",
        **{k: v for k, v in compression.items() if k != "images"},
    }
    with pq.ParquetWriter(
        path, schema, compression=compression, write_statistics=False, store_schema=True
    ) as writer:
        shard = ShardWriter(writer)
        yield shard
        shard.flush()


def write_tables(folder: Path, split: Split, studies: Iterable[ReleaseStudy]) -> None:
    """Write the two tables of one split."""
    name = f"{file_split(split)}.parquet"
    for kind in ("studies", "images"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    schema = _schema(with_pictures=False)
    with (
        pq.ParquetWriter(folder / "studies" / name, schema, compression="zstd") as by_study,
        pq.ParquetWriter(folder / "images" / name, _image_schema(), compression="zstd") as by_image,
    ):
        for batch in _batches(studies, 1024):
            by_study.write_table(_study_table(batch).replace_schema_metadata(schema.metadata))
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


def _schema(*, with_pictures: bool) -> pa.Schema:
    """The schema, with the features that make `datasets` decode the pictures."""
    schema = _study_table([]).schema
    if not with_pictures:
        return schema
    schema = schema.append(pa.field("images", pa.list_(_PICTURE)))
    features = {field.name: _feature(field.type) for field in schema} | {"images": [{"_type": "Image"}]}
    info = json.dumps({"info": {"features": features}}, sort_keys=True)
    return schema.with_metadata({"huggingface": info})


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    names = {pa.float64(): "float64", pa.int64(): "int64", pa.string(): "string", pa.date32(): "date32"}
    return {"dtype": names.get(kind, str(kind)), "_type": "Value"}
