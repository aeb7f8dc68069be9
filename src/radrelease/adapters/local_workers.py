"""Processes of this machine, each with a pipe of its own.

No lock and no queue is shared, so that a process that is killed at any moment takes nothing with it but
the task it had. A pool that shares them can wait for ever then (docs/explanation/architecture.md).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Any, Generic, TypeVar

from radrelease.adapters.worker import Failure, Raised, raised, settled, start
from radrelease.errors import ConfigError
from radrelease.rejections import Reason

__all__ = ["Slot", "count_cores", "run_locally"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_FORKED = "radrelease.forked"
"""The module with which processes are forked."""

_STARTS = 5
"""Tries to start a process: what forks them can be killed too, and is then started anew."""

_NONE_BEGINS = 8
"""Processes in a row that end before they begin: then it is none of the tasks that ends them."""

_GUARD = 'In a script of your own, call radrelease below `if __name__ == "__main__":`'

_BEGIN_S = 300.0
"""For a process to start, on a machine that has much to do."""

_LEAVE_S = 10.0
"""For a process to end by itself once its pipe is closed."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: ForkServerProcess
    pipe: Connection

    def end(self, patience_s: float = 0.0) -> int | None:
        """Close the pipe and see the process ended; its exit code."""
        self.pipe.close()
        self.process.join(patience_s)
        self.process.kill()
        self.process.join()
        return self.process.exitcode


@dataclass(slots=True)
class _Job(Generic[Task]):
    worker: _Worker
    task: Task
    until: float  # on the monotonic clock, which nobody sets
    begun: bool = False


class _Begun:
    """What a worker says before it works on a task: from then on its time counts."""


class Slot:
    """Room for one process, which works on what it is asked; where it ends, another takes its place."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._worker: _Worker | None = None

    def ask(self, task: object, timeout_s: float) -> Any:
        """The result, a :class:`Failure`, or what ``settled`` takes."""
        job = _hand(self._worker or _hire(self._function), task)
        self._worker = job.worker
        _, answer = _next_over({job.worker.pipe: job}, lambda _: timeout_s)
        if job.worker.pipe.closed:
            self._worker = None
        return answer


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def run_locally(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    processes: int,
    timeout_s: Callable[[Task], float],
) -> Iterator[tuple[Task, Result | Failure]]:
    """As :func:`radrelease.adapters.workers.run`; ``processes`` 0 means one per core of this machine.

    Raises :class:`ConfigError` where no process begins to work, as of a script that begins anew in each.
    """
    _prepare_forks()
    count = processes or count_cores()
    waiting = iter(tasks)
    idle: list[_Worker] = []
    busy: dict[Connection, _Job[Task]] = {}
    unbegun = 0

    def hand_out() -> None:
        while len(busy) < count and (task := next(waiting, None)) is not None:
            job = _hand(idle.pop() if idle else _hire(function), task)
            busy[job.worker.pipe] = job

    try:
        hand_out()
        while busy:
            job, answer = _next_over(busy, timeout_s)
            unbegun = 0 if job.begun else unbegun + 1
            if unbegun == _NONE_BEGINS:
                raise ConfigError("[workers]", "no worker process begins to work", _GUARD)
            outcome = settled(answer)
            del busy[job.worker.pipe]
            if not job.worker.pipe.closed:
                idle.append(job.worker)
            hand_out()
            yield job.task, outcome
        for worker in idle:
            worker.end(_LEAVE_S)
        idle.clear()
    finally:
        for worker in (*idle, *(job.worker for job in busy.values())):
            worker.process.kill()
            worker.end()


@cache
def _prepare_forks() -> None:
    """Fork processes from one that has imported what they need; each actor of a cluster forks one alone."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["__main__", _FORKED])


def _hire(function: Callable[[Any], Any]) -> _Worker:
    context = multiprocessing.get_context("forkserver")
    for attempt in range(_STARTS):
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(function, theirs), daemon=True)
        try:
            process.start()
        except (OSError, EOFError):
            ours.close()
            if attempt == _STARTS - 1:
                raise
            time.sleep(0.1 * (attempt + 1))
        else:
            return _Worker(process, ours)
        finally:
            theirs.close()  # only the worker holds it, so that its end is seen
    raise AssertionError


def _hand(worker: _Worker, task: Task) -> _Job[Task]:
    """Send the task; of a worker that is dead, this is seen when it is waited for."""
    with suppress(BrokenPipeError, ConnectionResetError):
        worker.pipe.send(task)
    return _Job(worker, task, time.monotonic() + _BEGIN_S)


def _next_over(
    busy: dict[Connection, _Job[Task]], timeout_s: Callable[[Task], float]
) -> tuple[_Job[Task], Any]:
    """A job whose worker answered or ended, or that is overdue, and what became of it."""
    while True:
        first = min(busy.values(), key=lambda job: job.until)
        ready = set(wait(list(busy), timeout=max(0.0, first.until - time.monotonic())))
        if not ready and time.monotonic() >= first.until:
            first.worker.process.kill()
            first.worker.end()
            return first, Failure(Reason.WORKER_TIMEOUT)
        for pipe, job in busy.items():
            if pipe in ready:
                answer = _received(job.worker)
                if not isinstance(answer, _Begun):
                    return job, answer
                job.until, job.begun = time.monotonic() + timeout_s(job.task), True


def _received(worker: _Worker) -> Any:
    """What the worker says; its pipe is closed where it has ended."""
    try:
        return worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        overdue = worker.end(_LEAVE_S) == -signal.SIGALRM  # see radrelease.adapters.limits
        return Failure(Reason.WORKER_TIMEOUT if overdue else Reason.WORKER_CRASHED)


def _serve(function: Callable[[Any], Any], pipe: Connection) -> None:
    """What a process does: task by task, until the pipe is closed."""
    start()
    while True:
        try:
            task = pipe.recv()
            pipe.send(_Begun())
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        try:
            answer = function(task)
        except Exception as error:
            answer = raised(error)
        _send(pipe, answer)


def _send(pipe: Connection, answer: object) -> None:
    try:
        pipe.send(answer)
    except (BrokenPipeError, ConnectionResetError):
        os._exit(1)  # the run is over
    except Exception as error:  # an answer that cannot be sent is a defect, told by its kind alone
        pipe.send(Raised(TypeError(f"a worker's answer cannot be sent ({type(error).__name__})"), ""))
