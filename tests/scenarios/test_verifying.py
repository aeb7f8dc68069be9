"""A researcher has downloaded a release: is it complete, unchanged and loadable?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from radrelease.adapters.checksums import write_checksums
from radrelease.errors import ConfigError
from radrelease.records.publication import MANIFEST, SUMS, UNFINISHED, FaultKind
from radrelease.verifying import verify

pytestmark = pytest.mark.xdist_group("release")


@pytest.fixture
def received(place, tmp_path):
    shutil.copytree(place.release, tmp_path / "release")
    return tmp_path / "release"


def faults(folder: Path, **options) -> list[tuple[str, FaultKind]]:
    return [(fault.path, fault.kind) for fault in verify(folder, **options).faults]


def answers(folder: Path, **options) -> tuple[bool, bool, bool]:
    verdict = verify(folder, **options)
    return verdict.complete, verdict.unchanged, verdict.loadable


def resealed(folder: Path) -> Path:
    """The folder with checksums that fit: what loads badly though nothing has changed."""
    write_checksums(folder)
    return folder


@pytest.mark.parametrize(("part", "layouts"), [("", 2), ("native", 1), ("rexgradient", 1)])
@pytest.mark.parametrize("full", [False, True])
def test_what_was_released_is_complete_unchanged_and_loadable(place, part, layouts, full):
    verdict = verify(place.release / part, full=full)
    assert verdict.faults == ()
    assert (verdict.complete, verdict.unchanged, verdict.loadable) == (True, True, True)
    assert (verdict.name, verdict.version, len(verdict.layouts)) == ("test release", "1.0.0", layouts)
    images = place.built.description.images
    assert verdict.pictures == images * layouts if full else 0 < verdict.pictures < images * layouts


def test_what_tools_leave_beside_a_download_is_no_fault(received):
    folder = received / "native"
    (folder / ".gitattributes").write_text("*.parquet filter=lfs\n")
    (folder / ".cache/huggingface/download").mkdir(parents=True)
    (folder / ".cache/huggingface/download/README.md.metadata").write_text("x")
    assert faults(folder) == []


def test_a_download_that_is_links_to_a_cache_is_read_through_them(received, tmp_path):
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    for number, path in enumerate(sorted(p for p in (received / "native").rglob("*") if p.is_file())):
        link = snapshot / path.relative_to(received / "native")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(shutil.move(path, blobs / str(number)))
    assert faults(snapshot) == []


@pytest.mark.parametrize(
    "name",
    [
        "native/README.md", "native/data/train-00000.parquet", "native/studies/test.parquet",
        "rexgradient/deid_png.part01", "rexgradient/metadata/train_metadata.json", "report.html",
        "rexgradient/metadata/valid_metadata.csv", "rexgradient/deid_png.part03",
    ],
)  # fmt: skip
def test_a_file_that_is_cut_short_changed_or_gone_is_named(received, name):
    path = received / name
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert (name, FaultKind.TRUNCATED) in faults(received)
    path.write_bytes(b"")
    assert (name, FaultKind.TRUNCATED) in faults(received)
    path.write_bytes(data[:1] + b"~" + data[2:])
    found = faults(received)
    assert (name, FaultKind.CHANGED) in found
    assert (name, FaultKind.MISSING) not in found
    path.unlink()
    assert (name, FaultKind.MISSING) in faults(received)
    assert not verify(received).complete


def test_a_file_that_does_not_belong_is_named(received):
    (received / "native/data/train-99999.parquet").write_bytes(b"x")
    found = faults(received / "native")
    assert ("data/train-99999.parquet", FaultKind.EXTRA) in found
    assert ("data/train-99999.parquet", FaultKind.UNREADABLE) in found


def test_an_upload_that_was_not_finished_is_not_complete(received):
    (received / "native" / UNFINISHED).write_text("x")
    (received / "native" / MANIFEST).unlink()
    found = faults(received / "native")
    assert (UNFINISHED, FaultKind.EXTRA) in found
    assert (MANIFEST, FaultKind.MISSING) in found
    assert (MANIFEST, FaultKind.UNREADABLE) in found


def test_without_its_checksums_nothing_can_be_said_to_be_unchanged(received):
    (received / "native" / SUMS).unlink()
    assert faults(received / "native") == [(SUMS, FaultKind.MISSING)]
    (received / "native" / SUMS).write_text("no list\n")
    assert faults(received / "native") == [(SUMS, FaultKind.CHANGED)]


def test_a_row_less_is_found_though_the_checksums_fit(received):
    path = received / "native/data/train-00000.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    images = received / "native/images/train.parquet"
    pq.write_table(pq.read_table(images).slice(1), images)
    found = verify(resealed(received) / "native")
    assert (found.complete, found.unchanged, found.loadable) == (True, True, False)
    assert [fault.path for fault in found.faults] == ["data", "studies and images"]
    assert "manifest.json says" in found.faults[0].detail


def test_a_picture_that_does_not_decode_or_is_another_is_found(received):
    path = received / "native/data/test-00000.parquet"
    table = pq.read_table(path)
    rows = table["images"].to_pylist()
    rows[0][0]["bytes"] = rows[0][0]["bytes"][:-40]
    rows[-1][0]["bytes"] = rows[0][-1]["bytes"] if len(rows[0]) > 1 else rows[1][0]["bytes"]
    kind = table.schema.field("images").type
    import pyarrow as pa

    changed = table.set_column(table.schema.get_field_index("images"), "images", pa.array(rows, kind))
    pq.write_table(changed, path)
    resealed(received)
    sampled = [fault.detail for fault in verify(received / "native").faults]
    assert len(sampled) == 1
    assert sampled[0].startswith("picture ")
    every = [fault.detail for fault in verify(received / "native", full=True).faults]
    assert len(every) == 2
    assert every[-1].endswith("has other pixels") or every[0].endswith("has other pixels")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"PatientWeight": ', '"PatientWeight": NaN, "was": '),
        ('"PatientID": ', '"PatientID": "x", "PatientID": '),
    ],
)
def test_json_that_strict_readers_refuse_is_found(received, old, new):
    path = received / "rexgradient/metadata/test_metadata.json"
    path.write_text(path.read_text().replace(old, new, 1))
    json.loads(path.read_text())  # Python's own reader takes it
    assert ("metadata/test_metadata.json", FaultKind.UNREADABLE) in faults(resealed(received) / "rexgradient")


def test_an_index_that_does_not_fit_the_parts_is_found(received):
    path = received / "rexgradient/deid_png_index.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert ("deid_png.part00", FaultKind.UNREADABLE) in faults(resealed(received) / "rexgradient")
    path.write_text("".join(lines[:-1]))
    found = dict(faults(resealed(received) / "rexgradient"))
    assert "deid_png_index.csv" in found
    assert "deid_png.part03" in found
    (received / "rexgradient/deid_png.part03").unlink()
    path.write_text("".join(lines))
    assert ("deid_png.part03", FaultKind.UNREADABLE) in faults(resealed(received) / "rexgradient")


def test_a_frame_in_the_middle_of_a_part_is_read_if_all_are_asked_for(received):
    index = (received / "rexgradient/deid_png_index.csv").read_text().splitlines()[1:]
    rows = [line.split(",") for line in index if line.split(",")[1] == "0"]
    _, _, offset, length = rows[len(rows) // 2]
    path = received / "rexgradient/deid_png.part00"
    data = bytearray(path.read_bytes())
    data[int(offset) + int(length) // 2] ^= 1
    path.write_bytes(data)
    resealed(received)
    assert faults(received / "rexgradient") == []
    assert faults(received / "rexgradient", full=True) == [("deid_png.part00", FaultKind.UNREADABLE)]


def test_a_manifest_of_something_else_is_told(received):
    (received / "native" / MANIFEST).write_text("{}\n")
    assert (f"native/{MANIFEST}", FaultKind.UNREADABLE) in faults(received)
    (received / MANIFEST).write_text("[]\n")
    assert (MANIFEST, FaultKind.UNREADABLE) in faults(received)


def test_a_folder_of_something_else_is_an_error_of_the_call(tmp_path):
    with pytest.raises(ConfigError, match="is not a release"):
        verify(tmp_path)
