"""Tables that are joined from the pieces of shards are those that would be written of all studies at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_records import make_release_image, make_release_study

from radrelease.adapters import native, rexgradient
from radrelease.adapters.arrow_records import to_table
from radrelease.adapters.parquet import in_groups, join_tables, read_records, write_records
from radrelease.records.release import ReleaseStudy, Split

IMAGE = make_release_image(manufacturer="Ä")
STUDY = make_release_study(
    IMAGE, split=Split.TEST, sex="F", age="050Y", findings='Clear, says "{\n}\n".\nA,\n'
)
STUDIES = [
    replace(
        STUDY,
        id=f"p{number}",
        images=tuple(replace(IMAGE, image_id=f"{number}.{place}") for place in range(number % 3)),
        weight_kg=60.5 if number % 2 else None,
    )
    for number in range(600)
]


@dataclass(frozen=True, slots=True)
class Numbered:
    number: int


def cut(items, sizes):
    """The items in pieces of these sizes, the rest in a last one."""
    pieces, start = [], 0
    for size in (*sizes, len(items)):
        pieces.append(items[start : start + size])
        start += size
    return [piece for piece in pieces if piece]


SIZES = st.lists(st.integers(1, 300), max_size=5)


@settings(max_examples=20)
@given(sizes=SIZES)
def test_legacy_tables_do_not_tell_where_shards_ended(tmp_path_factory, sizes):
    folder = tmp_path_factory.mktemp("joined")
    rexgradient.write_metadata(folder / "whole", Split.TEST, STUDIES)
    pieces = []
    for number, piece in enumerate(cut(STUDIES, sizes)):
        pieces.append(folder / str(number))
        rexgradient.write_metadata(pieces[-1], Split.TEST, piece)
    rexgradient.join_metadata(folder / "joined", Split.TEST, pieces)
    assert files_in(folder / "joined") == files_in(folder / "whole")


def test_legacy_tables_of_a_split_without_studies_are_there(tmp_path):
    rexgradient.write_metadata(tmp_path / "whole", Split.TEST, [])
    rexgradient.join_metadata(tmp_path / "joined", Split.TEST, [])
    assert files_in(tmp_path / "joined") == files_in(tmp_path / "whole")
    assert len(files_in(tmp_path / "whole")) == 3


@settings(max_examples=20)
@given(sizes=SIZES)
def test_native_tables_do_not_tell_where_shards_ended(tmp_path_factory, sizes):
    folder = tmp_path_factory.mktemp("joined")
    native.write_tables(folder / "whole", Split.TEST, to_table(ReleaseStudy, STUDIES).to_batches())
    batches = [batch for piece in cut(STUDIES, sizes) for batch in to_table(ReleaseStudy, piece).to_batches()]
    native.write_tables(folder / "joined", Split.TEST, batches)
    assert files_in(folder / "joined") == files_in(folder / "whole")


def test_native_tables_have_every_study_and_image_once(tmp_path):
    native.write_tables(tmp_path, Split.TEST, to_table(ReleaseStudy, STUDIES).to_batches())
    studies = pq.read_table(tmp_path / "studies" / "test.parquet").to_pylist()
    images = pq.read_table(tmp_path / "images" / "test.parquet").to_pylist()
    assert [row["id"] for row in studies] == [study.id for study in STUDIES]
    assert [row["SOPInstanceUid"] for row in studies] == [
        [image.image_id for image in study.images] for study in STUDIES
    ]
    assert [row["PatientWeight"] for row in studies] == [study.weight_kg for study in STUDIES]
    assert [(row["id"], row["SOPInstanceUid"], row["View"]) for row in images] == [
        (study.id, image.image_id, "frontal PA") for study in STUDIES for image in study.images
    ]


@given(st.lists(st.integers(0, 7), max_size=8), st.integers(1, 5))
def test_rows_come_in_groups_of_one_size_and_in_order(sizes, size):
    numbers = iter(range(100))
    batches = [
        batch
        for count in sizes
        for batch in to_table(Numbered, [Numbered(next(numbers)) for _ in range(count)]).to_batches()
    ]
    groups = list(in_groups(batches, size))
    assert [row for group in groups for row in group.column("number").to_pylist()] == [*range(sum(sizes))]
    assert all(len(group) == size for group in groups[:-1])
    assert all(0 < len(group) <= size for group in groups)


@pytest.mark.parametrize("counts", [(), (0,), (3, 0, 5000, 2)])
def test_joined_records_are_those_of_all_tables(tmp_path, counts):
    numbers = iter(range(10_000))
    tables = []
    for place, count in enumerate(counts):
        tables.append(tmp_path / f"{place}.parquet")
        write_records(tables[-1], Numbered, [Numbered(next(numbers)) for _ in range(count)])
    join_tables(tmp_path / "joined.parquet", Numbered, tables)
    write_records(tmp_path / "whole.parquet", Numbered, map(Numbered, range(sum(counts))))
    assert [row.number for row in read_records(tmp_path / "joined.parquet", Numbered)] == [
        *range(sum(counts))
    ]
    assert (tmp_path / "joined.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.is_file()
    }
