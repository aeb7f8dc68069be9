"""The radiographs of ``bench_pixels.py``; ``python benchmarks/pixel_inputs.py FOLDER`` only writes them.

A phantom under quantum noise (Poisson), a detector's blur and electronic noise, the logarithm that makes
film of dose, shutters and a burnt-in marker: as hard to compress as a radiograph (6.0 bits a pixel as JPEG
Lossless at 12 bits), and with the hard edges at which a cubic kernel overshoots.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from radrelease.adapters.dicom_encoding import encode_pixels
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
    """A transfer syntax: its UID (PS3.6 annex A) and what makes one frame of pixels and BitsStored.

    ``states_16`` says that the encoder writes 16 into the stream whatever the pixels are; BitsStored
    then says 16 too, for the two must agree (PS3.5 section 8.2).
    """

    name: str
    uid: str
    frame: Callable[[Pixels, int], bytes | bytearray] | None = None
    states_16: bool = False


def _jpeg_lossless(pixels: Pixels, bits: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=bits))


def _jpeg_2000(pixels: Pixels, bits: int) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k", bitspersample=bits)
    )


SYNTAXES: Mapping[str, Syntax] = MappingProxyType(
    {
        syntax.name: syntax
        for syntax in (
            Syntax("uncompressed", "1.2.840.10008.1.2.1"),
            Syntax("RLE", "1.2.840.10008.1.2.5"),
            Syntax("deflated", "1.2.840.10008.1.2.1.99"),
            Syntax("JPEG Lossless", "1.2.840.10008.1.2.4.70", _jpeg_lossless),
            Syntax(
                "JPEG-LS", "1.2.840.10008.1.2.4.80", lambda p, _: imagecodecs.jpegls_encode(p), states_16=True
            ),
            Syntax("JPEG 2000", "1.2.840.10008.1.2.4.90", _jpeg_2000),
            Syntax(
                "HTJ2K",
                "1.2.840.10008.1.2.4.201",
                lambda p, _: imagecodecs.htj2k_encode(p, reversible=True),
                states_16=True,
            ),
        )
    }
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


def dicom_file(pixels: Pixels, image: Radiograph, syntax: Syntax) -> Dataset:
    """The file of the pixels, to be saved."""
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    made.SOPInstanceUID, made.SeriesInstanceUID, made.StudyInstanceUID = "1.2.3", "1.2.4", "1.2.5"
    made.PatientID, made.PatientName, made.StudyDate = "1", "Phantom", "20190304"
    made.Modality, made.BodyPartExamined, made.ViewPosition = "DX", "CHEST", "PA"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, image.photometric
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.PixelRepresentation = 16, 0
    made.BitsStored = 16 if syntax.states_16 else image.bits
    made.HighBit = made.BitsStored - 1
    encapsulated = UID(syntax.uid).is_encapsulated
    made.add_new("PixelData", "OB" if encapsulated else "OW", _pixel_data(pixels, image, syntax))
    made["PixelData"].is_undefined_length = encapsulated
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = UID(syntax.uid)
    return made


def _pixel_data(pixels: Pixels, image: Radiograph, syntax: Syntax) -> bytes:
    if syntax.frame is not None:
        return encapsulate([bytes(syntax.frame(pixels, image.bits))])
    if syntax.name == "RLE":
        return encode_pixels(pixels, "rle", image.bits).data[:-8]  # pydicom writes the delimiter
    return pixels.tobytes()


def write_inputs(folder: Path, image: Radiograph, pixels: Pixels) -> Files:
    """The image in every transfer syntax."""
    files: dict[str, Path | str] = {}
    for syntax in SYNTAXES.values():
        path = folder / f"{image.name}-{syntax.name.replace(' ', '-').lower()}.dcm"
        try:
            made = dicom_file(pixels, image, syntax)
        except (ImportError, NotImplementedError) as error:  # imagecodecs built without that codec
            files[syntax.name] = f"not encoded: {error}"
            continue
        made.save_as(path, enforce_file_format=True)
        files[syntax.name] = path
    return files


if __name__ == "__main__":
    for each in (*RADIOGRAPHS, LARGE):
        for name, file in write_inputs(Path(sys.argv[1]), each, stored_pixels(each)).items():
            size = file.stat().st_size if isinstance(file, Path) else 0
            print(f"{each.name:6} {name:14} {8 * size / (each.rows * each.columns):5.2f} bits/px  {file}")
