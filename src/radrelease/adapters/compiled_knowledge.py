"""What an export knows, compiled once by the driver, for all its workers to read.

As pickles, which could make a worker do anything; so the driver tells with each task what their bytes are,
and no others are loaded.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from radrelease.adapters.files import write_private
from radrelease.errors import BrokenPromise

__all__ = ["Compiled", "read_compiled", "write_compiled"]

Knowledge = TypeVar("Knowledge")


@dataclass(frozen=True, slots=True)
class Compiled(Generic[Knowledge]):
    """Where it was written, and the SHA-256 of its bytes."""

    path: Path
    digest: str


def write_compiled(path: Path, knowledge: Knowledge) -> Compiled[Knowledge]:
    """Write it to ``path``, for the owner alone."""
    data = pickle.dumps(knowledge, protocol=pickle.HIGHEST_PROTOCOL)
    write_private(path, data)
    return Compiled(path, hashlib.sha256(data).hexdigest())


def read_compiled(compiled: Compiled[Knowledge]) -> Knowledge:
    """What was written; raises :class:`BrokenPromise` where other bytes are there by now."""
    data = compiled.path.read_bytes()
    if hashlib.sha256(data).hexdigest() != compiled.digest:
        raise BrokenPromise("what an export knows was changed in the work folder while the run went on")
    knowledge: Knowledge = pickle.loads(data)  # noqa: S301 - the very bytes that were written
    return knowledge
