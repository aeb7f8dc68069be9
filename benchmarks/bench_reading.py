"""Reading one release in every way: at random and in order, undecoded and decoded, in one run.

    python benchmarks/bench_reading.py --studies 400

Made pictures of 764 x 636 pixels with 12 bits of noise, one or two to a study, are written as a folder of
PNG files, as native shards with 1 to 16 studies to a row group, and as the legacy archive. Readers take
turns over the same pictures in the same order. Files are in the page cache. Each picture that is
read is held against what was written. ``datasets`` is timed after it has made its own copy.
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from radrelease import open_release
from radrelease.adapters import native, rexgradient
from radrelease.adapters.arrow_records import to_table
from radrelease.adapters.png import encode_png
from radrelease.records.release import ReleaseImage, ReleaseStudy, Split, View
from radrelease.stages.pictures.gray_levels import preview_of
from radrelease.testing.phantom import frontal

GROUPS = (1, 2, 4, 8, 10, 16)
SHARD = 256
Place = tuple[int, int]  # study and picture
Reader = Callable[[Place], bytes]


def study_of(number: int, pictures: int) -> ReleaseStudy:
    """A study with as much text as a real one."""
    uid = f"1.2.826.0.1.3680043.8.498.{10**37 + number}"
    patient, accession = f"TEST{number:012d}", f"TEST{number + 500_000:012d}"
    return ReleaseStudy(
        id=f"p{patient}_a{accession}_s{uid}", split=Split.TRAIN, patient_id=patient, accession=accession,  # type: ignore[arg-type]
        study_id=uid, sex="F", age="061Y", ethnic_group=None, weight_kg=70.0,  # type: ignore[arg-type]
        study_date=date(2019, 1, 1) + timedelta(days=number), description="XR CHEST 2 VIEWS",
        indication="Cough and fever.", comparison="None.", findings="The lungs are clear. " * 12,
        impression="No acute disease. " * 3, prior_id=None, days_since_prior=None,
        images=tuple(image_of(number, place, uid, patient) for place in range(pictures)),
    )  # fmt: skip


def image_of(number: int, place: int, uid: str, patient: str) -> ReleaseImage:
    """Picture ``place`` of a study."""
    own = f"1.2.826.0.1.3680043.8.498.{2 * 10**37 + 2 * number + place}"
    return ReleaseImage(
        image_id=own, series_id=uid, path=f"../deid_png/{patient}/{uid}/{own}.png", modality="DX",  # type: ignore[arg-type]
        body_part="CHEST", view_position="PA", view=View.FRONTAL_PA, institution="SITE", manufacturer="GE",
        height=764, width=636, source_rows=3056, source_columns=2544, bits_stored=12,
        photometric="MONOCHROME2",
        spacing_mm=0.556, stretch="full", low=0.0, high=4095.0, masked=None, black=0.0, white=0.0,
        contrast=0.9, inverted=False, flags=None, sha256="0" * 64,
    )  # fmt: skip


def made_pictures(count: int) -> list[tuple[bytes, bytes]]:
    """So many PNG files and their previews, no two alike."""
    rng = np.random.default_rng(1)
    base = [(frontal(rng, 764, 636) * 65535).astype(np.uint16) for _ in range(4)]
    made: list[tuple[bytes, bytes]] = []
    for number in range(count):
        pixels: NDArray[np.uint16] = np.roll(base[number % 4], number, axis=1)
        made.append((encode_png(pixels), encode_png(preview_of(pixels, 224))))
    return made


class Written:
    """The same studies in every form, below one folder."""

    def __init__(self, folder: Path, studies: int) -> None:
        self.folder = folder
        self.studies = [study_of(number, 1 + number % 2) for number in range(studies)]
        pool = iter(made_pictures(sum(len(study.images) for study in self.studies)))
        self.pictures = [[next(pool) for _ in study.images] for study in self.studies]
        self.sizes: dict[str, int] = {}
        for group in GROUPS:
            self._write_native(folder / f"native{group}", group)
        self._write_legacy(folder / "rexgradient")
        (folder / "png").mkdir()
        for study, own in zip(self.studies, self.pictures, strict=True):
            for image, (data, _) in zip(study.images, own, strict=True):
                (folder / "png" / f"{image.image_id}.png").write_bytes(data)
        for path in folder.iterdir():
            self.sizes[path.name] = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

    def _write_native(self, folder: Path, group: int) -> None:
        (folder / "data").mkdir(parents=True)
        native._ROW_GROUP = group
        for number, start in enumerate(range(0, len(self.studies), SHARD)):
            with native.open_shard(folder / f"data/train-{number:05d}.parquet", previews=True) as shard:
                for place in range(start, min(start + SHARD, len(self.studies))):
                    data, small = zip(*self.pictures[place], strict=True)
                    shard.write(self.studies[place], data, small)
        native.write_tables(folder, Split.TRAIN, to_table(ReleaseStudy, self.studies).to_batches())

    def _write_legacy(self, folder: Path) -> None:
        folder.mkdir()
        stretch = self.folder / "stretch"
        members, parts = [], 10
        with stretch.open("wb") as file:
            for number, (study, own) in enumerate(zip(self.studies, self.pictures, strict=True)):
                part = number * parts // len(self.studies)
                for image, (data, _) in zip(study.images, own, strict=True):
                    length = file.write(rexgradient.archive_member(image.path, data))
                    members.append(rexgradient.Frame(image.path, part, length, ""))
        rows = rexgradient.write_parts(folder, [(stretch, members)], parts)
        rexgradient.index_rows(folder / "deid_png_index.csv", rows)
        rexgradient.write_metadata(folder / "metadata", Split.TRAIN, self.studies)
        stretch.unlink()

    def places(self) -> Iterator[Place]:
        """Every picture in order."""
        for number, study in enumerate(self.studies):
            yield from ((number, place) for place in range(len(study.images)))


def readers(written: Written) -> dict[str, Reader]:
    """What gives the bytes of a picture's file, by its name."""
    folder = written.folder
    found: dict[str, Reader] = {"folder of PNG files": from_folder(written)}
    for group in GROUPS:
        found[f"pyarrow, groups of {group}"] = from_parquet(folder / f"native{group}", group)
    for name in ("native4", "rexgradient"):
        release = open_release(folder / name)
        found[f"open_release, {name}"] = lambda at, release=release: release[at[0]].images[at[1]].png()  # type: ignore[misc]
    found["datasets, its own copy"] = from_datasets(folder / "native4", folder / "cache")
    return found


def from_folder(written: Written) -> Reader:
    """Of a file with the name of the picture."""
    png = written.folder / "png"
    return lambda at: (png / f"{written.studies[at[0]].images[at[1]].image_id}.png").read_bytes()


def from_parquet(folder: Path, group: int) -> Reader:
    """Of the row group that has the study; the files stay open."""
    files = [pq.ParquetFile(path, pre_buffer=False) for path in sorted((folder / "data").glob("*"))]
    held: dict[tuple[int, int], list[list[dict[str, bytes]]]] = {}

    def read(at: Place) -> bytes:
        number, row = divmod(at[0], SHARD)
        wanted = (number, row // group)
        if wanted not in held:
            held.clear()
            columns = ["images.list.element.bytes"]
            held[wanted] = files[number].read_row_group(row // group, columns)["images"].to_pylist()
        return held[wanted][row % group][at[1]]["bytes"]

    return read


def from_datasets(folder: Path, cache: Path) -> Reader:
    """Of the hub's library, which does not decode here."""
    datasets.disable_progress_bars()
    files = str(folder / "data/*.parquet")
    studies = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(cache))
    undecoded = studies.cast_column("images", [datasets.Image(decode=False)]).select_columns(["images"])
    return lambda at: undecoded[at[0]]["images"][at[1]]["bytes"]


def timed(read: Reader, places: Sequence[Place], *, decoded: bool) -> float:
    """Milliseconds a picture."""
    began = time.perf_counter()
    for at in places:
        data = read(at)
        if decoded:
            np.asarray(Image.open(io.BytesIO(data)), np.uint16)
    return (time.perf_counter() - began) * 1000 / len(places)


def main() -> None:
    """Write, read, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        written = Written(Path(name), asked.studies)
        ways = readers(written)
        order = list(written.places())
        mixed = random.Random(2).sample(order, min(len(order), 200))  # noqa: S311
        for at in mixed:
            expected = written.pictures[at[0]][at[1]][0]
            assert all(read(at) == expected for read in ways.values())  # noqa: S101
        kinds = {"random": mixed, "in order": order[:200]}
        times: dict[tuple[str, str, bool], list[float]] = {}
        for _ in range(asked.rounds):
            for way, read in ways.items():
                for kind, places in kinds.items():
                    for decoded in (False, True):
                        times.setdefault((way, kind, decoded), []).append(
                            timed(read, places, decoded=decoded)
                        )
        print(f"{len(order)} pictures of {len(order[0])}; median of {asked.rounds} rounds, ms a picture\n")
        print("| | random, undecoded | decoded | in order, undecoded | decoded |\n|---|---|---|---|---|")
        for way in ways:
            cells = [statistics.median(times[way, kind, how]) for kind in kinds for how in (False, True)]
            print(f"| {way} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
        print("\n| bytes beside the PNG files | % |\n|---|---|")
        for key, size in sorted(written.sizes.items()):
            print(f"| {key} | {100 * size / written.sizes['png']:.2f} |")
        small = sum(len(small) for own in written.pictures for _, small in own)
        print(f"| of these, previews | {100 * small / written.sizes['png']:.2f} |")


if __name__ == "__main__":
    main()
