"""A build killed at random moments and run again until it is done, over and over.

    python benchmarks/kill_runs.py [--kills 200] [--seed 1] [--patients 16] [--minutes 60]

Makes a small synthetic export and one undisturbed release of it. Then builds the same release again, and
ends, each time by SIGKILL: the driver, one of the processes it started, or the whole process group. A build
that was ended is started again at once, while workers of the dead one may still be about. When it is done,
its release and private test split must have the undisturbed SHA256SUMS, its rejected table the undisturbed
rows, and no committed shard may have been made again. Then all is removed, now and then but for the
release in place, and the next build begins. Prints counts; exits 1 where anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import shared_with_tests  # noqa: F401 - first: it puts the next one within reach
from release_settings import settings_text, write_key

from radrelease.testing import make_export

_HANGS_S = 900
_HUNG = 124
"""Told as the exit code of a run that did not come to an end."""

KINDS = ("driver", "one process", "process group")


@dataclass(frozen=True, slots=True)
class Made:
    """What a finished build left: checksums of both folders, rejected rows, digests of its shards."""

    sums: tuple[str, ...]
    rejected: tuple[str, ...]
    shards: frozenset[str]


@dataclass(slots=True)
class Tally:
    """What was seen over all builds."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    resumed: int = 0  # of these, builds that had been killed at least once
    differing: int = 0
    failed: Counter[int] = field(default_factory=Counter)  # exit codes other than 0 that were no kill
    repeated: int = 0  # shards made again though they were committed
    kept: int = 0  # shards that a later run of the same build found committed


def main() -> int:
    """Run until there were as many kills as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patients", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=60, help="begin no further build after these")
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-runs-") as name:
        folder = Path(name)
        prepare(folder, asked.patients)
        before = time.monotonic()
        if start(folder, "calm").wait():
            raise SystemExit("the undisturbed build failed")
        usual_s = time.monotonic() - before
        calm, tally = look(folder / "calm"), Tally()
        rng = random.Random(asked.seed)  # noqa: S311 - moments, not secrets
        until = started + 60 * asked.minutes
        while sum(tally.kills.values()) < asked.kills and time.monotonic() < until:
            storm(folder, calm, usual_s, rng, tally, asked.kills)
    show(tally, calm, usual_s, time.monotonic() - started)
    return 1 if tally.differing or tally.failed or tally.repeated or not tally.resumed else 0


def prepare(folder: Path, patients: int) -> None:
    """An export, a key, and the settings of two builds of it."""
    make_export(folder, patients=patients, image_side=96)
    write_key(folder / "key")
    for name in ("calm", "storm"):
        places = {
            "output": f"{name}/release",
            "private_output": f"{name}/private_test",
            "work": f"{name}/work",
        }
        text = settings_text(
            release={"name": "kills", "layouts": ["native", "rexgradient", "dicom"], "parts": 8, **places},
            split={"valid": 0.1, "test": 0.1, "private_test": 0.1},
            workers={"processes": 2},
        )
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def start(folder: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a build, in a process group of its own."""
    call = "from radrelease.cli import main; main()"
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", call, "build", f"{folder / name}.toml"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def look(folder: Path) -> Made:
    """What the build in ``folder`` left."""
    rows = pq.read_table(folder / "work/rejected.parquet").to_pylist()
    return Made(
        sums=tuple((folder / name / "SHA256SUMS").read_text() for name in ("release", "private_test")),
        rejected=tuple(sorted(map(repr, rows))),
        shards=frozenset(path.name for path in (folder / "work/shards").iterdir()),
    )


def storm(folder: Path, calm: Made, usual_s: float, rng: random.Random, tally: Tally, most: int) -> None:
    """One build, run and killed until it is done."""
    place = folder / "storm"
    for name in ("work", *(("release", "private_test") if rng.random() < 0.5 else ())):
        shutil.rmtree(place / name, ignore_errors=True)
    committed: dict[str, int] = {}  # inode of each shard
    killed = 0
    while True:
        code, hits = disturb(start(folder, "storm"), usual_s, rng, tally, most)
        killed += hits
        now = inodes(place / "work/shards")
        tally.kept += len(committed)
        tally.repeated += sum(now.get(name, inode) != inode for name, inode in committed.items())
        committed |= now
        if code == 0:
            break
        if code != -signal.SIGKILL:
            tally.failed[code] += 1
            return
    tally.finished += 1
    tally.resumed += killed > 0
    tally.differing += look(place) != calm
    print(f"{sum(tally.kills.values())} kills, {tally.finished} builds", file=sys.stderr, flush=True)


def inodes(shards: Path) -> dict[str, int]:
    """The committed shards, each with what tells whether it was made again."""
    return {path.name: path.stat().st_ino for path in shards.iterdir()} if shards.is_dir() else {}


def disturb(
    run: subprocess.Popen[bytes], usual_s: float, rng: random.Random, tally: Tally, most: int
) -> tuple[int, int]:
    """Let the run go on for a while and kill; its exit code, and how many kills that took."""
    hits = 0
    while sum(tally.kills.values()) < most:
        try:
            return run.wait(rng.uniform(0, usual_s)), hits
        except subprocess.TimeoutExpired:
            kind = rng.choice(KINDS)
            if kill(run, kind, rng):
                tally.kills[kind] += 1
                hits += 1
    try:
        return run.wait(_HANGS_S), hits
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        return run.wait() and _HUNG, hits


def kill(run: subprocess.Popen[bytes], kind: str, rng: random.Random) -> bool:
    """Kill as ``kind`` says; whether there was something to kill."""
    if kind == "process group":
        os.killpg(run.pid, signal.SIGKILL)
        return True
    victims = [run.pid] if kind == "driver" else started_by(run.pid)
    if not victims:
        return False
    try:
        os.kill(rng.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def started_by(parent: int) -> list[int]:
    """The processes that ``parent`` started, and those that they did."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found: list[int] = []
    layer = parents.get(parent, [])
    while layer:
        found += layer
        layer = [child for pid in layer for child in parents.get(pid, [])]
    return found


def show(tally: Tally, calm: Made, usual_s: float, took_s: float) -> None:
    """Print what was seen."""
    kinds = ", ".join(f"{kind} {tally.kills[kind]}" for kind in KINDS)
    print(f"an undisturbed build: {usual_s:.1f} s, {len(calm.shards)} shards")
    print(f"kills: {sum(tally.kills.values())} ({kinds})")
    print(f"builds finished: {tally.finished}, of these after kills: {tally.resumed}")
    print(f"builds that differ from the undisturbed one: {tally.differing}")
    print(f"runs that failed: {dict(tally.failed)}")
    print(f"committed shards found by later runs: {tally.kept}, made again: {tally.repeated}")
    print(f"time: {took_s:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
