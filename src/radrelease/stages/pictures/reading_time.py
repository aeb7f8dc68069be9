"""How long reading the pictures will take, before any is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from radrelease.config import Config
from radrelease.records.private import Instance, Study

__all__ = ["ReadingTime", "reading_time"]

_SECONDS = {
    ("suspicious", False): 0.06,
    ("suspicious", True): 0.2,
    ("all", False): 0.6,
    ("all", True): 8.5,
}
"""CPU-seconds per million pixels by ``search`` and ``tiles``, rounded up from benchmarks/bench_ocr.py."""

_USUAL_PIXELS = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTime:
    """How many pictures will be searched for text, and the CPU-hours that takes on one core, about."""

    pictures: int
    hours: float


def reading_time(studies: Iterable[Study], config: Config) -> ReadingTime | None:
    """The time for the eligible studies; None where no picture is searched for text."""
    if not config.reads_pixels:
        return None
    policies = config.pixel_policies
    sizes = [
        _pixels(instance)
        for study in studies
        for instance in study.instances
        if policies[instance.source] != "off"
    ]
    seconds = sum(sizes) / 1e6 * _SECONDS[config.pixel_text.search, config.pixel_text.tiles]
    return ReadingTime(pictures=len(sizes), hours=seconds / 3600)


def _pixels(instance: Instance) -> int:
    sides = [instance.attributes.get(keyword, "") for keyword in ("Rows", "Columns")]
    return int(sides[0]) * int(sides[1]) if all(side.isdigit() for side in sides) else _USUAL_PIXELS
