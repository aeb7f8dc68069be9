"""What ``bench_pixels.py`` has measured, its goals, and how both are printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

OURS, FLOOR, USUAL, DCMTK = "radrelease", "floor", "usual script", "dcmj2pnm"
CONTENDERS = (OURS, FLOOR, USUAL, DCMTK)


@dataclass(frozen=True, slots=True)
class Goals:
    """At least ``usual`` and ``dcmtk`` times our CPU, at most ``floor`` times that of the floor."""

    usual: float | None = None
    dcmtk: float | None = None
    floor: float | None = None


GOALS: Mapping[str, Goals] = MappingProxyType(
    {
        "uncompressed": Goals(35, 15, 2.0),
        "RLE": Goals(20, 10, 1.6),
        "deflated": Goals(12, 7, 1.5),
        "JPEG Lossless": Goals(10, 5, 1.15),
        "JPEG-LS": Goals(5, None, 1.1),
        "JPEG 2000": Goals(1.9, None, 1.05),
        "HTJ2K": Goals(),
    }
)
MEMORY_GOAL_MB = MappingProxyType({"dx12": 250, "dx43": 400})
TWO_PROCESSES_GOAL = 1.9


@dataclass(slots=True)
class Result:
    """One contender on one file. Differences from the reference are in steps of 1/65535."""

    most: int = 0
    rms: float = 0.0
    png_bytes: int = 0
    problem: str = ""
    """Why it was not timed."""
    size: str = ""
    """Of the picture, if it is not the reference's."""
    milliseconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        """CPU ms per image, if it was timed."""
        return statistics.median(self.milliseconds) if self.milliseconds else None


@dataclass(slots=True)
class Image:
    """One image in all syntaxes: results by syntax and contender, and what Pillow makes of our picture."""

    title: str
    results: dict[str, dict[str, Result]] = field(default_factory=dict)
    pillow_bytes: int = 0

    def of(self, contender: str) -> Iterator[Result]:
        """Its results in all syntaxes."""
        return (row[contender] for row in self.results.values() if contender in row)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def print_cpu(image: Image) -> None:
    """Milliseconds, and why there are none."""
    count = max((len(result.milliseconds) for result in image.of(OURS)), default=0)
    print(f"CPU ms per image (user + system), {image.title}, median (and least) of up to {count}\n")
    present = [name for name in CONTENDERS if any(True for _ in image.of(name))]
    table(
        ["", *present],
        (
            [syntax, *(_milliseconds(row.get(name), least=True) for name in present)]
            for syntax, row in image.results.items()
        ),
    )
    for syntax, row in image.results.items():
        for name, result in row.items():
            if result.problem:
                print(f"{syntax}, {name}: not run, {result.problem}")
    print()


def print_goals(image: Image, *, judged: bool) -> None:
    """The table of goals: the goal, what was measured, met or not."""
    print(f"CPU ratios, {image.title}\n")
    head = ("", "the usual script takes", "dcmj2pnm takes", "of bare decode + read + encode + write")
    table(head, (_goal_row(syntax, row, judged=judged) for syntax, row in image.results.items()))


def _goal_row(syntax: str, row: Mapping[str, Result], *, judged: bool) -> tuple[str, ...]:
    goals = GOALS[syntax] if judged else Goals()
    return (
        syntax,
        against(_ratio(row, USUAL, OURS), goals.usual, least=True),
        against(_ratio(row, DCMTK, OURS), goals.dcmtk, least=True),
        against(_ratio(row, OURS, FLOOR), goals.floor, least=False),
    )


def _ratio(row: Mapping[str, Result], above: str, below: str) -> float | None:
    if above not in row or below not in row:
        return None
    first, second = row[above].median, row[below].median
    return first / second if first is not None and second else None


def against(figure: float | None, goal: float | None, *, least: bool, unit: str = " x") -> str:
    """The figure beside its goal."""
    if figure is None:
        return "not run" if goal is None else f"not run (goal {goal:g}{unit})"
    shown = (
        f"{figure:.0f}" if figure >= 100 else f"{figure:.4g}" if figure < 2.5 else f"{figure:.3g}"
    ) + unit
    if goal is None:
        return shown
    met = figure >= goal if least else figure <= goal
    bound = "at least" if least else "at most"
    return f"{shown} ({bound} {goal:g}: {'met' if met else '**not met**'})"


def print_others(images: Iterable[Image]) -> None:
    """The other images: ours, and how many times the floor."""
    shown = list(images)
    if shown:
        print("Other images: CPU ms of radrelease (times the floor)\n")
        syntaxes = list(shown[0].results)
        table(["", *syntaxes], ([image.title, *map(_short, image.results.values())] for image in shown))


def _short(row: Mapping[str, Result]) -> str:
    ratio = _ratio(row, OURS, FLOOR)
    return _milliseconds(row.get(OURS)) + ("" if ratio is None else f" ({ratio:.2f} x)")


def print_pictures(images: Iterable[Image]) -> None:
    """How far each picture is from the reference, and the size of the PNG."""
    print(
        "Pictures: greatest (and rms) difference from the float64 reference, in 1/65535; bytes of the PNG\n"
    )
    head = ("", OURS, USUAL, DCMTK, "PNG, radrelease", "same picture, Pillow's default")
    table(
        head,
        (
            [
                image.title,
                *(_difference(list(image.of(name))) for name in (OURS, USUAL, DCMTK)),
                *_sizes(image),
            ]
            for image in images
        ),
    )


def _sizes(image: Image) -> tuple[str, str]:
    most = max((result.png_bytes for result in image.of(OURS)), default=0)
    met = "met" if most <= image.pillow_bytes else "**not met**"
    return f"{most} (no larger: {met})", str(image.pillow_bytes)


def _difference(results: Sequence[Result]) -> str:
    checked = [result for result in results if result.png_bytes]
    if not checked:
        return next((f"not run: {result.problem}" for result in results if result.problem), "not run")
    told = next((result.problem or result.size for result in checked if result.problem or result.size), "")
    most, rms = max(result.most for result in checked), max(result.rms for result in checked)
    return told or f"{most} ({rms:.3g})"


def _milliseconds(result: Result | None, *, least: bool = False) -> str:
    if result is None or result.median is None:
        return "-"
    digits = 1 if result.median < 100 else 0
    return f"{result.median:.{digits}f}" + (f" ({min(result.milliseconds):.{digits}f})" if least else "")
