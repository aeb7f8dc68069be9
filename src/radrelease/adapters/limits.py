"""Limits on one piece of work, kept by the kernel: they hold also where a library does not come back."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["bounded", "die_with_parent", "memory_of", "within"]

_STATUS = Path("/proc/self/status")
_PR_SET_PDEATHSIG = 1


@contextmanager
def bounded(*, seconds: float, megabytes: int) -> Iterator[None]:
    """Both: :func:`within` that long, and :func:`memory_of` that much."""
    with within(seconds), memory_of(megabytes):
        yield


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the work take that long; overdue, SIGALRM ends the process. Nothing may be installed for it."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def memory_of(megabytes: int) -> Iterator[None]:
    """Let the work have that much memory beyond what the process holds; 0 is no limit.

    Where there is no more to be had, Python raises MemoryError; a library may end the process instead. There
    is no limit where the system does not say what a process holds (Linux does).
    """
    held = _data_bytes() if megabytes else None
    if held is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    most = held + (megabytes << 20)
    hard = before[1]
    resource.setrlimit(
        resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def die_with_parent() -> None:
    """End this process when the one that started it ends, however that ends (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _data_bytes() -> int | None:
    """What the kernel counts against RLIMIT_DATA: private memory that may be written, reserved or used."""
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("VmData:")), None)
    return None if found is None else int(found.split()[1]) << 10
