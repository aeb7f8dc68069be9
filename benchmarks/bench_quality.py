"""Whether a picture's polarity is told right, how often other flags are raised, and what looking costs.

    python benchmarks/bench_quality.py --pictures FOLDER [--half tuned|set_aside] [--collection NAME]
    python benchmarks/bench_quality.py --pictures FOLDER --fit
    python benchmarks/bench_quality.py --pictures FOLDER --stranger NAME

``FOLDER`` has one folder per collection with PNG or JPEG files, CASE__NAME; a case is in one half, by its
name. Every picture is one that a reader would call right, so that its negative is inverted; both are asked,
as they are and altered. ``--fit`` prints the weights of ``profiles/polarity.toml`` from the
tuned half and stops. ``--stranger`` finds weights without one collection, and asks them about all of it.
Without ``--pictures`` only the cost is measured, on a made picture.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radrelease.profiles.polarity import BLOCKS, Polarity, load_polarity
from radrelease.stages.pictures.picture_quality import assess, flags_of, lit
from radrelease.testing.phantom import frontal

Picture = NDArray[np.uint16]
Alter = Callable[[Picture, np.random.Generator], Picture]
WHITE = 65535
LONGEST = 764


def as_published(path: Path) -> Picture:
    """The file as the release would hold it: at most 764 px long, its range stretched to 16 bits."""
    with Image.open(path) as file:
        gray = file.convert("L") if not file.mode.startswith("I") else file.convert("F")
        stored = np.asarray(gray, dtype=np.float32)
    scale = min(1.0, LONGEST / max(stored.shape))
    size = (round(stored.shape[1] * scale), round(stored.shape[0] * scale))
    small = np.asarray(Image.fromarray(stored).resize(size, Image.Resampling.BICUBIC), dtype=np.float64)
    unit = np.clip((small - stored.min()) / (stored.max() - stored.min()), 0, 1)
    return np.floor(unit * WHITE + 0.5).astype(np.uint16)


def half_of(path: Path) -> str:
    """Which half the case is in; drawn by name, before anything was measured."""
    case = path.name.split("__")[0]
    return "set_aside" if hashlib.sha256(case.encode()).digest()[0] % 2 else "tuned"


def cropped(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture without up to 15% of it on each side."""
    rows, columns = picture.shape
    top, bottom, left, right = (rng.uniform(0, 0.15, 4) * [rows, rows, columns, columns]).astype(int)
    return picture[top : rows - bottom, left : columns - right]


def bordered(value: int) -> Alter:
    """Collimation: a border of one value over 2 to 20% of it on each side."""

    def alter(picture: Picture, rng: np.random.Generator) -> Picture:
        rows, columns = picture.shape
        top, bottom, left, right = (rng.uniform(0.02, 0.2, 4) * [rows, rows, columns, columns]).astype(int)
        out = np.full_like(picture, value)
        inside = (slice(top, rows - bottom), slice(left, columns - right))
        out[inside] = picture[inside]
        return out

    return alter


def marked(value: int) -> Alter:
    """A plate of one value near the top, as large as a marker."""

    def alter(picture: Picture, rng: np.random.Generator) -> Picture:
        rows, columns = picture.shape
        top, left = int(rng.uniform(0.02, 0.2) * rows), int(rng.uniform(0.02, 0.8) * columns)
        out = picture.copy()
        out[top : top + rows // 25, left : left + columns // 10] = value
        return out

    return alter


def bent(power: float) -> Alter:
    """Another tone curve."""
    return lambda picture, _: (np.power(picture / WHITE, power) * WHITE).astype(np.uint16)


def outlying(picture: Picture, _: np.random.Generator) -> Picture:
    """What a stretch makes of a picture with two hot pixels."""
    out = (picture * 0.3).astype(np.uint16)
    out[3, 5] = out[40, 50] = WHITE
    return out


UPRIGHT: Mapping[str, Alter] = {
    "as it is": lambda picture, _: picture,
    "cropped by up to 15% a side": cropped,
    "black border, 2-20% a side": bordered(0),
    "white border, 2-20% a side": bordered(WHITE),
    "white marker": marked(WHITE),
    "black marker": marked(0),
    "gamma 0.5": bent(0.5),
    "gamma 2": bent(2.0),
    "two hot pixels": outlying,
    "mirrored": lambda picture, _: picture[:, ::-1],
}
TURNED: Mapping[str, Alter] = {
    "turned by 90 degrees": lambda picture, _: np.rot90(picture),
    "turned by 180 degrees": lambda picture, _: np.rot90(picture, 2),
    "turned by 270 degrees": lambda picture, _: np.rot90(picture, 3),
}
TURNED_WEIGHT, RIDGE = 0.3, 1e-3


def rng_of(path: Path, name: str) -> np.random.Generator:
    """The same numbers for the same file and alteration, whatever else is looked at."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{path.name} {name}".encode()).digest()[:8]))


def report(paths: list[Path], polarity: Polarity, altering: Mapping[str, Alter]) -> None:
    """Print what is told of the pictures and of their negatives."""
    told: dict[str, Counter[str]] = {name: Counter() for name in altering}
    flags: dict[str, Counter[str]] = {name: Counter() for name in altering}
    for path in paths:
        picture = as_published(path)
        for name, alter in altering.items():
            altered = np.ascontiguousarray(alter(picture, rng_of(path, name)))
            for shown, truth in ((altered, False), (WHITE - altered, True)):
                quality = assess(shown, polarity)
                answer = "unsure" if quality.inverted is None else str(quality.inverted is truth)
                told[name][answer] += 1
                if answer == "False" and name == "as it is":
                    print("wrong:", path.name)
            flags[name].update(flags_of(assess(altered, polarity)))
    print(f"\n{len(paths)} pictures, each also as its negative\n")
    print("| pictures | told right | cannot tell | told wrong | flags on the right polarity |")
    print("|---|---|---|---|---|")
    for name, counts in told.items():
        total = counts.total()
        raised = ", ".join(f"{flag} {count}" for flag, count in sorted(flags[name].items())) or "none"
        print(
            f"| {name} | {counts['True'] / total:.2%} | {counts['unsure'] / total:.2%} "
            f"| {counts['False']} of {total} | {raised} |"
        )


def fitted(paths: list[Path]) -> NDArray[np.float64]:
    """The weights: logistic regression without a constant; of a large collection a picture counts less."""
    sizes = Counter(path.parent.name for path in paths)
    rows: list[NDArray[np.float64]] = []
    heavy: list[float] = []
    for path in paths:
        picture = as_published(path)
        for name, alter in (UPRIGHT | TURNED).items():
            rows.append(folded(np.ascontiguousarray(alter(picture, rng_of(path, name)))))
            weight = TURNED_WEIGHT if name in TURNED else 1.0
            heavy.append(weight / sizes[path.parent.name] ** 0.5)
    found = regression(np.array(rows), np.array(heavy) / sum(heavy))
    return np.round(found.reshape(BLOCKS, -1), 2)


def folded(picture: Picture) -> NDArray[np.float64]:
    """The 32 numbers that the weights are multiplied with, read off with one weight at a time."""
    one = np.eye(BLOCKS * BLOCKS // 2).reshape(-1, BLOCKS, BLOCKS // 2)
    return np.array([lit(picture, Polarity(weights, 0.0)) or 0.0 for weights in one])


def regression(rows: NDArray[np.float64], heavy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights by which the sum of every row is large: Newton's steps with a ridge."""
    found = np.zeros(rows.shape[1])
    for _ in range(60):
        doubt = 1 / (1 + np.exp(rows @ found))
        slope = RIDGE * found - rows.T @ (heavy * doubt)
        curve = (rows * (heavy * doubt * (1 - doubt))[:, None]).T @ rows + RIDGE * np.eye(len(found))
        found -= np.linalg.solve(curve, slope)
    return found


def cost(polarity: Polarity) -> None:
    """Print what looking at one picture costs."""
    made = frontal(np.random.default_rng(1), LONGEST, 636)
    picture = np.floor(made / made.max() * WHITE + 0.5).astype(np.uint16)
    spent = []
    for _ in range(200):
        start = time.process_time_ns()
        assess(picture, polarity)
        spent.append((time.process_time_ns() - start) / 1e6)
    print(f"CPU-ms a picture of 764 x 636: median {statistics.median(spent):.2f}, most {max(spent):.2f}")


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--half", choices=("tuned", "set_aside"), default="set_aside")
    parser.add_argument("--collection", action="append", help="only this folder; may be repeated")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--stranger", help="a folder that the weights are found without")
    given = parser.parse_args()
    paths = sorted(given.pictures.glob("*/*__*")) if given.pictures is not None else []
    tuned = [path for path in paths if half_of(path) == "tuned"]
    if given.fit:
        for line in fitted(tuned):
            print("    [" + ", ".join(f"{weight:5.2f}" for weight in line) + "],")
        return
    if given.stranger is not None:
        weights = fitted([path for path in tuned if path.parent.name != given.stranger])
        polarity = Polarity(weights, load_polarity().sure)
        report([path for path in paths if path.parent.name == given.stranger], polarity, UPRIGHT | TURNED)
        return
    asked = [path for path in paths if half_of(path) == given.half]
    asked = [path for path in asked if given.collection is None or path.parent.name in given.collection]
    if asked:
        report(asked, load_polarity(), UPRIGHT | TURNED)
    cost(load_polarity())


if __name__ == "__main__":
    main()
