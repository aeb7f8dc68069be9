"""Everything radrelease raises on purpose.

    RadreleaseError
    ├── ConfigError          bad usage or configuration; one message, before any work      exit 2
    │   └── MissingExtra         an optional part is not installed; says what to install
    ├── DamagedRelease       a release that is read is not whole; its files say more     exit 1
    ├── DamagedLog           the log of openings is not what was written; nothing is opened  exit 1
    ├── QuotaSpent           a team has scored as often as it may; nothing is opened     exit 1
    ├── ProgramFailed        a participant's program left nothing that can be taken      exit 1
    ├── NothingToRelease     the run ended with no study that may leave                     exit 3
    ├── StorageFailed        a disk is full, gone or may not be written; run again          exit 4
    │   ├── ObjectStoreFailed    an object store did not answer, or refused
    │   └── HubFailed            the hub did not answer, or holds other bytes than were sent
    └── BrokenPromise        radrelease broke a promise of its own; nothing is published    exit 1
        └── PseudonymCollision   two originals share one pseudonym

A bad input item is never an exception: it becomes a :class:`radrelease.records.private.Rejected` row.
No message may quote an identifier, a report or a header value: messages leave the private work
folder, through terminals and logs.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

__all__ = [
    "BrokenPromise",
    "ConfigError",
    "DamagedLog",
    "DamagedRelease",
    "HubFailed",
    "MissingExtra",
    "NothingToRelease",
    "ObjectStoreFailed",
    "ProgramFailed",
    "PseudonymCollision",
    "QuotaSpent",
    "RadreleaseError",
    "StorageFailed",
]

_LONGEST_SHOWN = 600
"""Signs of a place or a problem that a message shows."""


class RadreleaseError(Exception):
    """The root of the tree; ``exit_code`` is what the command line returns."""

    exit_code: ClassVar[int] = 1


class ConfigError(RadreleaseError):
    """The configuration or the call cannot be carried out.

    ``where`` is what the user wrote (``release.toml:12 [split] valid``), ``problem`` what is wrong
    with it and ``mend`` what to write instead. Of a name without end the message shows the beginning.
    """

    exit_code = 2

    def __init__(self, where: str, problem: str, mend: str) -> None:
        super().__init__(f"{_beginning(where)}: {_beginning(problem)}. {mend}")
        self.where = where
        self.problem = problem
        self.mend = mend

    def __reduce__(self) -> tuple[type[ConfigError], tuple[str, str, str]]:
        return type(self), (self.where, self.problem, self.mend)


def _beginning(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


class MissingExtra(ConfigError):
    """A part that is not in the base install was asked for."""


class DamagedRelease(RadreleaseError):
    """A release that is read lacks files, or has broken ones. ``where`` is a place in the release."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}. Compare the files with SHA256SUMS, or download them again")
        self.where, self.problem = where, problem

    def __reduce__(self) -> tuple[type[DamagedRelease], tuple[str, str]]:
        return type(self), (self.where, self.problem)


class DamagedLog(RadreleaseError):
    """The log of openings was altered, and nothing is opened until somebody has looked into it."""

    def __init__(self) -> None:
        super().__init__(
            "openings.jsonl: the chain of entries does not hold, so nothing is opened."
            " Compare it with a copy, and find out who changed it"
        )


class QuotaSpent(RadreleaseError):
    """A team has scored ``allowed`` times in ``days`` days; ``free`` is when it may again."""

    def __init__(self, allowed: int, days: int, free: datetime) -> None:
        times = "once" if allowed == 1 else f"{allowed} times"
        super().__init__(
            f"This team may score {times} in {days} days, and has."
            f" The next time is from {free:%Y-%m-%d %H:%M} UTC"
        )
        self.allowed, self.days, self.free = allowed, days, free

    def __reduce__(self) -> tuple[type[QuotaSpent], tuple[int, int, datetime]]:
        return type(self), (self.allowed, self.days, self.free)


class ProgramFailed(RadreleaseError):
    """A participant's program failed in its sandbox; quotes nothing that it said."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The program gave no predictions: {problem}. Its own messages are in the log")
        self.problem = problem

    def __reduce__(self) -> tuple[type[ProgramFailed], tuple[str]]:
        return type(self), (self.problem,)


class NothingToRelease(RadreleaseError):
    """No study of the export may leave; the rejected table says why."""

    exit_code = 3


class StorageFailed(RadreleaseError):
    """The system could not read or write. The text names no file: an export's file names may identify."""

    exit_code = 4


class ObjectStoreFailed(StorageFailed):
    """An object store did not answer for minutes, or refused; names no object."""

    def __init__(self, doing: str, kind: str = "") -> None:
        said = f" ({kind})" if kind else ""
        super().__init__(f"The object store failed while {doing}{said}. Look after it and run again")
        self.doing, self.kind = doing, kind

    def __reduce__(self) -> tuple[type[ObjectStoreFailed], tuple[str, str]]:
        return type(self), (self.doing, self.kind)


class HubFailed(StorageFailed):
    """The hub did not answer for minutes, or what it holds is not what was sent; quotes no address."""

    def __init__(self, doing: str, kind: str) -> None:
        super().__init__(f"The hub failed while {doing} ({kind}). Run the same command again: it goes on")
        self.doing, self.kind = doing, kind

    def __reduce__(self) -> tuple[type[HubFailed], tuple[str, str]]:
        return type(self), (self.doing, self.kind)


class BrokenPromise(RadreleaseError):
    """An invariant of radrelease does not hold; the run stops and nothing is published."""


class PseudonymCollision(BrokenPromise):
    """Two different originals were given one pseudonym."""
