"""What a publication does: the files here and those there, to a list of operations.

The list is what ``--plan`` shows and what is carried out. Its order keeps half a publication from looking
like one: first a mark is set and the manifest of what was there is taken away, and the manifest comes last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from radrelease.records.publication import (
    MANIFEST,
    SUMS,
    SUMS_OF_PHYSIONET,
    UNFINISHED,
    Act,
    LocalFile,
    Operation,
    Remote,
    RemoteFile,
)

__all__ = [
    "as_physionet",
    "batches",
    "belongs_to_another",
    "same_files",
    "steps_of_files",
    "steps_of_repository",
]

_OF_THE_HUB = frozenset({".gitattributes"})
"""What the hub itself keeps in every repository."""

_MOST_FILES, _MOST_BYTES = 100, 2_000_000_000


def steps_of_files(local: Sequence[LocalFile], remote: Remote) -> tuple[Operation, ...]:
    """The steps that make the files there those here; none but KEEP where they are."""
    there = {file.path: file for file in remote.files if file.path not in _OF_THE_HUB}
    kept = [file for file in local if _is_there(file, there)]
    keeping = [Operation(act=Act.KEEP, subject=file.path, size=file.size) for file in kept]
    stale = there.keys() - {file.path for file in local} - {UNFINISHED}
    if len(kept) == len(local) and not stale and UNFINISHED not in there:
        return tuple(keeping)
    stale |= there.keys() & {MANIFEST}
    missing = [file for file in local if not _is_there(file, there) and file.path != MANIFEST]
    (manifest,) = (file for file in local if file.path == MANIFEST)
    return (
        *(() if UNFINISHED in there else (Operation(act=Act.MARK, subject=UNFINISHED),)),
        *(Operation(act=Act.REMOVE, subject=path, size=there[path].size) for path in sorted(stale)),
        *(operation for operation in keeping if operation.subject != MANIFEST),
        *(
            Operation(act=Act.UPLOAD, subject=file.path, size=file.size, files=(file,))
            for file in sorted(missing, key=_sums_last)
        ),
        Operation(act=Act.FINISH, subject=MANIFEST, size=manifest.size, files=(manifest,)),
    )


def steps_of_repository(
    local: Sequence[LocalFile],
    remote: Remote,
    *,
    name: str,
    version: str,
    gated: bool,
    visible: bool,
    read_back: bool = True,
) -> tuple[Operation, ...]:
    """The steps of a publication on the hub; the version must not be tagged with other content.

    What is tagged is finished, and a newer version may have followed it: then no file is touched.
    """
    gates = gated and not remote.gated
    before = [] if remote.exists else [Operation(act=Act.CREATE, subject=name)]
    before += [Operation(act=Act.GATE, subject=name)] if gates else []
    after = [Operation(act=Act.SHOW, subject=name)] if visible and not remote.public else []
    if remote.tagged is not None:
        kept = (Operation(act=Act.KEEP, subject=file.path, size=file.size) for file in local)
        return (*before, *kept, *after)
    steps = steps_of_files(local, remote)
    tag = Operation(act=Act.TAG, subject=version, files=tuple(local))
    return (*before, *(_reading_back(steps, local, name) if read_back else steps), tag, *after)


def _reading_back(
    steps: tuple[Operation, ...], local: Sequence[LocalFile], name: str
) -> tuple[Operation, ...]:
    """The steps with one that reads all files back before the manifest makes a release of them."""
    if not steps or steps[-1].act is not Act.FINISH:
        return steps
    files = tuple(file for file in local if file.path != MANIFEST)
    read = Operation(act=Act.READ_BACK, subject=name, size=sum(file.size for file in files), files=files)
    return (*steps[:-1], read, steps[-1])


def same_files(local: Iterable[LocalFile], remote: Iterable[RemoteFile]) -> bool:
    """Whether there is exactly what is here."""
    there = {file.path: file.sha256 for file in remote if file.path not in _OF_THE_HUB}
    return there == {file.path: file.sha256 for file in local}


def belongs_to_another(remote: Remote) -> bool:
    """Whether a destination holds something that no publication has put there."""
    paths = {file.path for file in remote.files} - _OF_THE_HUB
    return bool(paths) and not remote.layout and UNFINISHED not in paths


def batches(operations: Iterable[Operation]) -> Iterator[tuple[Act, tuple[Operation, ...]]]:
    """Neighbours of one act together, uploads up to a size that is worth a commit; KEEP is left out."""
    batch: list[Operation] = []
    for operation in operations:
        if operation.act is Act.KEEP:
            continue
        if batch and (operation.act is not batch[0].act or not _fits(batch, operation)):
            yield batch[0].act, tuple(batch)
            batch = []
        batch.append(operation)
    if batch:
        yield batch[0].act, tuple(batch)


def as_physionet(files: Sequence[LocalFile], layout: str) -> list[LocalFile]:
    """The files under the names that PhysioNet gives them, with a list of the records.

    A record is a file with data of patients: RECORDS has one a line. ``LICENSE`` and ``SHA256SUMS`` get the
    ending ``.txt``, the latter is over what is in this folder.
    """
    renamed = [
        LocalFile(
            path="LICENSE.txt" if file.path == "LICENSE" else file.path,
            size=file.size,
            sha256=file.sha256,
            source=file.source,
        )
        for file in files
        if file.path != SUMS
    ]
    records = [file.path for file in files if _is_record(file.path, layout)]
    renamed.append(_written("RECORDS", "".join(f"{path}\n" for path in sorted(records))))
    sums = {file.path: file.sha256 for file in renamed}
    text = "".join(f"{sums[path]}  {path}\n" for path in sorted(sums))
    return sorted([*renamed, _written(SUMS_OF_PHYSIONET, text)], key=lambda file: file.path)


def _is_record(path: str, layout: str) -> bool:
    starts = {"native": "data/", "dicom": "files/", "rexgradient": "deid_png.part"}
    return path.startswith(starts[layout])


def _written(path: str, text: str) -> LocalFile:
    data = text.encode()
    return LocalFile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest(), source=data)


def _is_there(file: LocalFile, there: Mapping[str, RemoteFile]) -> bool:
    found = there.get(file.path)
    return found is not None and found.sha256 == file.sha256


def _sums_last(file: LocalFile) -> tuple[bool, str]:
    return file.path in {SUMS, SUMS_OF_PHYSIONET}, file.path


def _fits(batch: Sequence[Operation], operation: Operation) -> bool:
    """Whether one more of the same act goes with the batch."""
    size = sum(item.size for item in batch) + operation.size
    return operation.act is Act.REMOVE or (len(batch) < _MOST_FILES and size <= _MOST_BYTES)
