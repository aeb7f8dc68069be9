"""What the hub's library and its viewer make of a release."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from release_reading import read_whole

from radrelease import open_release
from radrelease.adapters.native import open_shard
from radrelease.adapters.png import decode_png, encode_png, preview
from radrelease.records.exhibits import Finding
from radrelease.stages.pictures.gray_levels import preview_of, to_gray8

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.filterwarnings("default")]


def shards(place, split="train"):
    return sorted((place.release / "native/data").glob(f"{split}-*.parquet"))


def test_one_line_gives_every_split_with_pictures_previews_sections_and_priors(place, tmp_path):
    from datasets import load_dataset

    release = load_dataset(str(place.release / "native"), cache_dir=str(tmp_path))
    assert list(release) == ["train", "validation", "test"]
    study = next(row for row in release["train"] if row["PriorId"])
    assert {"Indication", "Comparison", "Findings", "Impression", "ImageViewPosition", "View"} <= study.keys()
    assert study["DaysSincePrior"] >= 0
    for picture, small in zip(study["images"], study["previews"], strict=True):
        assert (picture.mode, small.mode) == ("I;16", "L")
        assert np.array_equal(np.asarray(small), preview_of(np.asarray(picture), 224))


def test_streaming_reads_the_first_study_alone(place):
    from datasets import load_dataset

    rows = load_dataset(str(place.release / "native"), split="train", streaming=True)
    first = next(iter(rows))
    whole = pq.read_table(shards(place)[0]).slice(0, 1).to_pylist()[0]
    assert first["id"] == whole["id"]
    assert np.array_equal(np.asarray(first["images"][0]), decode_png(whole["images"][0]["bytes"]))
    assert len(list(rows.select_columns(["id"]))) == place.built.description.sizes[0].studies
    tables = load_dataset(str(place.release / "native"), "metadata", split="train", streaming=True)
    assert next(iter(tables))["id"] == first["id"]


def as_the_viewer_saves(data):
    """huggingface/dataset-viewer, libs/libcommon/viewer_utils/features.py: image(), at commit f62009e."""
    value = Image.open(io.BytesIO(data))
    for kind in ("JPEG", "PNG"):
        saved = io.BytesIO()
        try:
            value.save(saved, format=kind)
        except OSError:
            continue
        return kind, Image.open(saved)
    raise AssertionError("the viewer would show nothing")


def test_the_viewer_shows_previews_as_they_are_and_pictures_whole(place):
    row = pq.read_table(shards(place)[0]).slice(0, 1).to_pylist()[0]
    picture, small = row["images"][0]["bytes"], row["previews"][0]["bytes"]
    kind, shown = as_the_viewer_saves(small)
    assert (kind, shown.mode) == ("JPEG", "L")
    assert np.abs(np.asarray(shown, int) - np.asarray(Image.open(io.BytesIO(small)), int)).mean() < 4
    kind, shown = as_the_viewer_saves(picture)
    assert (kind, shown.mode) == ("PNG", "I;16")  # Pillow writes no JPEG of 16 bits: nothing is clipped
    assert np.array_equal(np.asarray(shown), decode_png(picture))


def test_previews_are_the_second_column_and_groups_are_small(place):
    for path in shards(place):
        with pq.ParquetFile(path) as file:
            assert file.schema_arrow.names[:2] == ["id", "previews"]
            assert file.schema_arrow.names[-1] == "images"
            groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
            assert max(group.num_rows for group in groups) <= 4
            for group in groups:
                columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
                pictures = columns["images.list.element.bytes"]
                assert pictures.compression == "UNCOMPRESSED"
                assert "RLE_DICTIONARY" not in pictures.encodings
                assert columns["Findings"].compression == columns["View.list.element"].compression == "ZSTD"


def test_a_shard_without_previews_loads_too(place, tmp_path):
    from datasets import load_dataset

    path = tmp_path / "data/train-00000.parquet"
    path.parent.mkdir()
    studies = open_release(place.release)[:5]
    with open_shard(path, previews=False) as shard:
        for study in studies:
            shard.write(study, [image.png() for image in study.images], ())
    rows = load_dataset(str(tmp_path), split="train", cache_dir=str(tmp_path / "cache"))
    assert rows["id"] == [study.id for study in studies]
    assert "previews" not in rows.column_names
    assert rows[4]["images"][0].mode == "I;16"
    assert not [item for item in read_whole(tmp_path / "data") if isinstance(item, Finding)]


def harmed(place, folder, change):
    """The findings over one shard whose previews were changed."""
    (folder / "data").mkdir(parents=True)
    path = shards(place)[0]
    table = pq.read_table(path)
    rows = table["previews"].to_pylist()
    change(rows, table["images"].to_pylist())
    column = table.schema.get_field_index("previews")
    field = table.schema.field(column)
    pq.write_table(table.set_column(column, field, pa.array(rows, field.type)), folder / "data" / path.name)
    return [item.check for item in read_whole(folder) if isinstance(item, Finding)]


def replaced(data):
    def change(rows, pictures):
        rows[0][0]["bytes"] = data(rows, pictures)

    return change


@pytest.mark.parametrize(
    ("harm", "checks"),
    [
        (lambda rows, pictures: None, []),
        (replaced(lambda rows, pictures: rows[1][0]["bytes"]), ["preview is not of its picture"]),
        (
            replaced(lambda rows, pictures: rows[0][0]["bytes"][:-1]),
            ["chunk in a picture", "preview is not of its picture"],
        ),
        (
            replaced(lambda rows, pictures: encode_png(to_gray8(decode_png(pictures[0][0]["bytes"])) ^ 1)),
            ["preview is not of its picture"],
        ),
        (
            replaced(lambda rows, pictures: pictures[0][0]["bytes"]),
            ["form of a picture", "preview is not of its picture"],
        ),
        (replaced(lambda rows, pictures: b""), ["chunk in a picture", "preview is not of its picture"]),
        (lambda rows, pictures: rows[0].pop(), ["file cannot be read"]),
    ],
    ids=["nothing", "another's", "cut", "other levels", "16 bits", "nothing there", "one less"],
)
def test_the_audit_holds_every_preview_against_its_picture(place, tmp_path, harm, checks):
    found = harmed(place, tmp_path, harm)
    assert list(dict.fromkeys(found)) == checks


def test_a_preview_is_the_same_bytes_without_the_compiled_library(place, monkeypatch):
    data = pq.read_table(shards(place)[0])["images"][0].as_py()[0]["bytes"]
    whole = preview(data, 100)
    for module in ("resampling", "png_filters"):
        monkeypatch.setattr(f"radrelease.stages.pictures.{module}.library", lambda: None)
    assert preview(data, 100) == whole
