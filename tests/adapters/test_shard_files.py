"""A committed shard is used again only where each of its files has the bytes that it was made with."""

from __future__ import annotations

import os

import pytest

from radrelease.adapters.shard_files import hand_out, is_untouched, take_over_files, write_sums

CONTENT = b"rows" * 1000


@pytest.fixture
def shard(tmp_path):
    folder = tmp_path / "shard"
    folder.mkdir()
    for name in ("native.parquet", "archive"):
        (folder / name).write_bytes(CONTENT + name.encode())
    write_sums(folder)
    return folder


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def flip(path):
    """Change a byte so that neither size nor time tells."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_shard_as_it_was_made_is_taken_over_without_a_copy_and_can_be_again(shard, target, tmp_path):
    assert take_over_files(shard, target)
    assert names(target) == ["SHA256SUMS", "archive", "native.parquet"]
    assert (target / "archive").samefile(shard / "archive")
    assert is_untouched(target)
    third = tmp_path / "third"
    third.mkdir()
    assert take_over_files(target, third)


def test_where_there_can_be_no_links_it_is_copied(shard, target, monkeypatch):
    def refused(*_):
        raise OSError

    monkeypatch.setattr(os, "link", refused)
    assert take_over_files(shard, target)
    assert not (target / "archive").samefile(shard / "archive")
    assert (target / "archive").read_bytes() == (shard / "archive").read_bytes()
    assert is_untouched(target)


@pytest.mark.parametrize("name", ["native.parquet", "archive"])
def test_a_changed_byte_is_noticed(shard, target, name):
    flip(shard / name)
    assert is_untouched(shard), "by the times it cannot be told"
    assert not take_over_files(shard, target)
    assert names(target) == []


def test_a_file_too_many_or_too_few_and_a_list_that_is_none_are_noticed(shard, target):
    (shard / "more").write_bytes(b"")
    assert not take_over_files(shard, target)
    (shard / "more").unlink()
    (shard / "archive").rename(shard.parent / "archive")
    assert not take_over_files(shard, target)
    (shard.parent / "archive").rename(shard / "archive")
    assert take_over_files(shard, target)
    for list_of_nothing in (b"", b"\xff\xfe", b"no checksum\n"):
        (shard / "SHA256SUMS").write_bytes(list_of_nothing)
        assert not take_over_files(shard, target)


def test_of_a_shard_without_a_list_no_digest_is_known(shard, target):
    digest = hand_out(shard, "archive", target / "part")
    assert digest is not None
    assert digest in (shard / "SHA256SUMS").read_text()
    assert (target / "part").samefile(shard / "archive")
    (shard / "SHA256SUMS").unlink()
    assert hand_out(shard, "archive", target / "again") is None
    assert (target / "again").read_bytes() == (shard / "archive").read_bytes()
    assert is_untouched(shard), "of a software that noted none"


def test_a_shard_that_was_written_to_or_is_not_there_is_not_untouched(shard):
    assert is_untouched(shard)
    assert not is_untouched(shard.parent / "none")
    noted_at = (shard / "SHA256SUMS").stat().st_mtime_ns
    os.utime(shard / "archive", ns=(noted_at, noted_at + 1))
    assert not is_untouched(shard)
