"""How ``bench_scale.py`` prints what it has measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pixel_tables import against, table
from scale_people import size_of

__all__ = ["Figures", "print_extrapolation", "print_goals", "print_rates", "print_steps"]

Figures = dict[str, Any]
Found = Mapping[float, Figures]  # by fraction of the paper's size, ascending
_Sizes = Mapping[float, Mapping[str, Figures]]  # costs by size and title

_WRITING = ("Writing the private accounts", "Writing the release")
"""The steps that write what is known of the splits, tables and metadata."""

_IDLE_MB = 50
"""Processes below that only keep watch over workers."""

_LEAST_S = 0.2
"""Shorter stretches are told together, and have no growth."""


def print_steps(found: Found) -> None:
    """Each step at each size, with the exponent by which its CPU time grows between the two largest."""
    print("Steps: wall s / CPU s of all processes / items per second / peak MB of the driver, of a worker\n")
    by_size = {fraction: _by_title(figures) for fraction, figures in found.items()}
    titles = list(by_size[max(by_size)])
    shown = [
        title
        for title in titles
        if any(title in costs and costs[title]["wall_s"] >= _LEAST_S for costs in by_size.values())
    ]
    rows = [
        [title, *(_cost(costs.get(title)) for costs in by_size.values()), _growth(by_size, title)]
        for title in shown
    ]
    sums = [_cost(_sum(list(costs.values()))) for costs in by_size.values()]
    heads = [f"{fraction:g}: {size_of(fraction).instances:,} files" for fraction in by_size]
    table(["step", *heads, "wall, CPU grow as n to the power of"], [*rows, ["**all**", *sums, ""]])
    for fraction, figures in found.items():
        built = figures["build"]
        print(
            f"{fraction:g}: {built['images']:,} pictures released, {built['rejected']} inputs rejected, "
            f"{len(built['findings'])} findings of the audit {sorted(set(built['findings']))}"
        )
    print(flush=True)


def print_goals(found: Found) -> None:
    """The goals of the paper's size, where that was measured; else only the figures of the largest."""
    largest, costs = max(found), found[max(found)]["build"]["steps"]
    whole = largest >= 1
    writing = sum(cost["wall_s"] for cost in costs if cost["title"] in _WRITING)
    driver = max(cost["driver_mb"] for cost in costs)
    workers = [max(cost["worker_mb"] for cost in one["build"]["steps"]) for one in found.values()]
    print(
        f"At {largest:g}: writing of splits, tables, cards, both layouts and checksums "
        f"{against(writing, 60 if whole else None, least=False, unit=' s')}; peak of the driver "
        f"{against(driver, 1500 if whole else None, least=False, unit=' MB')}; of a worker, by size, "
        f"{', '.join(f'{peak:.0f}' for peak in workers)} MB\n"
    )


def print_rates(found: Found) -> None:
    """Headers beside pydicom, reports against the goal."""
    print("Rates\n")
    table(
        ["", "files/s of a core: ours", "dcmread", "ratio", "handed over and kept too", "ratio",
         "reports/s, all processes", "per CPU-s of a core", "CPU ms a report: scrub, cut, terms",
         "until the first report, CPU s"],
        (_rates(fraction, figures["headers"], figures["reports"]) for fraction, figures in found.items()),
    )  # fmt: skip


def print_extrapolation(found: Found, mix: Sequence[str], processes: int) -> None:
    """The whole job at the paper's size: the largest measured, grown as it grew, and the pictures.

    By the clock, and by CPU time as it would be on cores that nobody else uses.
    """
    sizes = {fraction: _by_title(figures) for fraction, figures in found.items()}
    images = size_of(1).instances
    parts = [part.split(":") for part in mix]
    pictures = images * sum(float(ms) * float(share) for _, ms, share in parts) / 1000 / processes
    print(
        f"The whole job at the paper's size on {processes} cores, from {max(sizes):g} of it as it grew, "
        f"pictures {pictures / 3600:.2f} h ({', '.join(mix)}):"
    )
    for name, measure in (("wall_s", "by the clock"), ("cpu_s", "by CPU time")):
        rest = sum(_at_full_size(sizes, title, name, processes) for title in sizes[max(sizes)])
        together = against(images / (rest + pictures), 10, least=True, unit=" images/s")
        print(f"  {measure}, all but the pictures {rest / 3600:.2f} h; together {together}")
    print(
        "Not in it: that the bytes of real pictures are written and read more than once (shards, parts, "
        "checksums, audit); see --side."
    )


def _at_full_size(sizes: _Sizes, title: str, name: str, processes: int) -> float:
    """Seconds of a step, on all cores where it has workers."""
    largest = max(sizes)
    cost = sizes[largest][title]
    cores = processes if name == "cpu_s" and cost["worker_mb"] > _IDLE_MB else 1
    power = max(1.0, _exponent(sizes, title, name, default=1.0))  # less only while starting counts for much
    grown: float = cost[name] / cores * (1 / largest) ** power
    return grown


def _by_title(figures: Figures) -> Mapping[str, Figures]:
    return {cost["title"]: cost for cost in figures["build"]["steps"]}


def _cost(cost: Mapping[str, Any] | None) -> str:
    if cost is None:
        return ""
    rate = f"{cost['items'] / cost['wall_s']:,.0f}/s" if cost["items"] and cost["wall_s"] else "-"
    turns = f" ({cost['turns']} x)" if cost["turns"] > 1 else ""
    memory = f"{cost['driver_mb']:.0f}" + (
        f", {cost['worker_mb']:.0f}" if cost["worker_mb"] > _IDLE_MB else ""
    )
    return f"{cost['wall_s']:.1f} / {cost['cpu_s']:.1f} / {rate} / {memory}{turns}"


def _sum(costs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    added = {name: sum(cost[name] for cost in costs) for name in ("wall_s", "cpu_s")}
    most = {name: max(cost[name] for cost in costs) for name in ("driver_mb", "worker_mb")}
    return {**added, **most, "items": 0, "turns": 1}


def _growth(sizes: _Sizes, title: str) -> str:
    figures = [_exponent(sizes, title, name, default=None) for name in ("wall_s", "cpu_s")]
    return ", ".join("" if figure is None else f"{figure:.2f}" for figure in figures)


def _exponent(sizes: _Sizes, title: str, name: str, *, default: Any) -> Any:
    """How the figure grows between the two largest sizes; the default where it is too small to tell."""
    if len(sizes) < 2:
        return default
    less, more = sorted(sizes)[-2:]
    before, after = (sizes[size].get(title, {}).get(name, 0.0) for size in (less, more))
    if min(before, after) < _LEAST_S / 4:
        return default
    return math.log(after / before) / math.log(more / less)


def _rates(fraction: float, headers: Mapping[str, Any], reports: Mapping[str, Any]) -> list[str]:
    times = (reports["scrub_ms"], reports["cut_ms"], reports["compile_ms"])
    return [
        f"{fraction:g}",
        f"{headers['ours']:,.0f}",
        f"{headers['pydicom']:,.0f}",
        against(headers["ours"] / headers["pydicom"], 4, least=True),
        f"{headers['kept']:,.0f}",
        f"{headers['kept'] / headers['pydicom']:.2f}",
        against(reports["per_second"], 5000, least=True, unit=""),
        f"{reports['per_cpu_second']:,.0f}",
        ", ".join(f"{ms:.2f}" for ms in times),
        f"{reports['start_s']:.1f}",
    ]
