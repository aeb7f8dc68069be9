"""The engine: maps tasks to results over processes, and survives what a task does to its process.

Nothing else knows which engine runs, and nothing here knows what a task is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from radrelease.adapters.limits import die_with_parent
from radrelease.rejections import Reason

__all__ = ["Failure", "run", "run_bisecting"]

Task = TypeVar("Task")
Result = TypeVar("Result")
Item = TypeVar("Item")

_AHEAD = 3
"""Tasks handed out per process, so that none waits and memory does not grow with the export."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that ended its process, or took longer or more memory than it may."""

    reason: Reason


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
    count = processes or len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("forkserver")
    waiting = iter(tasks)
    running: dict[Future[Result], Task] = {}
    with ProcessPool(max_workers=count, context=context, initializer=_start) as pool:
        try:
            while True:
                while len(running) < _AHEAD * count and (task := next(waiting, None)) is not None:
                    running[pool.schedule(function, args=[task], timeout=timeout_s(task))] = task
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    result: Result | Failure = _outcome(future)
                    yield task, result
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def run_bisecting(
    function: Callable[[tuple[Item, ...]], Result],
    batches: Iterable[Sequence[Item]],
    *,
    processes: int,
    timeout_s: float,
) -> Iterator[tuple[tuple[Item, ...], Result | Failure]]:
    """Like :func:`run` over batches of items, a failing batch halved until one item is to blame.

    Every item is in exactly one yielded batch; a :class:`Failure` comes with a single item.
    ``timeout_s`` is per item.
    """
    queue = deque(tuple(batch) for batch in batches)
    while queue:
        tasks, queue = queue, deque()
        for batch, result in run(
            function, tasks, processes=processes, timeout_s=lambda batch: timeout_s * len(batch)
        ):
            if isinstance(result, Failure) and len(batch) > 1:
                middle = len(batch) // 2
                queue.extend((batch[:middle], batch[middle:]))
            else:
                yield batch, result


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.result()
    except TimeoutError:
        return Failure(Reason.WORKER_TIMEOUT)
    except MemoryError:
        return Failure(Reason.WORKER_MEMORY)
    except ProcessExpired as error:
        overdue = error.exitcode == -signal.SIGALRM  # see radrelease.adapters.limits
        return Failure(Reason.WORKER_TIMEOUT if overdue else Reason.WORKER_CRASHED)


def _start() -> None:
    """Leave no worker behind a run that was killed, and keep libraries from starting threads.

    The processes are the parallelism.
    """
    import pyarrow as pa  # noqa: PLC0415 - in the worker, not wherever this module is imported

    die_with_parent()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
