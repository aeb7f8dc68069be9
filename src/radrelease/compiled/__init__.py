"""Loops that are worth compiling, and the library they were compiled to where this machine had a compiler.

The C files are built when the package is installed (``hatch_build.py``). Whatever is compiled has a
fall-back that gives the same, in numpy or by pydicom, so a release does not depend on it
(docs/decisions/0012-resampling.md, docs/decisions/0026-plain-headers.md).
``RADRELEASE_NO_COMPILED=1`` turns the library off.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the build imports this module, and has no numpy
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["address", "library", "source_digest"]

_HERE = Path(__file__).parent


def source_digest(folder: Path) -> str:
    """What the C files of ``folder`` are known by: 16 hex digits that the library carries too."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def library() -> ctypes.CDLL | None:
    """The compiled library, or None where there is none, it is turned off, or it is of other C files."""
    if os.environ.get("RADRELEASE_NO_COMPILED") == "1":
        return None
    try:
        loaded = ctypes.CDLL(str(_HERE / "kernels.so"))
        built_from = ctypes.c_char_p.in_dll(loaded, "radrelease_source").value
    except (OSError, ValueError):
        return None
    return loaded if built_from == source_digest(_HERE).encode() else None


def address(array: NDArray[np.generic]) -> ctypes.c_void_p:
    """Where the values of ``array`` begin; the caller keeps the array until the library is done with it."""
    return ctypes.c_void_p(array.ctypes.data)
