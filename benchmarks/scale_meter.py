"""What a job costs, step by step: wall and CPU time, and peak memory of the driver and of its workers.

The steps are those that the job itself announces; what is done between two of them is counted as well.
Figures are those of the kernel (proc(5)), read by a thread four times a second.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Cost", "Meter"]

_TICKS = os.sysconf("SC_CLK_TCK")
_INTERVAL_S = 0.25


@dataclass(slots=True)
class Cost:
    """Of one step, of all its turns."""

    title: str
    items: int = 0
    turns: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0  # of all processes
    driver_mb: float = 0.0  # peak resident memory, MB of 10^6, the imports included
    worker_mb: float = 0.0  # the greatest of the other processes; 0 where there was none


class Meter:
    """A :class:`radrelease.progress.Progress` that keeps what each step costs, on ``disk`` too."""

    def __init__(self, disk: Path) -> None:
        self.costs: dict[str, Cost] = {}
        self._disk = disk
        self._now = "before the first step"
        self._done = 0
        self._workers_kb = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._begin()
        self._thread.start()

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Meter]:
        """Close what was between two steps, and begin a step; ``total`` is told by what advances."""
        self._close(total=None)
        self._now = title
        yield self
        self._close(total)
        self._now = f"after {title}"

    def advance(self, count: int = 1) -> None:
        """Count items."""
        self._done += count

    def say(self, remark: str) -> None:
        """Nothing to measure."""

    def end(self) -> tuple[Cost, ...]:
        """Close the last stretch; all costs, in the order in which they came first."""
        self._close(total=None)
        self._ended.set()
        self._thread.join()
        return tuple(self.costs.values())

    def _begin(self) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets VmHWM back to what is held now
        self._workers_kb, self._done = 0, 0
        self._wall, self._cpu = time.perf_counter(), _cpu_s()

    def _close(self, total: int | None) -> None:
        self._sample()
        cost = self.costs.setdefault(self._now, Cost(self._now))
        cost.items += self._done or total or 0
        cost.turns += 1
        cost.wall_s += time.perf_counter() - self._wall
        cost.cpu_s += max(0.0, _cpu_s() - self._cpu)
        cost.driver_mb = max(cost.driver_mb, _peak_kb(os.getpid()) * 1024 / 1e6)
        cost.worker_mb = max(cost.worker_mb, self._workers_kb * 1024 / 1e6)
        rows = [asdict(cost) for cost in self.costs.values()]
        self._disk.write_text(json.dumps({"steps": rows}, indent=1), encoding="ascii")
        self._begin()

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_S):
            self._sample()

    def _sample(self) -> None:
        others = _descendants(os.getpid())
        self._workers_kb = max(self._workers_kb, max(map(_peak_kb, others), default=0))


def _descendants(root: int) -> list[int]:
    found: list[int] = []
    for thread in _listed(Path(f"/proc/{root}/task")):
        for child in _read(Path(f"/proc/{root}/task/{thread}/children")).split():
            found += [int(child), *_descendants(int(child))]
    return found


def _cpu_s() -> float:
    """Of this process and all below it, the ended ones that their parents have waited for included."""
    return sum(map(_ticks, [os.getpid(), *_descendants(os.getpid())])) / _TICKS


def _ticks(process: int) -> int:
    fields = _read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))


def _peak_kb(process: int) -> int:
    lines = _read(Path(f"/proc/{process}/status")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names of threads, of which one may just have ended
    except OSError:
        return []


def _read(path: Path) -> str:
    """A file of proc; "" where the process has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
