"""What an export knows, compiled once by the driver, for all its workers to read.

As pickles, which whoever can write to the private work folder could make say anything; that folder holds the
vault, and is trusted.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TypeVar

from radrelease.adapters.files import write_private

__all__ = ["read_compiled", "write_compiled"]

Compiled = TypeVar("Compiled")


def write_compiled(path: Path, compiled: object) -> None:
    """Write it to ``path``, for the owner alone."""
    write_private(path, pickle.dumps(compiled, protocol=pickle.HIGHEST_PROTOCOL))


def read_compiled(path: Path, kind: type[Compiled]) -> Compiled:
    """What was written to ``path``, which must be of that kind."""
    with path.open("rb") as file:
        compiled = pickle.load(file)  # noqa: S301 - of the run's own private folder
    if not isinstance(compiled, kind):
        raise TypeError(f"{kind.__name__} was expected")
    return compiled
