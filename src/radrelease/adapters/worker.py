"""What all engines share: what becomes of a task that goes wrong, and how a worker process is set up."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from radrelease.adapters.limits import die_with_parent
from radrelease.rejections import Reason

__all__ = ["Failure", "one_thread_each", "start"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that ended its process, or took longer or more memory than it may."""

    reason: Reason


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
