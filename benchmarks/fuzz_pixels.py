"""Broken files of every transfer syntax, for as long as you like: no exception, no crash, no hang.

Each batch runs in a process of its own. A batch that ends its process, raises or takes too long is named
by its seed, with which ``--batch`` runs it again. The table counts what became of the files: a problem, the
picture as it was, or another picture (bits that were changed in the entropy-coded data of a stream that
stays decodable cannot be told from a picture; ``[images] second_decoder`` finds some).

    python benchmarks/fuzz_pixels.py --minutes 5
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from radrelease.adapters.dicom_pixels import decode
from radrelease.records.pixels import DecodedImage
from radrelease.testing.frames import SYNTAX_UIDS, make_image, to_part_10

FILES = 200
LONGEST_S = 60


def good_file(rng: random.Random, name: str) -> bytes:
    """A small picture of some shape, depth and sign."""
    bits = 8 if name == "jpeg_baseline" else 12 if name == "jpeg_extended" else rng.randrange(8, 17)
    lossy = name.endswith(("baseline", "extended", "near", "lossy"))
    signed = not lossy and rng.random() < 0.3
    rows, columns = rng.randrange(2, 90), rng.randrange(2, 90)
    slope = np.add.outer(np.arange(rows) * rng.randrange(9), np.arange(columns) * rng.randrange(9))
    noise = np.random.default_rng(rng.randrange(1 << 30)).integers(0, 9, slope.shape)
    values = (slope + noise) % (1 << bits) - (signed << (bits - 1))
    pixels = values.astype(f"{'i' if signed else 'u'}{1 if bits == 8 else 2}")
    return to_part_10(make_image(pixels, bits), name, pixels)


def broken(rng: random.Random, data: bytes) -> bytes:
    """Some bytes of the file changed, dropped or doubled; mostly in the stream and its headers."""
    bad = bytearray(data)
    pixels = max(data.find(b"\xe0\x7f\x10\x00"), data.find(b"\x7f\xe0\x00\x10"), 330)
    start = rng.choice((132, pixels, pixels, pixels, pixels, pixels))
    end = min(len(bad), rng.choice((start + 150, start + 500, len(bad))))
    moves = rng.random() < 0.15  # the file is not taken apart any more where lengths do not fit
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        place = rng.randrange(min(start, end - 1), end)
        what = rng.randrange(6 if moves else 4)
        if what < 3:
            flipped = bad[place] ^ 1 << rng.randrange(8)
            bad[place] = rng.choice((0, 1, 0x7F, 0xFF, flipped, rng.randrange(256)))
        elif what == 3:
            bad[place : place + 2] = rng.choice((b"\xff\xd9", b"\xff\xd8", b"\xff\x90", b"\xff\xff", b"\0\0"))
        elif what == 4:
            del bad[place : place + rng.choice((1, 2, 30))]
        else:
            bad[place:place] = bad[place : place + rng.choice((1, 2, 30))]
        end = min(end, len(bad))
        start = min(start, end - 1)
    if rng.random() < 0.05:
        del bad[rng.randrange(len(bad)) :]
    return bytes(bad)


def outcome(path: Path, expected: DecodedImage) -> str:
    """What became of a broken file. Pixels that are what memory held before would differ the second time."""
    found = []
    for filling in (0xAA, 0x55):
        used = [
            np.full(size, filling, np.uint8)
            for size in (expected.pixels.nbytes, 2 * expected.pixels.nbytes, 4096)
        ]
        del used
        found.append(decode(path))
    first, second = found
    if not isinstance(first, DecodedImage) or not isinstance(second, DecodedImage):
        return (
            first.reason.value if first == second and not isinstance(first, DecodedImage) else "NOT REPEATED"
        )
    if not np.array_equal(first.pixels, second.pixels):
        return "NOT REPEATED"
    return "same" if np.array_equal(first.pixels, expected.pixels) else "other picture"


def batch(seed: int) -> dict[str, dict[str, int]]:
    """Decode the broken files of one seed and count what became of them."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.dcm"
        for _ in range(FILES):
            name = rng.choice(list(SYNTAX_UIDS))
            good = good_file(rng, name)
            path.write_bytes(good)
            expected = decode(path)
            if not isinstance(expected, DecodedImage):
                raise SystemExit(f"{name}: {expected}")
            path.write_bytes(broken(rng, good))
            counts.setdefault(name, Counter())[outcome(path, expected)] += 1
    return {name: dict(count) for name, count in counts.items()}


def run(seed: int) -> tuple[int, str, dict[str, dict[str, int]]]:
    """One batch in its own process: its seed, what went wrong if anything did, and the counts."""
    command = [sys.executable, __file__, "--batch", str(seed)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return seed, "hangs", {}
    if done.returncode:
        return seed, f"ends with {done.returncode}: {done.stderr[-300:].decode(errors='replace')}", {}
    return seed, "", json.loads(done.stdout)


def main() -> None:
    """Run batches for some minutes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int)
    options = parser.parse_args()
    if options.batch is not None:
        print(json.dumps(batch(options.batch)))
        return
    end = time.monotonic() + 60 * options.minutes
    counts: dict[str, Counter[str]] = {}
    bad, seed = 0, options.seed
    with ThreadPoolExecutor(options.processes) as pool:
        while time.monotonic() < end:
            for number, wrong, found in pool.map(run, range(seed, seed + 2 * options.processes)):
                if wrong:
                    bad += 1
                    print(f"batch {number} {wrong}", flush=True)
                for name, count in found.items():
                    counts.setdefault(name, Counter()).update(count)
            seed += 2 * options.processes
    outcomes = sorted({outcome for count in counts.values() for outcome in count})
    print(f"\n{sum(sum(count.values()) for count in counts.values())} files, {bad} bad batches\n")
    print(f"| syntax | {' | '.join(outcomes)} |")
    print("|---" * (len(outcomes) + 1) + "|")
    for name in SYNTAX_UIDS:
        row = counts.get(name, Counter())
        print(f"| {name} | {' | '.join(str(row[outcome]) for outcome in outcomes)} |")


if __name__ == "__main__":
    main()
