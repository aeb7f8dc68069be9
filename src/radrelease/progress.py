"""How a long job says how far it is; it speaks of counts and never of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent", "Step"]


class Step(Protocol):
    """One step under way."""

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more items are done."""


class Progress(Protocol):
    """Where steps and remarks are shown."""

    def step(self, title: str, total: int | None) -> AbstractContextManager[Step]:
        """Begin a step over ``total`` items, None where that is not known."""

    def say(self, remark: str) -> None:
        """Show one line."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Step]:  # noqa: ARG002
        """Begin a step that nobody sees."""
        yield self

    def advance(self, count: int = 1) -> None:
        """Do nothing."""

    def say(self, remark: str) -> None:
        """Do nothing."""
