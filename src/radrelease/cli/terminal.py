"""What a verb shows while it works: steps under way. Counts, and never an input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from radrelease.progress import Step

__all__ = ["Terminal"]


class Terminal:
    """Shows steps on standard error: bars on a terminal, one line per step elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Step]:
        """Show a step until it is left."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        if not self.console.is_terminal:
            self.console.print(title if total is None else f"{title} ({total})")
        with RichProgress(*columns, console=self.console, disable=not self.console.is_terminal) as bars:
            yield _Bar(bars, title, total)

    def say(self, remark: str) -> None:
        """Show one line."""
        self.console.print(remark, markup=False)


class _Bar:
    def __init__(self, bars: RichProgress, title: str, total: int | None) -> None:
        self._bars = bars
        self._task = bars.add_task(title, total=total)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        self._bars.advance(self._task, count)
