"""The engine: maps tasks to results over processes, and survives what a task does to its process.

Nothing else knows which engine runs, and nothing here knows what a task is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from radrelease.adapters.local_workers import run_locally
from radrelease.adapters.worker import Failure

__all__ = ["Failure", "run", "run_bisecting"]

Task = TypeVar("Task")
Result = TypeVar("Result")
Item = TypeVar("Item")


def run(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    processes: int,
    timeout_s: Callable[[Task], float],
) -> Iterator[tuple[Task, Result | Failure]]:
    """Yield each task with its result, in the order in which they finish.

    ``processes`` 0 means one per core. An exception of ``function`` is a defect of ours and is
    raised here; a dead or overdue process is a :class:`Failure`, and its place is filled again.
    """
    return run_locally(function, tasks, processes=processes, timeout_s=timeout_s)


def run_bisecting(
    function: Callable[[tuple[Item, ...]], Result],
    batches: Iterable[Sequence[Item]],
    *,
    processes: int,
    timeout_s: float,
) -> Iterator[tuple[tuple[Item, ...], Result | Failure]]:
    """Like :func:`run` over batches of items, a failing batch halved until one item is to blame.

    Every item is in exactly one yielded batch; a :class:`Failure` comes with a single item that failed
    twice alone, as a process may also be ended from outside. ``timeout_s`` is per item.
    """
    tasks: Iterable[tuple[Item, ...]] = map(tuple, batches)
    suspects: list[tuple[Item, ...]] = []
    while True:
        halves: list[tuple[Item, ...]] = []
        for batch, result in run(
            function, tasks, processes=processes, timeout_s=lambda batch: timeout_s * len(batch)
        ):
            if not isinstance(result, Failure):
                yield batch, result
            elif len(batch) > 1:
                middle = len(batch) // 2
                halves += (batch[:middle], batch[middle:])
            else:
                suspects.append(batch)
        if not halves:
            break
        tasks = halves
    yield from run(function, suspects, processes=processes, timeout_s=lambda _: timeout_s)
