"""Text burned into pixels: what is found, what is masked wrongly, and what it costs.

    pip install 'radrelease[ocr]' matplotlib font-roboto font-lato font-source-sans-pro font-source-serif-pro
    python benchmarks/bench_ocr.py --half set_aside

Pictures are made at 2500 x 2048 px. A string counts as found if 99% of its ink is masked, a marker as
masked if a tenth of it is. Times are of one thread, and only the work of de-identification counts.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from radrelease.adapters.ocr import load_engine
from radrelease.profiles.markers import load_markers
from radrelease.records.pixels import Box
from radrelease.stages.pictures.burned_in import Cleaned, Search, clean
from radrelease.stages.pictures.pixel_text import PixelTerms
from radrelease.stages.pictures.text_likelihood import count_steps
from radrelease.testing.burned_in import HALVES, BurnedPicture, available_fonts, make_pictures

NOBODY = PixelTerms(frozenset(), frozenset())
GOALS = {"plain": 0.99, "turned": 0.99, "faint": 0.90}


@dataclass
class Score:
    """Counts over the pictures of one kind."""

    pictures: int = 0
    seconds: float = 0.0
    strings: int = 0
    found: int = 0
    seen: int = 0  # by the prefilter
    markers: int = 0
    masked: int = 0
    false: int = 0  # masks where nothing was planted
    read: int = 0  # pictures in which anything was read
    residual: int = 0
    missed: Counter[str] = field(default_factory=Counter)


def score_kind(half: str, kind: str, count: int, *, everywhere: bool, tiles: bool) -> Score:
    """Clean ``count`` pictures of the kind and compare with what was planted."""
    score, engine = Score(), load_engine()
    for picture in make_pictures(half, kind, count, seed=41):
        search = Search(
            everywhere=everywhere,
            tiles=tiles,
            groups=frozenset(load_markers()),
            inverted=picture.photometric == "MONOCHROME1",
        )
        start = time.process_time()
        cleaned = clean(picture.pixels, NOBODY, search, engine)
        score.seconds += time.process_time() - start
        compare(picture, cleaned, score)
    return score


def compare(picture: BurnedPicture, cleaned: Cleaned, score: Score) -> None:
    """Add one picture to the score."""
    covered = np.zeros(picture.pixels.shape, bool)
    for box, _ in cleaned.masks:
        covered[box.top : box.bottom, box.left : box.right] = True
    regions = count_steps(picture.pixels).regions()
    score.pictures += 1
    score.residual += len(cleaned.left)
    score.read += bool(regions)
    score.false += sum(not any(box.overlap(item.box) for item in picture.planted) for box, _ in cleaned.masks)
    for item in picture.planted:
        box = item.box
        share = covered[box.top : box.bottom, box.left : box.right][item.ink].mean()
        if item.identifying:
            score.strings += 1
            score.found += share >= 0.99
            score.seen += held(box, regions) >= 0.8
            if share < 0.99:
                score.missed[f"{item.look}, {item.size} px, {item.font}, {item.place}"] += 1
        elif item.size > 10:
            score.markers += 1
            score.masked += share > 0.1


def held(box: Box, regions: tuple[Box, ...]) -> float:
    """The share of the box that lies in the regions, which may overlap."""
    return min(1.0, sum(box.overlap(region) for region in regions) / box.area)


def main() -> None:
    """Print one row per kind of picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=HALVES, default="tuned")
    parser.add_argument("--pictures", type=int, default=60, help="of each kind with identifying text")
    parser.add_argument("--marked", type=int, default=500)
    parser.add_argument("--clean", type=int, default=100)
    parser.add_argument("--all", action="store_true", help='search = "all"')
    parser.add_argument("--tiles", action="store_true")
    parser.add_argument("--kinds", nargs="+", default=["plain", "turned", "faint", "marked", "clean"])
    given = parser.parse_args()
    print(f"{load_engine().identity}\nhalf {given.half}, fonts {', '.join(available_fonts(given.half))}\n")
    print(f"{'kind':8}{'pictures':>9}{'strings':>9}{'found':>9}{'goal':>7}{'prefilter':>11}{'markers':>9}"
          f"{'masked':>8}{'false':>7}{'left':>6}{'CPU-s':>8}")  # fmt: skip
    times: dict[str, float] = {}
    for kind in given.kinds:
        count = {"marked": given.marked, "clean": given.clean}.get(kind, given.pictures)
        row = score_kind(given.half, kind, count, everywhere=given.all, tiles=given.tiles)
        times[kind] = row.seconds / row.pictures
        found = f"{row.found / row.strings:.2%}" if row.strings else "-"
        seen = f"{row.seen / row.strings:.2%}" if row.strings else f"{row.read} read"
        goal = f"{GOALS[kind]:.0%}" if kind in GOALS else "-"
        print(f"{kind:8}{row.pictures:9}{row.strings:9}{found:>9}{goal:>7}{seen:>11}{row.markers:9}"
              f"{row.masked:8}{row.false:7}{row.residual:6}{times[kind]:8.3f}", flush=True)  # fmt: skip
        for what, number in row.missed.most_common(12):
            print(f"         missed {number}: {what}")
    if {"plain", "marked", "clean"} <= set(times):
        mixed = 0.05 * times["plain"] + 0.60 * times["marked"] + 0.35 * times["clean"]
        print(
            f"\nmixed export (5% with identifying text, 60% with markers alone, 35% clean): {mixed:.3f} CPU-s"
        )


if __name__ == "__main__":
    main()
