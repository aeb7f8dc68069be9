"""A de-identification profile for headers, as data that describes itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.errors import ConfigError
from radrelease.profiles.data_files import read_profile

__all__ = ["HeaderProfile", "HeaderRule", "load_header_profile", "profile_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRule:
    """What becomes of one element; ``action`` is a code of PS3.15 table E.1-1a.

    ``rare`` names what becomes of a value that too few patients share, "" where nothing does.
    """

    keyword: str
    action: str
    rule: str
    meaning: str
    vocabulary: str = ""
    rare: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderProfile:
    """The elements that leave, by keyword; every other element does not."""

    name: str
    title: str
    standard: str
    rules: tuple[HeaderRule, ...]
    vocabularies: Mapping[str, frozenset[str]]


def profile_names() -> tuple[str, ...]:
    """The names of the header profiles that come with this version."""
    return ("rexgradient",)


@cache
def load_header_profile(name: str) -> HeaderProfile:
    """The profile of that name; :class:`ConfigError` when there is none."""
    if name not in profile_names():
        known = ", ".join(profile_names())
        raise ConfigError("[deidentification] profile", f"there is no profile {name!r}", f"Known: {known}")
    document = read_profile(f"{name}.toml")
    return HeaderProfile(
        name=document["name"],
        title=document["title"],
        standard=document["standard"],
        rules=tuple(HeaderRule(**row) for row in document["attribute"]),
        vocabularies={key: frozenset(values) for key, values in document["vocabularies"].items()},
    )
