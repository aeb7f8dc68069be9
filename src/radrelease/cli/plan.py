"""``radrelease plan``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, load_secret, with_line
from radrelease.cli.printing import (
    print_assignment,
    print_building,
    print_doubts,
    print_flow,
    print_labelling,
    print_rare,
    print_reading_time,
)
from radrelease.cli.terminal import Terminal
from radrelease.errors import ConfigError
from radrelease.pipeline import plan as run_plan

__all__ = ["plan"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
def plan(config: Path) -> None:
    """Read the export and say what a build would release and turn away, and how long it takes.

    A few pictures are drawn for the estimate, and thrown away.

    \b
    Example:
      radrelease plan release.toml
    """
    settings = load_config(config)
    try:
        planned = run_plan(settings, load_secret(settings), Terminal())
    except ConfigError as error:
        raise with_line(config, error) from None
    console = Console()
    print_flow(console, planned.flow)
    print_assignment(console, planned.assignment)
    print_rare(console, planned.rare, settings.deidentification.smallest_cell)
    print_doubts(console, planned.doubts)
    print_reading_time(console, planned.reading)
    print_labelling(console, planned.labelling)
    print_building(console, planned.building)
    rejected = settings.release.work / "rejected.parquet"
    console.print(f"Rejected inputs, with reasons (private): {rejected}", soft_wrap=True, highlight=False)
    if planned.doubts:
        place = settings.release.work / "patient_numbers.parquet"
        console.print(f"Patient numbers in doubt (private): {place}", soft_wrap=True, highlight=False)
