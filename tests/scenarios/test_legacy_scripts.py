"""Code written for ReXGradient-160K, as its users publish it, run on a release without a change."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard
from PIL import Image

from radrelease.adapters.rexgradient import Frame, archive_member, write_parts

pytestmark = [
    pytest.mark.xdist_group("release"),
    pytest.mark.filterwarnings("default"),  # of packages that only readers use
]

SPLITS = ("train", "valid", "test")
CSV_COLUMNS = [
    "id", "AccessionNumber", "StudyInstanceUid", "PatientSex", "PatientAge", "StudyDate", "StudyDescription",
    "Indication", "Comparison", "Findings", "Impression",
]  # fmt: skip
JSON_KEYS = {
    "PatientID", "AccessionNumber", "StudyInstanceUid", "PatientSex", "PatientAge", "EthnicGroup", "PatientWeight",
    "StudyDate", "StudyDescription", "InstitutionName", "Manufacturer", "Indication", "Comparison", "Findings",
    "Impression", "ImagePath", "ImageViewPosition", "ImageModality", "ImageBodyPart", "ImageShape",
}  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(place, tmp_path_factory):
    """The layout as downloaded, its archive unpacked beside the metadata as the card of the original says."""
    folder = tmp_path_factory.mktemp("legacy")
    (folder / "metadata").symlink_to(place.release / "rexgradient/metadata")
    parts = sorted((place.release / "rexgradient").glob("deid_png.part*"))
    joined = b"".join(part.read_bytes() for part in parts)
    stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(joined), read_across_frames=True)
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        archive.extractall(folder, filter="data")
    return folder


def strict(name):
    raise AssertionError(f"{name} is not JSON")


def test_every_json_file_is_strict_and_keyed_by_id(unpacked):
    for split in SPLITS:
        plain, views = (
            json.loads((unpacked / "metadata" / f"{split}_{name}.json").read_bytes(), parse_constant=strict)
            for name in ("metadata", "metadata_view_position")
        )
        assert list(plain) == list(views)
        for key, row in plain.items():
            assert row.keys() >= JSON_KEYS
            assert key == f"p{row['PatientID']}_a{row['AccessionNumber']}_s{row['StudyInstanceUid']}"
            assert views[key].items() >= row.items()
            lists = [value for value in views[key].values() if isinstance(value, list)]
            assert {len(value) for value in lists} == {len(row["ImagePath"])}
            assert isinstance(row["ImageViewPosition"], list)
            assert isinstance(row["InstitutionName"], list)
            assert len(row["StudyDate"]) == 8


def test_pandas_reads_the_csv_with_the_columns_that_scripts_name(unpacked):
    for split in SPLITS:
        table = pd.read_csv(unpacked / f"metadata/{split}_metadata.csv")
        assert list(table.columns) == CSV_COLUMNS
        rows = json.loads((unpacked / f"metadata/{split}_metadata.json").read_text())
        assert table["id"].tolist() == list(rows)
        table = table.set_index("id")
        for section in ("Indication", "Comparison", "Findings", "Impression"):
            assert {key for key, row in rows.items() if row[section] is None} == set(
                table.index[table[section].isna()]
            )
        reports = table.dropna(subset=["Findings"]).apply(lambda row: f"FINDINGS: {row['Findings']}", axis=1)
        assert not reports.str.contains("nan|None").any()
        assert pd.to_datetime(table["StudyDate"].astype(str), format="%Y%m%d").notna().all()


def test_pandas_reads_the_json_too(unpacked):
    table = pd.read_json(unpacked / "metadata/train_metadata_view_position.json", orient="index")
    assert {"ImagePath", "ImageViewPosition", "Findings"} <= set(table.columns)


def test_image_paths_are_from_the_metadata_folder_and_open_as_sixteen_bits(unpacked):
    found = 0
    for split in SPLITS:
        rows = json.loads((unpacked / f"metadata/{split}_metadata_view_position.json").read_text())
        for row in rows.values():
            for path, shape in zip(row["ImagePath"], row["ImageShape"], strict=True):
                assert path.startswith("../deid_png/")
                with Image.open(os.path.normpath(unpacked / "metadata" / path)) as picture:
                    assert picture.mode == "I;16"
                    assert np.asarray(picture).shape == tuple(shape)
                found += 1
    assert found == len(list((unpacked / "deid_png").rglob("*.png")))


def test_a_script_that_picks_frontal_views_gets_pictures(unpacked):
    rows = json.loads((unpacked / "metadata/train_metadata_view_position.json").read_text())
    picked = [
        (row["ImagePath"][index], row["Findings"])
        for row in rows.values()
        for index, view in enumerate(row["ImageViewPosition"])
        if view in ("PA", "AP")
    ]
    assert len(picked) > 10


def test_the_hub_s_library_loads_the_csv_and_the_json(unpacked, tmp_path):
    from datasets import load_dataset

    files = {split: str(unpacked / f"metadata/{split}_metadata.csv") for split in SPLITS}
    tables = load_dataset("csv", data_files=files, cache_dir=str(tmp_path))
    assert tables["train"].column_names == CSV_COLUMNS
    assert {split: len(tables[split]) for split in SPLITS} == {
        split: len(pd.read_csv(path)) for split, path in files.items()
    }


def test_each_part_is_readable_alone_and_none_is_empty(place):
    parts = sorted((place.release / "rexgradient").glob("deid_png.part*"))
    assert [part.name for part in parts] == [f"deid_png.part{number:02d}" for number in range(4)]
    sizes = [part.stat().st_size for part in parts]
    assert max(sizes) < 1.5 * min(sizes)
    names = []
    for part in parts:
        with (
            part.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as stream,
            tarfile.open(fileobj=stream, mode="r|", ignore_zeros=True) as archive,
        ):
            names.append([member.name for member in archive])
    assert all(names)
    with (place.release / "rexgradient/deid_png_index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for number, own in enumerate(names):
        assert own == [row["ImagePath"].removeprefix("../") for row in rows if int(row["part"]) == number]


@pytest.mark.parametrize(("pictures", "parts"), [(1, 10), (7, 10), (25, 10), (25, 1), (120, 101)])
def test_any_number_of_parts_is_one_archive_in_the_order_of_their_names(tmp_path, pictures, parts):
    stretches, made = [], []
    for shard in range(0, pictures, 5):
        path, members = tmp_path / f"shard{shard}", []
        with path.open("wb") as file:
            for number in range(shard, min(shard + 5, pictures)):
                made.append(f"../deid_png/{number}.png")
                frame = archive_member(made[-1], bytes([number]) * (1 + 997 * number % 5000))
                members.append(Frame(made[-1], number * parts // pictures, file.write(frame), ""))
        stretches.append((path, members))
    folder = tmp_path / "release"
    folder.mkdir()
    index = list(write_parts(folder, stretches, parts))
    files = sorted(folder.iterdir())
    assert len(files) == parts
    for path, part, offset, length in index:
        frame = files[part].read_bytes()[offset : offset + length]
        assert frame == archive_member(
            path, bytes([int(Path(path).stem)]) * (1 + 997 * int(Path(path).stem) % 5000)
        )
    joined = io.BytesIO(b"".join(file.read_bytes() for file in files))
    stream = zstandard.ZstdDecompressor().stream_reader(joined, read_across_frames=True)
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        assert [f"../{member.name}" for member in archive] == made
    for file in files:
        assert zstandard.ZstdDecompressor().decompressobj().decompress(file.read_bytes()[:]) is not None
