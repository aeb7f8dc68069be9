"""What a next version costs beside a full build: CPU time of each step, all processes, in one run.

    python benchmarks/bench_next_version.py FOLDER [--fraction 0.002] [--side 2000] [--share 0.01]

Makes a part of the paper-sized export of ``bench_scale.py`` in FOLDER. Its pictures are radiographs of 5 to
9 million pixels in five transfer syntaxes, or with ``--side`` plain ones of so many px each way, which is
where drawing again costs least. Puts ``share`` of its studies aside and builds version 1; puts them back and
builds version 2, which is compared, byte by byte, with a build from nothing but the vault of version 1.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from scale_export import make_scale_export
from scale_meter import Meter
from scale_pictures import put_radiographs

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


KEPT = ("release/manifest.json", "work/vault.age", "work/versions.parquet")
"""Of version 1: what says who was in it, in which split. All else only saves work."""


def forget(place: Path) -> None:
    """Remove all that a build leaves."""
    for name in ("release", "private_test", "work"):
        shutil.rmtree(place / name, ignore_errors=True)


def copied(names: Iterable[str], source: Path, target: Path) -> None:
    """Copy the files from folder to folder."""
    for name in names:
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def main() -> None:
    """Make the export, build three times and print the steps side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fraction", type=float, default=0.002)
    parser.add_argument("--side", type=int, help="px of plain pictures; without it, radiographs")
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    place = arguments.folder
    if arguments.build:
        return build_in(place)
    make_scale_export(place, arguments.fraction, seed=1, side=arguments.side or 16, processes=2)
    if not arguments.side:
        put_radiographs(place)
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
    copied(KEPT, place, place / "kept")
    second = measured(place, "version 2")
    sums = (place / "release" / "SHA256SUMS").read_bytes()
    forget(place)
    copied(KEPT, place / "kept", place)
    whole = measured(place, "the same from nothing")
    same = (place / "release" / "SHA256SUMS").read_bytes() == sums
    print(f"\n{'CPU-s':<40}{'from nothing':>14}{'version 2':>12}")
    for title in whole:
        print(f"{title:<40}{whole[title]:>14.2f}{second.get(title, 0):>12.2f}")
    total, again = sum(whole.values()), sum(second.values())
    print(f"{'in all':<40}{total:>14.2f}{again:>12.2f}")
    total, again = (sum(costs.values()) - sum(map(costs.get, CATALOG)) for costs in (whole, second))
    print(f"{'in all but the catalog':<40}{total:>14.2f}{again:>12.2f}")
    print(f"\n{len(studies)} studies; without the catalog, version 2 takes {again / total:.1%} of a build "
          f"from nothing; its bytes are {'the same' if same else 'OTHERS'}")  # fmt: skip
    return None


if __name__ == "__main__":
    main()
