"""Opens a received layout of ReXGradient-160K: strict JSON, equal counts, and the parts by their index."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import zstandard

from radrelease.adapters.layout_manifest import read_json
from radrelease.adapters.loading_checks import Loaded, attempt, check_picture, guarded, unreadable
from radrelease.records.publication import Fault, LayoutManifest, SplitCount
from radrelease.stages.release.verification import compare_counts

__all__ = ["load_rexgradient"]


def load_rexgradient(
    folder: Path, manifest: LayoutManifest, loaded: Loaded, done: Callable[[], None], *, full: bool
) -> Iterator[Fault]:
    """The tables against each other, and the parts against their index."""
    paths: set[str] = set()
    for kind in ("_metadata.json", "_metadata_view_position.json", "_metadata.csv"):
        counted = {}
        for split, stated in manifest.splits.items():
            name = f"metadata/{split}{kind}"
            found, faults = attempt(name, partial(_read_metadata, folder / name))
            yield from faults
            studies, pictures = found or (0, [])
            images = stated.images if pictures is None else len(pictures)
            counted[split] = SplitCount(studies=studies, images=images)
            paths.update(pictures or ())
            done()
        yield from compare_counts(manifest, f"metadata/*{kind}", counted)
    yield from guarded("deid_png_index.csv", _load_parts(folder, paths, loaded, done, full=full))


def _read_metadata(path: Path) -> tuple[int, list[str] | None]:
    """How many studies a table has, and the paths of its pictures; a CSV names none."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.DictReader(file)), None
    rows = read_json(path.read_bytes())
    return len(rows), [picture for row in rows.values() for picture in row["ImagePath"]]


@dataclass(frozen=True, slots=True)
class _Frame:
    image_path: str
    offset: int
    length: int


def _load_parts(
    folder: Path, pictures: set[str], loaded: Loaded, done: Callable[[], None], *, full: bool
) -> Iterator[Fault]:
    frames: dict[int, list[_Frame]] = {}
    with (folder / "deid_png_index.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            frame = _Frame(row["ImagePath"], int(row["offset"]), int(row["length"]))
            frames.setdefault(int(row["part"]), []).append(frame)
    if {frame.image_path for rows in frames.values() for frame in rows} != pictures:
        yield unreadable("deid_png_index.csv", "lists other pictures")
    paths = sorted(folder.glob("deid_png.part*"))
    for number, path in enumerate(paths):
        rows = frames.pop(number, [])
        yield from guarded(path.name, _load_part(path, rows, loaded, full=full))
        done()
    for number in sorted(frames):
        yield unreadable(f"deid_png.part{number:02d}", "is in the index only")


def _load_part(path: Path, frames: Sequence[_Frame], loaded: Loaded, *, full: bool) -> Iterator[Fault]:
    """The part's frames must lie one after the other and fill it; only the last part has the tar's end."""
    end = 0
    chosen = frames if full else [*frames[:1], *frames[1:][-1:]]
    with path.open("rb") as file:
        for frame in frames:
            if frame.offset != end:
                yield unreadable(path.name, "the index has a gap")
                return
            end += frame.length
        for frame in chosen:
            file.seek(frame.offset)
            yield from _load_frame(file.read(frame.length), frame.image_path, path.name, loaded)
        file.seek(end)
        rest = file.read(1 << 16)
    if rest and zstandard.ZstdDecompressor().decompress(rest) != b"\0" * 1024:
        yield unreadable(path.name, "bytes that no index names")


def _load_frame(data: bytes, image_path: str, name: str, loaded: Loaded) -> Iterator[Fault]:
    member = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    with tarfile.open(fileobj=io.BytesIO(member)) as archive:
        (info,) = archive.getmembers()
        file = archive.extractfile(info)
        if f"../{info.name}" != image_path or file is None:
            yield unreadable(name, f"holds another picture than {image_path}")
            return
        yield from check_picture(file.read(), name, image_path, loaded)
