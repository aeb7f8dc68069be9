"""Parts of the legacy archive are taken from the release in place where they are what would be joined."""

from __future__ import annotations

import os

import pytest

from radrelease.adapters.checksums import digests_of
from radrelease.adapters.kept_parts import contents_of, keep_parts, take_over_parts
from radrelease.adapters.rexgradient import Frame, archive_member, write_parts

PARTS = 3
FIRST = {"a": 0, "b": 0, "c": 1, "d": 2}
SECOND = {**FIRST, "e": 2}


def join(base, name, pictures, before=None, parts=PARTS):
    """Write an archive with these pictures in these parts: its folder, its index and what was taken over."""
    folder, stretch = base / name, base / f"{name}-stretch"
    folder.mkdir()
    frames = []
    with stretch.open("wb") as file:
        for picture, part in pictures.items():
            path = f"../deid_png/P/{picture}.png"
            length = file.write(archive_member(path, picture.encode() * 2000))
            frames.append(Frame(path, part, length, f"sha of {picture}"))
    contents = contents_of(frames, parts)
    taken = take_over_parts(folder, contents, before or base / "none", base)
    index = list(write_parts(folder, [(stretch, frames)], parts, taken.keys()))
    digests = dict(digests_of(folder, sorted(contents)))
    assert taken.items() <= digests.items()
    keep_parts(digests, contents, base)
    return folder, index, taken.keys()


def told(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def first(tmp_path):
    folder, _, taken = join(tmp_path, "first", FIRST)
    assert not taken
    return folder


@pytest.fixture
def from_nothing(tmp_path):
    (tmp_path / "apart").mkdir()
    folder, index, _ = join(tmp_path / "apart", "second", SECOND)
    return told(folder), index


def test_parts_of_which_nothing_changed_are_not_joined_again(tmp_path, first, from_nothing):
    folder, index, taken = join(tmp_path, "second", SECOND, first)
    assert taken == {"deid_png.part00", "deid_png.part01"}
    assert all((folder / name).samefile(first / name) for name in taken)
    assert (told(folder), index) == from_nothing


def test_a_part_that_was_changed_in_place_is_joined_again(tmp_path, first, from_nothing):
    path = first / "deid_png.part00"
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (first / "deid_png.part01").unlink()
    folder, index, taken = join(tmp_path, "second", SECOND, first)
    assert not taken
    assert path.read_bytes() == data, "the release in place is left alone"
    assert (told(folder), index) == from_nothing


def test_only_the_last_part_has_the_end_of_the_archive(tmp_path, first):
    """So that one which was the last and is it no more is another, whatever it holds."""
    folder, _, taken = join(tmp_path, "second", FIRST, first, parts=4)
    assert taken == {"deid_png.part00", "deid_png.part01"}
    (tmp_path / "apart").mkdir()
    assert told(folder) == told(join(tmp_path / "apart", "second", FIRST, parts=4)[0])
