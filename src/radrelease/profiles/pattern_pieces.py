"""Expressions in data files, put together of the pieces that their file names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

__all__ = ["assembler"]

_PIECE = re.compile(r"\{([a-z_]+)\}")


def assembler(pieces: Mapping[str, str]) -> Callable[[str], str]:
    """What puts pieces in the place of their names in braces; a piece may name those before it.

    Raises KeyError for a name that is no piece.
    """
    whole: dict[str, str] = {}

    def assemble(expression: str) -> str:
        return _PIECE.sub(lambda found: whole[found[1]], expression)

    for name, piece in pieces.items():
        whole[name] = assemble(piece)
    return assemble
