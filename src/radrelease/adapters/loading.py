"""Opens a received layout as its readers would: tables, pictures, the parts of the archive, DICOM files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq
import zstandard

from radrelease.adapters.dicom_audit import check_dicom_pixels
from radrelease.adapters.dicom_strict import Malformed, read_strictly
from radrelease.adapters.loading_archive import load_rexgradient
from radrelease.adapters.loading_checks import Loaded, attempt, check_picture, guarded, split_of, unreadable
from radrelease.records.publication import Fault, LayoutManifest, SplitCount
from radrelease.stages.release.verification import compare_counts

__all__ = ["load_layout", "looks_cut_short"]

_SAMPLE = 20
"""DICOM files that are decoded where not all are."""

Item = TypeVar("Item")


def load_layout(
    folder: Path, manifest: LayoutManifest, loaded: Loaded, done: Callable[[], None], *, full: bool
) -> Iterator[Fault]:
    """What cannot be loaded; every file is opened, and of the pictures a sample or all (``full``) decoded."""
    if manifest.layout == "rexgradient":
        yield from load_rexgradient(folder, manifest, loaded, done, full=full)
        return
    yield from _load_tables(folder, manifest, done)
    if manifest.layout == "native":
        yield from _load_shards(folder, manifest, loaded, done, full=full)
    else:
        yield from _load_dicom(folder, manifest, loaded, done, full=full)


def looks_cut_short(path: Path) -> bool:
    """Whether the file lacks its end, as far as its form tells; False where it cannot."""
    size = path.stat().st_size
    if size == 0:
        return True
    with path.open("rb") as file:
        file.seek(max(0, size - 12))
        end = file.read()
    if path.suffix == ".parquet":
        return not end.endswith(b"PAR1")
    if ".part" in path.name:
        return _ends_within_a_frame(path)
    if path.suffix == ".dcm":
        return any(True for _ in _dicom_faults(path, path.name))
    return not end.endswith(b"\n")  # every text of a release ends so


def _ends_within_a_frame(path: Path) -> bool:
    reader = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
    with suppress(zstandard.ZstdError), path.open("rb") as file:
        while chunk := file.read(1 << 20):
            reader.decompress(chunk)
        return not reader.eof
    return False


def _load_tables(folder: Path, manifest: LayoutManifest, done: Callable[[], None]) -> Iterator[Fault]:
    """The rows of studies/ and images/, every column read."""
    counted: dict[str, SplitCount] = {}
    for path in sorted((folder / "studies").glob("*.parquet")):
        rows = []
        for kind in ("studies", "images"):
            name = f"{kind}/{path.name}"
            count, faults = attempt(name, partial(_count_rows, folder / name))
            yield from faults
            rows.append(count or 0)
        counted[split_of(path)] = SplitCount(studies=rows[0], images=rows[1])
        done()
    yield from compare_counts(manifest, "studies and images", counted)


def _count_rows(path: Path) -> int:
    with pq.ParquetFile(path) as file:
        return sum(batch.num_rows for batch in file.iter_batches(1024))


def _load_shards(
    folder: Path, manifest: LayoutManifest, loaded: Loaded, done: Callable[[], None], *, full: bool
) -> Iterator[Fault]:
    """The rows of data/, and their pictures."""
    counted: dict[str, list[int]] = {}
    for path in sorted((folder / "data").glob("*.parquet")):
        sums = counted.setdefault(split_of(path), [0, 0])
        name = path.relative_to(folder).as_posix()
        yield from guarded(name, _load_shard(path, name, sums, loaded, full=full))
        done()
    found = {split: SplitCount(studies=sums[0], images=sums[1]) for split, sums in counted.items()}
    yield from compare_counts(manifest, "data", found)


def _load_shard(path: Path, name: str, sums: list[int], loaded: Loaded, *, full: bool) -> Iterator[Fault]:
    with pq.ParquetFile(path) as file:
        sums[0] += file.metadata.num_rows
        for batch in file.iter_batches(64, columns=["PixelSha256"]):
            sums[1] += sum(len(digests) for digests in batch["PixelSha256"].to_pylist())
        groups = range(file.num_row_groups) if full else range(min(1, file.num_row_groups))
        for group in groups:
            table = file.read_row_group(group, columns=["images", "PixelSha256"])
            for row in (table if full else table.slice(0, 1)).to_pylist():
                for picture, digest in zip(row["images"], row["PixelSha256"], strict=True):
                    yield from check_picture(picture["bytes"], name, picture["path"], loaded, digest)


def _load_dicom(
    folder: Path, manifest: LayoutManifest, loaded: Loaded, done: Callable[[], None], *, full: bool
) -> Iterator[Fault]:
    paths = sorted((folder / "files").rglob("*.dcm"))
    if len(paths) != manifest.images:
        yield unreadable("files", f"holds {len(paths)} files; the manifest says {manifest.images}")
    for path in paths if full else _spread(paths, _SAMPLE):
        name = path.relative_to(folder).as_posix()
        faults = list(guarded(name, _dicom_faults(path, name)))
        loaded.pictures += not faults
        yield from faults
        done()


def _dicom_faults(path: Path, name: str) -> Iterator[Fault]:
    try:
        elements = list(read_strictly(path.read_bytes()))
    except Malformed:
        yield unreadable(name, "form of the DICOM file")
        return
    for _ in check_dicom_pixels(elements, name, name):
        yield unreadable(name, "pixels of the DICOM file")


def _spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Up to ``most`` items from all over the sequence."""
    return items[:: max(1, -(-len(items) // most))]
