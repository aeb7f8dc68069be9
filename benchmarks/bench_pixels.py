"""What a picture costs, from the file to the PNG, beside the usual script, DCMTK, and what cannot be avoided.

    python benchmarks/bench_pixels.py --rivals PYTHON

``PYTHON`` is an interpreter with the packages of the usual script (see README.md here). Every picture is
held against a reference in float64 before its contender is timed: ours must be within 1 of 65535, and the
same bytes in every transfer syntax; the others use other kernels, and their difference is printed. CPU time
is user and system, of a warm process (pixel_timing.py), the contenders taking turns. Ends with 1 where one
of our pictures is wrong; a goal that is missed is only told.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from pixel_inputs import LARGE, RADIOGRAPHS, SMALL, Files, Radiograph, stored_pixels, write_inputs
from pixel_tables import (
    CONTENDERS,
    DCMTK,
    FLOOR,
    MEMORY_GOAL_MB,
    OURS,
    TWO_PROCESSES_GOAL,
    USUAL,
    Image,
    Result,
    print_cpu,
    print_goals,
    print_others,
    print_pictures,
)
from pixel_timing import Contender
from pixel_workers import Peaks, peaks, print_memory, print_processes, two_beside_one

from radrelease.testing.reference_picture import reference_picture

HERE = Path(__file__).parent
START_UP = "start-up"


@contextmanager
def started(rivals: str) -> Iterator[dict[str, Contender]]:
    """The processes of all contenders, ended afterwards."""
    ours, others = str(HERE / "pixel_contenders.py"), str(HERE / "pixel_rivals.py")
    commands = {
        OURS: [sys.executable, ours, "ours"],
        FLOOR: [sys.executable, ours, "floor"],
        USUAL: [rivals, others, "usual"],
        DCMTK: [sys.executable, others, "dcmj2pnm"],
        START_UP: [sys.executable, others, "start-up"],
    }
    running = {name: Contender(name, command) for name, command in commands.items()}
    try:
        yield running
    finally:
        for contender in running.values():
            contender.close()


def judged(target: Path, reference: NDArray[np.uint16]) -> Result:
    """How far the picture is from the reference."""
    with PIL.Image.open(target) as image:
        pixels = np.asarray(image).astype(np.int64)
    size = target.stat().st_size
    if pixels.shape != reference.shape:
        shown, wanted = (" x ".join(map(str, shape[::-1])) for shape in (pixels.shape, reference.shape))
        return Result(png_bytes=size, size=f"{shown}, not {wanted}")
    apart = np.abs(pixels - reference.astype(np.int64))
    return Result(int(apart.max()), float(np.sqrt(np.mean(apart.astype(float) ** 2))), size)


def first_picture(contender: Contender, source: Path, target: Path, reference: NDArray[np.uint16]) -> Result:
    """The first run: checked, and not timed."""
    answer = contender.ask(source, target, times=1)
    if "error" in answer:
        return Result(problem=answer["error"])
    result = judged(target, reference)
    if contender.name == OURS and (result.size or result.most > 1):
        result.problem = f"WRONG: {result.size or f'{result.most} from the reference'}"
    return result


def take_turns(
    contenders: Mapping[str, Contender], row: Mapping[str, Result], source: Path, folder: Path, rounds: int
) -> None:
    """Time those whose picture was checked; the quick ones several times in a turn."""
    for turn in range(rounds):
        for name, result in row.items():
            if result.problem:
                continue
            times = 3 if turn and result.milliseconds[0] < 250 else 1
            answer = contenders[name].ask(source, folder / f"{name}.png", times=times)
            result.problem = answer.get("error", "")
            result.milliseconds += answer.get("milliseconds", [])


def measured(
    image: Radiograph, contenders: Mapping[str, Contender], folder: Path, rounds: int, timed: Sequence[str]
) -> tuple[Image, Files]:
    """Make the image, check and time it in every syntax; who is not ``timed`` is checked in one of them."""
    pixels = stored_pixels(image)
    files = write_inputs(folder, image, pixels)
    reference = reference_picture(pixels, 0.25, inverted=image.photometric == "MONOCHROME1")
    found = Image(image.title)
    for syntax, source in files.items():
        if isinstance(source, str):
            found.results[syntax] = {OURS: Result(problem=source)}
            continue
        row = {
            name: first_picture(contenders[name], source, folder / f"{syntax}-{name}.png", reference)
            for name in (CONTENDERS if syntax == "uncompressed" else timed)
        }
        take_turns(contenders, {name: row[name] for name in timed}, source, folder, rounds)
        found.results[syntax] = row
    found.pillow_bytes = pillow_size(folder, found, files)
    return found, files


def pillow_size(folder: Path, found: Image, files: Files) -> int:
    """Bytes of our picture as Pillow writes it; and a check that every syntax gives the same bytes."""
    ours = [folder / f"{syntax}-{OURS}.png" for syntax, source in files.items() if isinstance(source, Path)]
    data = [path.read_bytes() for path in ours if path.is_file()]
    if not data:
        return 0
    for result, picture in zip((r for r in found.of(OURS) if r.png_bytes), data, strict=True):
        if picture != data[0]:
            result.problem = result.problem or "WRONG: not the picture of the other syntaxes"
    again = io.BytesIO()
    with PIL.Image.open(io.BytesIO(data[0])) as image:
        image.save(again, "PNG")
    return len(again.getvalue())


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one small image, one round: that it runs")
    parser.add_argument("--repeats", type=int, default=5, help="rounds in which contenders take turns")
    parser.add_argument(
        "--rivals", default=sys.executable, help="interpreter with the usual script's packages"
    )
    parser.add_argument("--json", type=Path, help="write all figures here too")
    return parser.parse_args()


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All measurements, printed as they come."""
    load = os.getloadavg()[0]
    print(f"load average at the start {load:.2f}" + (" (the machine is not idle)" if load > 0.5 else ""))
    found, files, bare = run_contenders(options, folder)
    main_image, *others = found.values()
    print_cpu(main_image)
    print_goals(main_image, judged=not options.quick)
    print_others(others)
    print_pictures(found.values())
    first, *_ = files.values()
    return {
        "images": {name: dataclasses.asdict(image) for name, image in found.items()},
        "dcmj2pnm_start_up_ms": bare,
        "peak_bytes": run_memory(files, folder, quick=options.quick),
        "processes": run_processes(first, folder, load, quick=options.quick),
        "load": load,
    }


def run_contenders(
    options: argparse.Namespace, folder: Path
) -> tuple[dict[str, Image], dict[str, Files], list[float]]:
    """The images with their results, their files, and what a bare start of DCMTK's program costs (ms)."""
    found: dict[str, Image] = {}
    files: dict[str, Files] = {}
    with started(options.rivals) as contenders:
        for name in (USUAL, DCMTK):
            print(f"{name}: {contenders[name].version or 'not run, ' + contenders[name].missing}", flush=True)
        answer = contenders[START_UP].ask(folder, folder / "none", times=10)
        bare: list[float] = answer.get("milliseconds", [])
        if bare:
            print(f"dcmj2pnm's bare start-up, part of its figures: {statistics.median(bare):.1f} ms\n")
        for image in (SMALL,) if options.quick else RADIOGRAPHS:
            timed = (OURS, FLOOR) if found else CONTENDERS
            rounds = 1 if options.quick else 2 if found else options.repeats
            found[image.name], files[image.name] = measured(image, contenders, folder, rounds, timed)
    return found, files, bare


def run_memory(files: Mapping[str, Files], folder: Path, *, quick: bool) -> dict[str, Peaks]:
    """Peak memory by image and syntax, printed."""
    if quick:
        wanted: dict[Radiograph, Files] = {SMALL: {"uncompressed": files[SMALL.name]["uncompressed"]}}
    else:
        first = RADIOGRAPHS[0]
        wanted = {first: files[first.name], LARGE: write_inputs(folder, LARGE, stored_pixels(LARGE))}
    found = {}
    for image, each in wanted.items():
        found[image.name] = peaks(each, times=5)
        print_memory(image.title, found[image.name], MEMORY_GOAL_MB.get(image.name))
    return found


def run_processes(files: Files, folder: Path, load: float, *, quick: bool) -> dict[str, dict[str, float]]:
    """Two processes beside one, printed."""
    seconds, rounds = (0.2, 1) if quick else (2.0, 3)
    found = two_beside_one(files, folder, seconds, rounds)
    print_processes(found, None if quick else TWO_PROCESSES_GOAL, load)
    return found


def main() -> int:
    """Measure, print, and tell whether each of our pictures was right."""
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        figures = run(options, Path(name))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    wrong = [
        f"{name}, {syntax}: {row[OURS]['problem']}"
        for name, image in figures["images"].items()
        for syntax, row in image["results"].items()
        if row[OURS]["problem"] and not row[OURS]["problem"].startswith("not encoded")
    ]
    print("every picture of radrelease is within 1 of the reference" if not wrong else "\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
