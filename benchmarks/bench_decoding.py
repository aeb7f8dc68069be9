"""CPU milliseconds from a file to its stored pixels, for each transfer syntax.

One made picture of 3056 x 2544 pixels, 12 bits, with noise. The pixels of every file are compared with the
picture before it is timed. ``decode`` is what the package does; ``and a pass`` adds the maximum, since
uncompressed pixels are read where they lie and only when they are looked at; ``pydicom`` is
``dcmread(path).pixel_array`` with what is installed.

    OMP_NUM_THREADS=1 python benchmarks/bench_decoding.py --pydicom
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from radrelease.adapters.dicom_pixels import decode
from radrelease.records.pixels import PixelProblem
from radrelease.testing.frames import LOSSLESS, SYNTAX_UIDS, make_image, to_part_10
from radrelease.testing.phantom import frontal

ROWS, COLUMNS, BITS = 3056, 2544, 12


def picture() -> NDArray[np.uint16]:
    """A chest with electronic noise, about as hard to compress as a radiograph."""
    rng = np.random.default_rng(12)
    clean = frontal(rng, ROWS, COLUMNS) * 3500 + 250
    return np.clip(clean + rng.normal(0, 12, clean.shape), 0, 4095).astype(np.uint16)


def pixels_of(path: Path) -> NDArray[np.integer]:
    """What the package makes of the file."""
    decoded = decode(path)
    if isinstance(decoded, PixelProblem):
        raise SystemExit(f"{path.name}: {decoded}")
    return decoded.pixels


def cpu_ms(call: Callable[[], object], times: int) -> float:
    """User and system time of this process, the median of ``times`` calls."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        result = call()
        spent.append(1000 * (time.process_time() - before))
        del result
    return statistics.median(spent)


def by_pydicom(path: Path) -> NDArray[np.integer] | None:
    """The usual way; None where no plugin can."""
    try:
        return pydicom.dcmread(path).pixel_array
    except RuntimeError:
        return None


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--pydicom", action="store_true", help="time pydicom too")
    options = parser.parse_args()
    whole = picture()
    print(f"| syntax | MB | decode | and a pass |{' pydicom |' if options.pydicom else ''}")
    print(f"|---|---|---|---|{'---|' if options.pydicom else ''}")
    with tempfile.TemporaryDirectory() as folder:
        for name in SYNTAX_UIDS:
            shown = (whole >> 4).astype(np.uint8) if name == "jpeg_baseline" else whole
            bits = min(BITS, 8 * shown.dtype.itemsize)
            path = Path(folder) / f"{name}.dcm"
            path.write_bytes(to_part_10(make_image(shown, bits), name, shown))
            if name in LOSSLESS and not np.array_equal(pixels_of(path), shown):
                raise SystemExit(f"{name}: other pixels")
            calls = [partial(pixels_of, path), lambda path=path: pixels_of(path).max()]
            times = [options.times, options.times]
            if options.pydicom:
                calls.append(partial(by_pydicom, path))
                times.append(5)
            spent = [
                "-" if call() is None else f"{cpu_ms(call, count):.1f}"
                for call, count in zip(calls, times, strict=True)
            ]
            print(f"| {name} | {path.stat().st_size / 1e6:.1f} | {' | '.join(spent)} |", flush=True)


if __name__ == "__main__":
    main()
