"""CPU milliseconds from a file to its stored pixels, for each transfer syntax.

One made picture of 3056 x 2544 pixels, 12 bits, with noise. Every file's pixels are compared with the
picture before it is timed. ``decode`` is what the package does; ``+ max`` adds one pass over the pixels,
which an uncompressed file is read in; ``pydicom`` is ``dcmread(path).pixel_array`` with what is installed.

    OMP_NUM_THREADS=1 python benchmarks/bench_decoding.py
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

from radrelease.adapters.dicom_encoding import encode_pixels
from radrelease.adapters.dicom_pixels import decode
from radrelease.testing.phantom import frontal

ROWS, COLUMNS, BITS = 3056, 2544, 12
FAMILY = "1.2.840.10008.1.2.4."
SYNTAXES = {
    "uncompressed": "1.2.840.10008.1.2.1",
    "big endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG baseline": FAMILY + "50",
    "JPEG extended": FAMILY + "51",
    "JPEG lossless": FAMILY + "70",
    "JPEG-LS": FAMILY + "80",
    "JPEG 2000": FAMILY + "90",
    "HTJ2K": FAMILY + "201",
}


def picture() -> np.ndarray:
    rng = np.random.default_rng(12)
    clean = frontal(rng, ROWS, COLUMNS) * 3500 + 250
    return np.clip(clean + rng.normal(0, 12, clean.shape), 0, 4095).astype(np.uint16)


def encoded(name: str, pixels: np.ndarray) -> bytes:
    lossless = {"lossless": True, "predictor": 1, "bitspersample": BITS}
    encoders: dict[str, Callable[[], bytes]] = {
        "RLE": lambda: encode_pixels(pixels, "rle", BITS).data[16:-8],
        "JPEG baseline": lambda: imagecodecs.jpeg8_encode(pixels, 95),
        "JPEG extended": lambda: imagecodecs.jpeg8_encode(pixels, 95, bitspersample=BITS),
        "JPEG lossless": lambda: imagecodecs.jpeg8_encode(pixels, **lossless),
        "JPEG-LS": lambda: imagecodecs.jpegls_encode(pixels),
        "JPEG 2000": lambda: imagecodecs.jpeg2k_encode(
            pixels, level=0, reversible=True, codecformat="j2k", bitspersample=BITS
        ),
        "HTJ2K": lambda: imagecodecs.htj2k_encode(pixels, reversible=True),
    }
    return bytes(encoders[name]())


def write(folder: Path, name: str, pixels: np.ndarray) -> Path:
    if name == "JPEG baseline":
        pixels = (pixels >> 4).astype(np.uint8)
    width = 8 * pixels.dtype.itemsize
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit = width, min(BITS, width), min(BITS, width) - 1
    made.PixelRepresentation = 0
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = SYNTAXES[name]
    if name in {"uncompressed", "big endian", "deflated"}:
        made.PixelData = (pixels.astype(">u2") if name == "big endian" else pixels).tobytes()
    else:
        made.PixelData = encapsulate([encoded(name, pixels)])
    made["PixelData"].VR = "OW" if width == 16 else "OB"
    path = folder / f"{name}.dcm"
    pydicom.dcmwrite(path, made, enforce_file_format=True)
    return path


def cpu_ms(call: Callable[[], object], times: int) -> float:
    """User and system time of this process, the median of ``times`` calls."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        result = call()
        spent.append(1000 * (time.process_time() - before))
        del result
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--pydicom", action="store_true", help="time pydicom too")
    options = parser.parse_args()
    pixels = picture()
    print(f"| syntax | MB | decode | + max |{' pydicom |' if options.pydicom else ''}")
    print(f"|---|---|---|---|{'---|' if options.pydicom else ''}")
    with tempfile.TemporaryDirectory() as folder:
        for name in SYNTAXES:
            path = write(Path(folder), name, pixels)
            decoded = decode(path).pixels  # type: ignore[union-attr]
            if name not in {"JPEG baseline", "JPEG extended"} and not np.array_equal(decoded, pixels):
                raise SystemExit(f"{name}: other pixels")
            line = [
                name,
                f"{path.stat().st_size / 1e6:.1f}",
                f"{cpu_ms(lambda path=path: decode(path), options.times):.1f}",  # type: ignore[misc]
                f"{cpu_ms(lambda path=path: decode(path).pixels.max(), options.times):.1f}",  # type: ignore[misc]
            ]
            if options.pydicom:
                line.append(f"{cpu_ms(lambda path=path: pydicom.dcmread(path).pixel_array, 8):.1f}")  # type: ignore[misc]
            print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
