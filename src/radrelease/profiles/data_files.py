"""The data files that stand beside this module, read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["read_profile", "read_text"]


@cache
def read_profile(name: str) -> Mapping[str, Any]:
    """What the TOML file ``name`` says; parsed once, as several modules may ask."""
    return tomllib.loads(read_text(name))


def read_text(name: str) -> str:
    """The text of the file ``name``."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
