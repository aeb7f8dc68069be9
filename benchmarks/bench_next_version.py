"""What a next version costs beside a full build: CPU time of each step, all processes, in one run.

    python benchmarks/bench_next_version.py FOLDER [--fraction 0.002] [--side 2000] [--share 0.01]

Makes a part of the paper-sized export of ``bench_scale.py`` in FOLDER, its pictures ``side`` px each way and
uncompressed, which is where drawing again costs least. Puts ``share`` of its studies aside and builds
version 1; puts them back and builds version 2, which is compared with a build from nothing, byte by byte.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from scale_export import make_scale_export
from scale_meter import Meter

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build

CATALOG = ("Reading headers", "Reading reports")


def build_in(place: Path) -> None:
    """In a process of its own: build, and keep what the steps cost."""
    config = load_config(place / "release.toml")
    meter = Meter(place / "steps.json")
    built = build(config, load_secret(config), meter)
    if built.findings:
        raise SystemExit(f"{len(built.findings)} findings")
    costs = [asdict(cost) for cost in meter.end()]
    (place / "costs.json").write_text(json.dumps(costs), encoding="ascii")


def measured(place: Path, title: str) -> dict[str, float]:
    """Build, and give the CPU seconds of each step."""
    subprocess.run([sys.executable, __file__, str(place), "--build"], check=True)  # noqa: S603
    costs = json.loads((place / "costs.json").read_text(encoding="ascii"))
    print(f"{title}: {sum(cost['cpu_s'] for cost in costs):.1f} CPU-s", file=sys.stderr, flush=True)
    return {cost["title"]: cost["cpu_s"] for cost in costs}


def forget(place: Path) -> None:
    """Remove all that a build leaves."""
    for name in ("release", "private_test", "work"):
        shutil.rmtree(place / name, ignore_errors=True)


def main() -> None:
    """Make the export, build three times and print the steps side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fraction", type=float, default=0.002)
    parser.add_argument("--side", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    place = arguments.folder
    if arguments.build:
        return build_in(place)
    make_scale_export(place, arguments.fraction, seed=1, side=arguments.side, processes=2)
    studies = sorted((place / "export").glob("*/dicom/*/*"))
    later = studies[:: round(1 / arguments.share)]
    aside = {place / "aside" / str(number): study for number, study in enumerate(later)}
    (place / "aside").mkdir(exist_ok=True)
    forget(place)
    for new, study in aside.items():
        study.rename(new)
    try:
        measured(place, f"version 1, without {len(later)} of {len(studies)} studies")
    finally:
        for new, study in aside.items():
            new.rename(study)
    second = measured(place, "version 2")
    sums = (place / "release" / "SHA256SUMS").read_bytes()
    forget(place)
    whole = measured(place, "the same from nothing")
    same = (place / "release" / "SHA256SUMS").read_bytes() == sums
    print(f"\n{'CPU-s':<40}{'from nothing':>14}{'version 2':>12}")
    for title in whole:
        print(f"{title:<40}{whole[title]:>14.2f}{second.get(title, 0):>12.2f}")
    total, again = sum(whole.values()), sum(second.values())
    catalog = sum(second.get(title, 0) for title in CATALOG)
    print(f"{'in all':<40}{total:>14.2f}{again:>12.2f}")
    print(f"\nversion 2 without the catalog: {(again - catalog) / total:.1%} of a build from nothing; "
          f"its bytes are {'the same' if same else 'others (kept splits)'}")  # fmt: skip
    return None


if __name__ == "__main__":
    main()
