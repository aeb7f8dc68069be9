"""Groups of verbs, each imported when it is asked for: the help of one need not wait for the code of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

__all__ = ["Verb", "Verbs"]


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb is, and what the help of its group says of it."""

    module: str  # within this package
    name: str  # of the command in the module
    summary: str


class Verbs(click.Group):
    """A group whose ``verbs`` are imported one by one."""

    def __init__(self, *arguments: Any, verbs: Mapping[str, Verb], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """The names of all verbs, in order."""
        return sorted(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb, imported."""
        verb = self._verbs.get(cmd_name)
        if verb is None:
            return None
        command = getattr(import_module(f"{__package__}.{verb.module}"), verb.name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their summaries, and import none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._verbs[name].summary) for name in self.list_commands(ctx)])
