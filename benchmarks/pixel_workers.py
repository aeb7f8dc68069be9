"""What a worker process of ``bench_pixels.py`` needs in memory, and what a second one gains."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pixel_inputs import Files
from pixel_tables import against
from pixel_timing import ONE_THREAD, Contender

Peaks = dict[str, dict[str, int]]
SCRIPT = str(Path(__file__).with_name("pixel_contenders.py"))
PARALLEL = ("uncompressed", "JPEG Lossless")


def peaks(files: Files, times: int) -> Peaks:
    """Bytes of a fresh process for each syntax: after the imports, and the peak after ``times`` pictures."""

    def peak(source: Path) -> dict[str, int]:
        command = [sys.executable, SCRIPT, "memory", str(source), str(times)]
        surroundings = {**os.environ, **ONE_THREAD}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)  # noqa: S603
        told: dict[str, int] = json.loads(ended.stdout) if ended.returncode == 0 else {}
        return told

    sources = {syntax: source for syntax, source in files.items() if isinstance(source, Path)}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(sources, pool.map(peak, sources.values()), strict=True))


def print_memory(title: str, found: Peaks, goal: int | None) -> None:
    """The greatest of all syntaxes against the goal, and each."""
    print(f"Peak memory of a worker (VmHWM, MB of 10^6, 5 images), {title}")
    megabytes = {syntax: peak["peak"] / 1e6 for syntax, peak in found.items() if peak}
    if len(megabytes) < len(found):
        print(f"  not run: {', '.join(found.keys() - megabytes.keys())}")
    if megabytes:
        worst = max(megabytes, key=lambda syntax: megabytes[syntax])
        imports = max(peak["imports"] for peak in found.values() if peak) / 1e6
        shown = against(megabytes[worst], goal, least=False, unit=" MB")
        print(f"  {shown} with {worst}; imports alone {imports:.0f} MB")
        print("  " + ", ".join(f"{syntax} {figure:.0f}" for syntax, figure in megabytes.items()))
    print(flush=True)


def two_beside_one(files: Files, folder: Path, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """Images per second of one process and of two at once, by syntax, in turns."""
    pair = [Contender(f"ours-{number}", [sys.executable, SCRIPT, "ours"]) for number in (1, 2)]
    found = {}
    for syntax in PARALLEL:
        source = files[syntax]
        if not isinstance(source, Path):
            continue
        _together(pair, source, folder, seconds / 4)
        alone, both = [], []
        for _ in range(rounds):
            alone.append(_together(pair[:1], source, folder, seconds))
            both.append(_together(pair, source, folder, seconds))
        found[syntax] = _compared(alone, both)
    for contender in pair:
        contender.close()
    return found


Rates = Mapping[str, float]


def _together(running: Sequence[Contender], source: Path, folder: Path, seconds: float) -> Rates:
    """The rates of all added, and the least share of a processor that one of them had."""
    for contender in running:
        contender.begin(source, folder / f"{contender.name}.png", seconds=seconds)
    answers = [contender.end() for contender in running]
    added = {key: sum(answer.get(key, 0.0) for answer in answers) for key in ("rate", "rate_of_cpu")}
    return {**added, "share": min(answer.get("share", 0.0) for answer in answers)}


def _compared(alone: Sequence[Rates], both: Sequence[Rates]) -> dict[str, float]:
    def ratio(key: str) -> float:
        return statistics.median(
            two[key] / one[key] if one[key] else 0.0 for one, two in zip(alone, both, strict=True)
        )

    return {
        "one": statistics.median(one["rate"] for one in alone),
        "two": statistics.median(two["rate"] for two in both),
        "ratio": ratio("rate"),
        "ratio_of_cpu": ratio("rate_of_cpu"),
        "share": statistics.median(two["share"] for two in both),
    }


def print_processes(found: Mapping[str, Rates], goal: float | None, load: float) -> None:
    """By wall clock; and by CPU time, which is what it would be if each had a processor of its own."""
    print("Two processes beside one, images per second of wall clock")
    if load > 0.5:
        print(f"  THE MACHINE WAS NOT IDLE (load average {load:.2f} at the start): these figures are too low")
    for syntax, rates in found.items():
        print(
            f"  {syntax}: {rates['one']:.1f}/s and {rates['two']:.1f}/s, "
            f"{against(rates['ratio'], goal, least=True)}; by CPU time {rates['ratio_of_cpu']:.2f} x; "
            f"of two, each had {rates['share']:.0%} of a processor or more"
        )
    print(flush=True)
