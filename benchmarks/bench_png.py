"""PNG encoders beside ours: CPU milliseconds, bytes beside Pillow's, and if bytes depend on the processor.

    OMP_NUM_THREADS=1 python benchmarks/bench_png.py --real FOLDER

Made pictures, and those of the DICOM files in ``FOLDER``, drawn as a release draws them. What an encoder
writes is first read back and compared with the picture; then encoders take turns. All but Pillow, OpenCV and
libspng compress the rows that our filters make. Packages that are not installed are left out.

    qemu-x86_64 -cpu Nehalem python benchmarks/bench_png.py --digests PICTURES.npz

prints a digest of what each encoder writes instead: where it is equal, two processors, or two versions of a
package, write the same bytes. The pictures are kept in the file, since made elsewhere they may differ.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import platform
import statistics
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import imagecodecs
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from pixel_inputs import RADIOGRAPHS, stored_pixels
from zlib_ng import zlib_ng

from radrelease.adapters import png
from radrelease.adapters.dicom_pixels import decode
from radrelease.config.pictures import Images
from radrelease.records.pixels import PixelProblem
from radrelease.stages.pictures import png_filters
from radrelease.stages.pictures.pixels import render
from radrelease.testing.phantom import frontal
from radrelease.testing.reference_picture import reference_picture

Picture = NDArray[np.uint16]
Encoder = Callable[[Picture], bytes]
REAL = "real"


def made_pictures() -> dict[str, Picture]:
    """Chests with 12 bits of noise, then shut more and more; of 8 bits; of odd sides; noise alone."""
    stored = [stored_pixels(image) for image in RADIOGRAPHS[:3]]
    full_size = reference_picture(stored[2], 1)
    chest = reference_picture(stored[0], 0.25)
    rng = np.random.default_rng(13)
    return {
        "chest": chest,
        "phantom": (frontal(rng, 764, 636) * 65535).astype(np.uint16),
        "shut": _shut(chest, 8),
        "nearly shut": _shut(chest, 3),
        "8 bits": reference_picture(stored[0] >> 4, 0.25),
        "odd sides": reference_picture(stored[1], 0.25, inverted=True)[:489, :461].copy(),
        "noise": rng.integers(0, 65536, (764, 636)).astype(np.uint16),
        "8 bits, scale 1": np.asarray((chest >> 8) * 257, np.uint16),
        "14 bits, scale 1": full_size[:1200, :1200].copy(),
    }


def _shut(picture: Picture, part: int) -> Picture:
    """With black shutters over one ``part`` of each side, at both ends."""
    seen = np.zeros_like(picture)
    middle = tuple(slice(side // part, -(side // part)) for side in picture.shape)
    seen[middle] = picture[middle]
    return seen


def real_pictures(folder: Path) -> dict[str, Picture]:
    """The pictures of DICOM files at a quarter of each side, each once."""
    found: dict[bytes, Picture] = {}
    for path in sorted(folder.glob("*.dcm")):
        decoded = decode(path)
        drawn = decoded if isinstance(decoded, PixelProblem) else render(decoded, Images())
        if not isinstance(drawn, PixelProblem):
            found[drawn.pixels.tobytes()] = drawn.pixels
    return {f"{REAL} {number}": picture for number, picture in enumerate(found.values(), 1)}


def by_pillow(picture: Picture) -> bytes:
    """As ``Image.save`` does by default."""
    data = io.BytesIO()
    PIL.Image.fromarray(picture).save(data, "PNG")
    return data.getvalue()


def by_rows(deflate: Callable[[bytes], bytes], picture: Picture) -> bytes:
    """Our filters and another deflate."""
    header = struct.pack(">IIBBBBB", *picture.shape[::-1], 16, 0, 0, 0, 0)
    data = deflate(png_filters.filtered(picture).tobytes())
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def by_zlib(module: Any, level: int, strategy: int, data: bytes) -> bytes:
    """Zlib or zlib-ng."""
    made = module.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    compressed: bytes = made.compress(data) + made.flush()
    return compressed


def without_library(picture: Picture) -> bytes:
    """Ours where nothing was compiled."""
    with mock.patch.object(png_filters, "library", return_value=None):
        return png.encode_png(picture)


def encoders() -> dict[str, Encoder]:
    """All that are installed, ours and Pillow's first."""
    found: dict[str, Encoder] = {
        "radrelease": png.encode_png,
        "Pillow's default": by_pillow,
        "radrelease, not compiled": without_library,
    }
    zlibs = {f"zlib {zlib.ZLIB_RUNTIME_VERSION}": zlib, f"zlib-ng {zlib_ng.ZLIBNG_VERSION}": zlib_ng}
    for name, module in zlibs.items():
        for level, kind, strategy in ((1, "runs", 3), (1, "Huffman", 2), (1, "", 0), (6, "", 0)):
            title = f"{name}, {kind or f'level {level}'}"
            found[title] = partial(by_rows, partial(by_zlib, module, level, strategy))
    for level in (1, 6):
        deflate = partial(_libdeflate, level)
        found[f"libdeflate, level {level}"] = partial(by_rows, deflate)
    found["libspng, level 1"] = partial(_libspng, 1)
    return found | _of_package("isal.isal_zlib", _isal) | _of_package("cv2", _opencv)


def _libdeflate(level: int, data: bytes) -> bytes:
    return bytes(imagecodecs.deflate_encode(data, level=level))


def _libspng(level: int, picture: Picture) -> bytes:
    return bytes(imagecodecs.spng_encode(picture, level=level))


def _of_package(name: str, made_of: Callable[[Any], dict[str, Encoder]]) -> dict[str, Encoder]:
    try:
        return made_of(importlib.import_module(name))
    except ImportError:
        return {}


def _isal(isal: Any) -> dict[str, Encoder]:
    return {f"ISA-L, level {level}": partial(by_rows, partial(_by_isal, isal, level)) for level in range(4)}


def _by_isal(isal: Any, level: int, data: bytes) -> bytes:
    return bytes(isal.compress(data, level))


def _opencv(cv2: Any) -> dict[str, Encoder]:
    return {"OpenCV's default": lambda picture: bytes(cv2.imencode(".png", picture)[1])}


def check(contenders: Mapping[str, Encoder], pictures: Mapping[str, Picture]) -> dict[str, dict[str, bytes]]:
    """What each writes of each picture, read back and found equal."""
    written = {
        name: {title: encode(picture) for title, picture in pictures.items()}
        for name, encode in contenders.items()
    }
    for name, each in written.items():
        for title, data in each.items():
            if not np.array_equal(png.decode_png(data), pictures[title]):
                raise SystemExit(f"{name} does not keep the picture {title!r}")
    return written


def time_all(contenders: Mapping[str, Encoder], picture: Picture, rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of this process, the encoders taking turns."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, encode in contenders.items():
            began = time.process_time()
            encode(picture)
            spent[name].append(1000 * (time.process_time() - began))
    return {name: statistics.median(each) for name, each in spent.items()}


def print_table(
    milliseconds: Mapping[str, float], written: Mapping[str, Mapping[str, bytes]], chest: Picture
) -> None:
    """Milliseconds and KiB of one picture, and of every picture the bytes as a share of Pillow's."""
    pillow = written["Pillow's default"]
    made = [title for title in pillow if not title.startswith(REAL)]
    rows, columns = chest.shape
    print(f"CPU ms and KiB of `chest` ({rows} x {columns}), and percent of Pillow's bytes:\n")
    real = f"{len(pillow) - len(made)} real ones"
    print(f"| | ms | KiB | {' | '.join(made)} | {real} |\n|{'---|' * (len(made) + 4)}")
    for name, each in written.items():
        shares = {title: 100 * len(data) / len(pillow[title]) for title, data in each.items()}
        reals = [share for title, share in shares.items() if title not in made] or [100.0]
        figures = [f"{milliseconds[name]:.1f}", f"{len(each['chest']) / 1024:.0f}"]
        figures += [f"{shares[title]:.1f}" for title in made] + [f"{min(reals):.1f} to {max(reals):.1f}"]
        print(f"| {name} | {' | '.join(figures)} |")


def kept(path: Path, pictures: Callable[[], dict[str, Picture]]) -> dict[str, Picture]:
    """The pictures in the file, which is made if it is not there."""
    if not path.exists():
        np.savez(path, **pictures())  # type: ignore[arg-type]
    with np.load(path) as file:
        return dict(file)


def print_digests(written: Mapping[str, Mapping[str, bytes]]) -> None:
    """One line per encoder."""
    print(f"{platform.machine()}, {len(written['radrelease'])} pictures")
    for name, each in written.items():
        print(f"{hashlib.sha256(b''.join(each.values())).hexdigest()[:12]}  {name}")


def main() -> None:
    """Check, then measure or print digests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, help="folder of DICOM files")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--digests", type=Path, help="print digests of these pictures, and time nothing")
    options = parser.parse_args()

    def pictures() -> dict[str, Picture]:
        return made_pictures() | (real_pictures(options.real) if options.real else {})

    shown = kept(options.digests, pictures) if options.digests else pictures()
    contenders = encoders()
    written = check(contenders, shown)
    if options.digests:
        print_digests(written)
    else:
        print_table(time_all(contenders, shown["chest"], options.rounds), written, shown["chest"])


if __name__ == "__main__":
    main()
