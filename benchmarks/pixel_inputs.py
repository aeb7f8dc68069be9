"""The radiographs of ``bench_pixels.py``; ``python benchmarks/pixel_inputs.py FOLDER`` only writes them.

A phantom under quantum noise (Poisson), a detector's blur and electronic noise, the logarithm that makes
film of dose, shutters and a burnt-in marker: as hard to compress as a radiograph (6.0 bits a pixel as JPEG
Lossless at 12 bits), and with the hard edges at which a cubic kernel overshoots.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radrelease.testing.frames import make_image, to_part_10
from radrelease.testing.phantom import frontal

Pixels = NDArray[np.uint16]
Files = Mapping[str, Path | str]
"""By transfer syntax; for one that cannot be encoded here, the reason."""

QUANTA = 20_000
"""Of the unattenuated beam, per pixel."""
ATTENUATION = 3.9
"""Of the densest part, in nepers."""
BLUR = 0.16
"""Weight of each neighbour, in both directions: what a detector's MTF does at the pixel's scale."""


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One made image: its size in pixels, BitsStored, PhotometricInterpretation."""

    name: str
    rows: int
    columns: int
    bits: int
    photometric: str = "MONOCHROME2"

    @property
    def title(self) -> str:
        """For tables."""
        return f"{self.columns} x {self.rows}, {self.bits} bits, {self.photometric}"


RADIOGRAPHS = (
    Radiograph("dx12", 3056, 2544, 12),
    Radiograph("cr12", 2992, 2991, 12, "MONOCHROME1"),
    Radiograph("dx14", 3056, 2544, 14),
    Radiograph("cr10", 2510, 2048, 10, "MONOCHROME1"),
)
LARGE = Radiograph("dx43", 4300, 3600, 14)
SMALL = Radiograph("small", 331, 270, 12)


@dataclass(frozen=True, slots=True)
class Syntax:
    """A transfer syntax, as :mod:`radrelease.testing.frames` names it.

    ``states_16`` says that the encoder writes 16 into the stream whatever the pixels are; BitsStored
    then says 16 too, for the two must agree (PS3.5 section 8.2).
    """

    name: str
    frame: str
    states_16: bool = False


SYNTAXES = (
    Syntax("uncompressed", "explicit"),
    Syntax("RLE", "rle"),
    Syntax("deflated", "deflated"),
    Syntax("JPEG Lossless", "jpeg_lossless_sv1"),
    Syntax("JPEG-LS", "jpeg_ls", states_16=True),
    Syntax("JPEG 2000", "jpeg_2000"),
    Syntax("HTJ2K", "htj2k", states_16=True),
)


def stored_pixels(image: Radiograph, seed: int = 5) -> Pixels:
    """The stored values, rows by columns, ``image.bits`` of them used, 0 and the greatest included."""
    rng = np.random.default_rng(seed)
    top = (1 << image.bits) - 1
    dose = QUANTA * np.exp(-ATTENUATION * _attenuation(rng, image))
    seen = _blurred(rng.poisson(dose).astype(np.float32))
    seen += 2 * rng.standard_normal(seen.shape, dtype=np.float32)
    density = (np.log(QUANTA) - np.log(np.maximum(seen, 1))) / 4.2
    pixels = np.floor(np.clip(density, 0, 1) * top + 0.5).astype(np.uint16)
    _shutters_and_marker(pixels, top)
    return np.ascontiguousarray(top - pixels if image.photometric == "MONOCHROME1" else pixels)


def _attenuation(rng: np.random.Generator, image: Radiograph) -> NDArray[np.float32]:
    """The phantom without its own grain, from 0 to 1."""
    drawn = Image.fromarray(frontal(rng, image.rows // 2, image.columns // 2)).reduce(3)
    smooth = drawn.resize((image.columns, image.rows), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(smooth, dtype=np.float32), 0, 1)


def _blurred(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    for _ in range(2):
        inner = (1 - 2 * BLUR) * seen[1:-1] + BLUR * (seen[:-2] + seen[2:])
        seen = np.vstack((seen[:1], inner, seen[-1:])).T
    return np.ascontiguousarray(seen)


def _shutters_and_marker(pixels: Pixels, top: int) -> None:
    rows, columns = pixels.shape
    pixels[: rows // 60] = pixels[-(rows // 45) :] = 0
    pixels[:, : columns // 50] = pixels[:, -(columns // 70) :] = 0
    pixels[rows // 20 : rows // 12, -columns // 12 : -columns // 16] = top


def dicom_file(pixels: Pixels, image: Radiograph, syntax: Syntax) -> bytes:
    """The file of the pixels."""
    bits = 16 if syntax.states_16 else image.bits
    made = make_image(pixels, bits, PhotometricInterpretation=image.photometric)
    return to_part_10(made, syntax.frame, pixels)


def write_inputs(folder: Path, image: Radiograph, pixels: Pixels) -> Files:
    """The image in every transfer syntax."""
    files: dict[str, Path | str] = {}
    for syntax in SYNTAXES:
        path = folder / f"{image.name}-{syntax.name.replace(' ', '-').lower()}.dcm"
        try:
            made = dicom_file(pixels, image, syntax)
        except (ImportError, NotImplementedError) as error:  # imagecodecs built without that codec
            files[syntax.name] = f"not encoded: {error}"
            continue
        path.write_bytes(made)
        files[syntax.name] = path
    return files


if __name__ == "__main__":
    for each in (*RADIOGRAPHS, LARGE):
        for name, file in write_inputs(Path(sys.argv[1]), each, stored_pixels(each)).items():
            size = file.stat().st_size if isinstance(file, Path) else 0
            print(f"{each.name:6} {name:14} {8 * size / (each.rows * each.columns):5.2f} bits/px  {file}")
