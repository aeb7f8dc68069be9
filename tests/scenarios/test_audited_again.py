"""What an audit has passed is not looked into again; everything that it says, and every change of it, is."""

from __future__ import annotations

import shutil
from dataclasses import astuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from release_reading import read_whole

from radrelease import auditing
from radrelease.adapters import release_archive, release_files, release_pictures
from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.release_pictures import SeenPictures
from radrelease.auditing import audit_folders
from radrelease.progress import Silent
from radrelease.records.exhibits import Exhibit

pytestmark = pytest.mark.xdist_group("release")


@pytest.fixture
def passed(place, tmp_path):
    """A folder with what an audit of the release has left."""
    seen = SeenPictures(tmp_path)
    assert audit_folders(place.release, place.folder / "private_test", place.config, Silent(), seen) == []
    seen.keep()
    return tmp_path


@pytest.fixture
def looked_into(monkeypatch):
    """The places of the pictures that are looked into from here on, in tables and the archive."""
    places = []

    def note(data, name, place, *, depth, check=release_pictures.check_form):
        if name != "report.html":
            places.append((name, place))
        return check(data, name, place, depth=depth)

    def in_this_process(function, tasks, **_):
        return ((task, function(task)) for task in tasks)

    for module in (release_files, release_archive):
        monkeypatch.setattr(module, "check_form", note)
    monkeypatch.setattr(auditing, "run_bisecting", in_this_process)
    return places


def audited(place, release, passed):
    """The checks of the findings, of an audit that leaves what it found where there are none."""
    seen = SeenPictures(passed)
    found = audit_folders(release, place.folder / "private_test", place.config, Silent(), seen)
    if not found:
        seen.keep()
    return {finding.check for finding in found}


def exhibits(folder, seen):
    return sorted(astuple(item) for item in read_whole(folder, seen) if isinstance(item, Exhibit))


def rewritten(path, change):
    """The table with its columns of pictures and digests changed."""
    table = pq.read_table(path)
    for name in {"images", "PixelSha256"}.intersection(table.schema.names):
        values = table[name].to_pylist()
        change(name, values)
        column = table.schema.get_field_index(name)
        field = table.schema.field(column)
        table = table.set_column(column, field, pa.array(values, field.type))
    pq.write_table(table, path)


def test_nothing_is_looked_into_again_and_every_text_is_read_again(place, passed, looked_into):
    again = exhibits(place.release, SeenPictures(passed))
    assert looked_into == []
    assert again == exhibits(place.release, SeenPictures())
    assert len(looked_into) > 2 * len(list(place.release.glob("native/data/*")))
    looked_into.clear()
    for _ in range(2):  # the second is told by the first what it was told itself
        assert audited(place, place.release, passed) == set()
    assert looked_into == []


def test_of_a_changed_table_every_picture_is_looked_into_and_of_no_other(
    place, passed, tmp_path, looked_into
):
    copy = shutil.copytree(place.release, tmp_path / "release")
    changed = sorted((copy / "native/data").glob("*.parquet"))[0]

    def spoil(name, values):
        if name == "images":
            values[0][0]["bytes"] += b"Jane Roe"

    rewritten(changed, spoil)
    write_checksums(copy)
    assert "chunk in a picture" in audited(place, copy, passed)
    assert {name for name, _ in looked_into} == {f"native/data/{changed.name}"}


def test_a_table_that_says_something_else_of_a_part_that_passed_is_found(place, passed, tmp_path):
    copy = shutil.copytree(place.release, tmp_path / "release")

    def spoil(name, values):
        values[0] = "0" * 64

    rewritten(sorted((copy / "native/images").glob("*.parquet"))[0], spoil)
    write_checksums(copy)
    assert "pixels are not those of the table" in audited(place, copy, passed)


def test_a_changed_part_is_looked_into_alone(place, passed, tmp_path, looked_into):
    copy = shutil.copytree(place.release, tmp_path / "release")
    parts = sorted((copy / "rexgradient").glob("deid_png.part*"))
    with parts[1].open("ab") as file:
        file.write(bytes.fromhex("502a4d1804000000") + b"Roe!")  # a frame that decoders skip
    write_checksums(copy)
    assert audited(place, copy, passed) == set()
    numbers = [int(where.split()[1]) for name, where in looked_into if name == "rexgradient/deid_png"]
    assert numbers
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[0] > 1
