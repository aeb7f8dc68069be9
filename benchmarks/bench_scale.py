"""Every step of a build at growing sizes, up to the paper's: time, CPU, peak memory, and how they grow.

    python benchmarks/bench_scale.py FOLDER --fraction 0.01 0.1 1

Makes an export of each size in FOLDER, unless it is there, builds a release of it in a process of its own,
and prints the steps side by side. The paper's size (1) is 170,000 studies with 290,000 pictures of 117,000
patients at 79 sites of 3 systems. Pictures are tiny (8 by 8 pixels, published as 2 by 2), so what is measured
is all but the pictures; ``--image-ms`` adds these, and ``--side`` makes them larger. What was measured is
kept in FOLDER, and ``--show`` prints it again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from scale_export import make_scale_export
from scale_meter import Meter
from scale_people import cohort_of
from scale_rates import header_rates, report_rates
from scale_tables import Figures, print_extrapolation, print_goals, print_rates, print_steps

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build

IMAGE_MS = ("uncompressed:12:0.5", "jpeg-lossless:55:0.5")
"""Name, CPU ms from the file to the PNG, share: from README and ``bench_pixels.py``, 7.8 megapixels."""


def place_of(folder: Path, fraction: float, side: int) -> Path:
    """Where an export of that size is, and its release."""
    return folder / (f"{fraction:g}" if side == 8 else f"{fraction:g}-side{side}")


def measure(place: Path, arguments: argparse.Namespace, fraction: float) -> None:
    """Make the export, build and take the rates, each in a process of its own."""
    begun = time.perf_counter()
    make_scale_export(
        place, fraction, seed=arguments.seed, side=arguments.side, processes=arguments.processes
    )
    print(f"export of {fraction:g}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
    for name in ("release", "private_test", "work"):
        shutil.rmtree(place / name, ignore_errors=True)
    for part in ("build", "headers", "reports"):
        command = [sys.executable, __file__, str(place), "--part", part, "--fraction", str(fraction),
                   "--seed", str(arguments.seed), "--sample", str(arguments.sample)]  # fmt: skip
        subprocess.run(command, check=True)  # noqa: S603


def run_part(place: Path, part: str, arguments: argparse.Namespace) -> None:
    """In the process of a part: measure, and keep the figures."""
    config = load_config(place / "release.toml")
    secret = load_secret(config)
    if part == "build":
        meter = Meter(place / "steps.json")
        built = build(config, secret, meter)
        costs = [asdict(cost) for cost in meter.end()]
        kept: Figures = {
            "steps": costs,
            "images": built.flow.steps[-1].files,
            "rejected": built.rejected,
            "findings": [finding.check for finding in built.findings],
        }
    elif part == "headers":
        kept = asdict(header_rates(config, arguments.sample))
    else:
        cohort = cohort_of(arguments.fraction[0], arguments.seed)
        kept = asdict(report_rates(cohort, config, secret, arguments.sample // 2))
    (place / f"{part}.json").write_text(json.dumps(kept, indent=1), encoding="ascii")


def read_figures(place: Path) -> Figures:
    """What the parts have kept."""
    return {
        part: json.loads((place / f"{part}.json").read_text(encoding="ascii"))
        for part in ("build", "headers", "reports")
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="private: the invented exports, releases and figures")
    parser.add_argument("--fraction", type=float, nargs="+", default=[0.01, 0.1], help="of the paper's size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--side", type=int, default=8, help="of a picture, px")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--sample", type=int, default=10_000, help="files of the rate of headers; half of it, patients"
    )
    parser.add_argument(
        "--image-ms", nargs="+", default=IMAGE_MS, metavar="NAME:MS:SHARE", help="mix of syntaxes"
    )
    parser.add_argument("--show", action="store_true", help="print what was measured before")
    parser.add_argument("--part", choices=("build", "headers", "reports"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        run_part(arguments.folder, arguments.part, arguments)
        return
    found: dict[float, Figures] = {}
    for fraction in sorted(arguments.fraction):
        place = place_of(arguments.folder, fraction, arguments.side)
        if not arguments.show:
            measure(place, arguments, fraction)
        found[fraction] = read_figures(place)
    print_steps(found)
    print_goals(found)
    print_rates(found)
    print_extrapolation(found, arguments.image_ms, arguments.processes)


if __name__ == "__main__":
    main()
