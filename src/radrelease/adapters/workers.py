"""The engine: maps tasks to results over processes, and survives what a task does to its process.

``[workers] engine`` chooses it. Nothing else knows which one runs, and nothing here knows what a task is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from radrelease.adapters.local_workers import count_cores, run_locally
from radrelease.adapters.ray_workers import check_ray, count_on_ray, run_on_ray
from radrelease.adapters.worker import Failure
from radrelease.config import Config

__all__ = ["Failure", "check_engine", "count_workers", "in_batches", "run", "run_bisecting"]

Task = TypeVar("Task")
Result = TypeVar("Result")
Item = TypeVar("Item")


def check_engine(config: Config) -> None:
    """Raise :class:`radrelease.errors.ConfigError` where the engine that is asked for cannot be had."""
    if config.workers.engine == "ray":
        check_ray(config.workers)


def count_workers(config: Config) -> int:
    """How many tasks are worked on at once."""
    if config.workers.engine == "ray":
        return count_on_ray(config.workers)
    return config.workers.processes or count_cores()


def in_batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """The items, ``size`` of them at once, none asked for before its batch is."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


def run(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    config: Config,
    timeout_s: Callable[[Task], float],
) -> Iterator[tuple[Task, Result | Failure]]:
    """Yield each task with its result, in the order in which they finish.

    An exception of ``function`` is a defect of ours and is raised here; a dead or overdue process is a
    :class:`Failure`, and its place is filled again. ``function`` and the tasks are pickled.
    """
    if config.workers.engine == "ray":
        return run_on_ray(function, tasks, config=config, timeout_s=timeout_s)
    return run_locally(function, tasks, processes=config.workers.processes, timeout_s=timeout_s)


def run_bisecting(
    function: Callable[[tuple[Item, ...]], Result],
    batches: Iterable[Sequence[Item]],
    *,
    config: Config,
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
            function, tasks, config=config, timeout_s=lambda batch: timeout_s * len(batch)
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
    if suspects:
        yield from run(function, suspects, config=config, timeout_s=lambda _: timeout_s)
