"""What a named-entity model says of a report, and which model said it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Entity", "ModelIdentity"]


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Characters ``start`` to ``end`` of a text, and what the model takes them for, in its own words."""

    start: int
    end: int
    label: str  # PERSON, PER, GPE ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Which model looked at the reports: with another one, other bytes come out."""

    name: str
    version: str  # "" where the model states none
    engine: str  # the library that runs it, with its version
    sha256: str  # over the names and bytes of all its files

    def __str__(self) -> str:
        return f"{f'{self.name} {self.version}'.strip()} ({self.engine}, SHA-256 {self.sha256})"
