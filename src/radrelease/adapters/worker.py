"""What all engines share: what becomes of a task that goes wrong, and how a worker process is set up."""

from __future__ import annotations

import signal
import traceback
from dataclasses import dataclass
from typing import Any

from radrelease.adapters.limits import die_with_parent
from radrelease.rejections import Reason

__all__ = ["Failure", "Raised", "one_thread_each", "raised", "settled", "start"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that ended its process, or took longer or more memory than it may."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of a task, and the places in the code where it came about."""

    error: Exception
    places: str


def raised(error: Exception) -> Raised:
    """The exception with its places, without the words of the error: these may quote an input."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (
        f"  {frame.name}, line {frame.lineno} of {frame.filename.rsplit('/', 1)[-1]}" for frame in frames
    )
    return Raised(error, "in a worker:\n" + "\n".join(places))


def settled(answer: Any) -> Any:
    """What a worker's answer comes to: a result or a :class:`Failure`. A defect is raised here."""
    if not isinstance(answer, Raised):
        return answer
    if isinstance(answer.error, MemoryError):
        return Failure(Reason.WORKER_MEMORY)
    raise answer.error from RuntimeError(answer.places)


def start() -> None:
    """Set up a worker of this machine: it ends with its run, and the terminal's Ctrl-C is for the driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    one_thread_each()


def one_thread_each() -> None:
    """Keep libraries from starting threads of their own: the processes are the parallelism."""
    import pyarrow as pa  # noqa: PLC0415 - in the worker, not wherever this module is imported

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
