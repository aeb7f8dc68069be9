"""The list of operations: carried out in any world, and cut off anywhere, it ends in what is here."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.records.publication import (
    MANIFEST,
    SUMS,
    UNFINISHED,
    Act,
    LocalFile,
    Operation,
    Remote,
    RemoteFile,
)
from radrelease.stages.release.publication import (
    as_physionet,
    batches,
    same_files,
    steps_of_files,
    steps_of_repository,
)

World = dict[str, bytes]
NAMES = ["README.md", "LICENSE", SUMS, "data/a", "data/b", "old", ".gitattributes"]
contents = st.dictionaries(st.sampled_from(NAMES[:5]), st.sampled_from([b"1", b"22", b"333"]))
there = st.dictionaries(st.sampled_from([*NAMES, MANIFEST, UNFINISHED]), st.sampled_from([b"1", b"22", b"x"]))


def local(path: str, data: bytes) -> LocalFile:
    return LocalFile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest(), source=data)


def here(world: World) -> list[LocalFile]:
    return [local(path, data) for path, data in sorted((world | {MANIFEST: b"manifest"}).items())]


def seen(world: World, unknown: frozenset[str] = frozenset()) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(
            path=path, size=len(data), sha256=None if path in unknown else hashlib.sha256(data).hexdigest()
        )
        for path, data in sorted(world.items())
    )


def carry_out(operation: Operation, world: World) -> None:
    match operation.act:
        case Act.MARK:
            world[UNFINISHED] = b""
        case Act.REMOVE:
            del world[operation.subject]
        case Act.UPLOAD | Act.FINISH:
            for file in operation.files:
                assert isinstance(file.source, bytes)
                world[file.path] = file.source
    if operation.act is Act.FINISH:
        del world[UNFINISHED]


def looks_finished(world: World) -> bool:
    return MANIFEST in world and UNFINISHED not in world


@given(contents, there, st.integers(0, 30), st.frozensets(st.sampled_from(NAMES)))
def test_cut_off_anywhere_it_never_looks_finished_and_the_next_run_finishes_it(wanted, world, stop, unknown):
    files = here(wanted)
    steps = steps_of_files(files, Remote(files=seen(world, unknown)))
    changing = [step for step in steps if step.act is not Act.KEEP]
    for step in changing[:stop]:
        carry_out(step, world)
        assert not looks_finished(world) or same_files(files, seen(world))
    again = steps_of_files(files, Remote(files=seen(world)))
    for step in again:
        carry_out(step, world)
    assert same_files(files, seen(world))
    assert looks_finished(world)
    assert all(step.act is Act.KEEP for step in steps_of_files(files, Remote(files=seen(world))))


@given(contents, there)
def test_every_file_is_in_the_list_once(wanted, world):
    files = here(wanted)
    steps = steps_of_files(files, Remote(files=seen(world)))
    sent = [step.subject for step in steps if step.act in {Act.KEEP, Act.UPLOAD, Act.FINISH}]
    assert sorted(sent) == [file.path for file in files]
    assert {step.subject for step in steps if step.act is Act.REMOVE} <= world.keys() - {".gitattributes"}


def acts(remote: Remote, *, visible: bool = True, gated: bool = True) -> list[Act]:
    steps = steps_of_repository(
        here({"data/a": b"1"}), remote, name="n", version="1", gated=gated, visible=visible
    )
    return [step.act for step in steps]


def test_a_new_repository_is_gated_before_any_file_and_visible_after_the_tag():
    assert acts(Remote(exists=False)) == [
        Act.CREATE, Act.GATE, Act.MARK, Act.UPLOAD, Act.READ_BACK, Act.FINISH, Act.TAG, Act.SHOW,
    ]  # fmt: skip


def test_what_is_set_already_is_not_set_again():
    whole = seen({"data/a": b"1", MANIFEST: b"manifest"})
    done = Remote(files=whole, gated="auto", public=True, tagged=whole)
    assert acts(done) == [Act.KEEP, Act.KEEP]
    untagged = Remote(files=whole, gated="auto")
    assert acts(untagged, visible=False) == [Act.KEEP, Act.KEEP, Act.TAG]
    assert acts(untagged) == [Act.KEEP, Act.KEEP, Act.TAG, Act.SHOW]
    assert acts(Remote(files=whole, tagged=whole), gated=False, visible=False) == [Act.KEEP, Act.KEEP]


def test_neighbours_go_together_up_to_a_size():
    rows = [
        Operation(act=Act.UPLOAD, subject=str(n), size=600_000_000, files=(local(str(n), b""),))
        for n in range(7)
    ]
    rows.insert(3, Operation(act=Act.KEEP, subject="kept"))
    rows += [Operation(act=Act.REMOVE, subject=str(n)) for n in range(300)]
    rows += [Operation(act=Act.UPLOAD, subject=str(n), size=1) for n in range(250)]
    assert [(act, len(group)) for act, group in batches(rows)] == [
        (Act.UPLOAD, 3), (Act.UPLOAD, 3), (Act.UPLOAD, 1), (Act.REMOVE, 300),
        (Act.UPLOAD, 100), (Act.UPLOAD, 100), (Act.UPLOAD, 50),
    ]  # fmt: skip


def test_a_file_larger_than_a_batch_goes_alone():
    rows = [Operation(act=Act.UPLOAD, subject=str(n), size=9_000_000_000) for n in range(2)]
    assert [len(group) for _, group in batches(rows)] == [1, 1]


@pytest.mark.parametrize(("layout", "record"), [("native", "data/a"), ("dicom", "files/a.dcm")])
def test_for_physionet_the_list_of_checksums_is_over_the_folder_itself(layout, record):
    named = {
        file.path: file for file in as_physionet(here({"LICENSE": b"1", SUMS: b"22", record: b"333"}), layout)
    }
    assert sorted(named) == ["LICENSE.txt", "RECORDS", "SHA256SUMS.txt", record, MANIFEST]
    assert named["RECORDS"].source == f"{record}\n".encode()
    sums = dict(reversed(line.split("  ")) for line in named["SHA256SUMS.txt"].source.decode().splitlines())
    assert sums == {path: file.sha256 for path, file in named.items() if path != "SHA256SUMS.txt"}
