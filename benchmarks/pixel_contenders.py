"""Our side of ``bench_pixels.py``: ``pixel_contenders.py ours|floor``, or ``memory FILE TIMES``.

``floor`` is what cannot be avoided: the file read into a buffer that is there already, its one frame given to
the fastest codec at hand, the finished picture encoded by our own encoder and written. Nothing is parsed,
resized or stretched.
"""

from __future__ import annotations

import io
import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
from pixel_timing import Prepare, Run, cpu_seconds, serve
from pydicom.encaps import generate_frames

import radrelease
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.png import decode_png, encode_png
from radrelease.config.pictures import Images
from radrelease.records.pixels import DecodedImage, RenderedImage
from radrelease.stages.pictures.pixels import render

Codec = Callable[[Any], object]


def picture(path: Path) -> bytes:
    """All that the product does from a file to the PNG that is written; its use of the product ends here."""
    decoded = decode(path)
    if not isinstance(decoded, DecodedImage):
        raise TypeError(str(decoded))
    drawn = render(decoded, Images())
    if not isinstance(drawn, RenderedImage):
        raise TypeError(str(drawn))
    return encode_png(drawn.pixels)


def ours() -> tuple[str, Prepare]:
    """The product."""

    def prepare(source: Path) -> Run:
        return lambda target: target.write_bytes(picture(source))

    return radrelease.__version__, prepare


def floor() -> tuple[str, Prepare]:
    """Bare read, decode, encode and write."""
    return imagecodecs.__version__, _floor_of


def _floor_of(source: Path) -> Run:
    data = source.read_bytes()
    begin, end, codecs = _frame(data)
    buffer = bytearray(len(data))
    frame = memoryview(buffer)[begin:end]
    pixels = decode_png(picture(source))
    codec = _fastest(codecs, memoryview(data)[begin:end])

    def run(target: Path) -> None:
        with source.open("rb", buffering=0) as file:
            file.readinto(buffer)
        codec(frame)
        target.write_bytes(encode_png(pixels))

    return run


def _frame(data: bytes) -> tuple[int, int, tuple[Codec, ...]]:
    """Where the one frame begins and ends in the file, and what can decode it."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    syntax, size = dataset.file_meta.TransferSyntaxUID, 2 * dataset.Rows * dataset.Columns
    if syntax.is_encapsulated:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        begin = data.index(frame)
        return begin, begin + len(frame), _codecs(str(syntax), size)
    if syntax.is_deflated:
        begin = 144 + int(dataset.file_meta.FileMetaInformationGroupLength)
        return begin, len(data), _codecs(str(syntax), size + 4096)
    begin = data.index(dataset.PixelData)
    return begin, begin + size, _codecs(str(syntax), size)


def _codecs(syntax: str, size: int) -> tuple[Codec, ...]:
    """Of those installed; ``size`` is that of what comes out, in bytes."""
    by_syntax: dict[str, tuple[Codec, ...]] = {
        "1.2.840.10008.1.2.1": (lambda frame: np.frombuffer(frame, "<u2"),),
        "1.2.840.10008.1.2.1.99": (lambda frame: zlib.decompress(frame, -15, size), *_inflaters(size)),
        "1.2.840.10008.1.2.5": (lambda frame: imagecodecs.dicomrle_decode(frame, dtype="<u2"),),
        "1.2.840.10008.1.2.4.70": (imagecodecs.jpeg8_decode, imagecodecs.ljpeg_decode),
        "1.2.840.10008.1.2.4.80": (imagecodecs.jpegls_decode,),
        "1.2.840.10008.1.2.4.90": (imagecodecs.jpeg2k_decode,),
        "1.2.840.10008.1.2.4.201": (imagecodecs.htj2k_decode, imagecodecs.jpeg2k_decode),
    }
    return by_syntax[syntax]


def _inflaters(size: int) -> tuple[Codec, ...]:
    libdeflate: Codec = lambda frame: imagecodecs.deflate_decode(frame, raw=True, out=size)  # noqa: E731
    try:
        from isal import isal_zlib  # noqa: PLC0415 - only if it is there
    except ImportError:
        return (libdeflate,)
    return libdeflate, lambda frame: isal_zlib.decompress(frame, -15, size)


def _fastest(codecs: tuple[Codec, ...], frame: memoryview) -> Codec:
    if len(codecs) == 1:
        return codecs[0]
    took = {}
    for codec in codecs:
        codec(frame)
        began = cpu_seconds()
        codec(frame)
        took[codec] = cpu_seconds() - began
    return min(took, key=lambda codec: took[codec])


def memory(source: Path, times: int) -> None:
    """Print the peak of this process, with all that a worker imports, before and after the pictures."""
    import radrelease.shard  # noqa: F401, PLC0415 - to be in memory

    before = _peak_bytes()
    for _ in range(times):
        picture(source)
    print(json.dumps({"imports": before, "peak": _peak_bytes()}))


def _peak_bytes() -> int:
    """VmHWM; not ru_maxrss, which a new process inherits from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        memory(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        serve({"ours": ours, "floor": floor}[sys.argv[1]])
