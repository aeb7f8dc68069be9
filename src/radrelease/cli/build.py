"""``radrelease build``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, load_secret, with_line
from radrelease.cli.printing import (
    print_account,
    print_assignment,
    print_description,
    print_doubts,
    print_unread,
)
from radrelease.cli.terminal import Terminal
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret
from radrelease.pipeline import Built
from radrelease.pipeline import build as run_build

__all__ = ["build", "build_and_print"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
def build(config: Path) -> None:
    """Make the release that CONFIG describes, audit it, and put it in place.

    A run that was interrupted goes on where it stopped. With audit findings nothing is put in place
    and the exit code is 1.

    \b
    Example:
      radrelease build release.toml
    """
    settings = load_config(config)
    try:
        built = build_and_print(settings, load_secret(settings))
    except ConfigError as error:
        raise with_line(config, error) from None
    if built.findings:
        sys.exit(1)


def build_and_print(settings: Config, secret: Secret) -> Built:
    """Build with a progress display, and say what was made and where it is."""
    built = run_build(settings, secret, Terminal())
    console = Console()
    release = settings.release
    print_description(console, built.description)
    print_account(console, built.flow)
    print_assignment(console, built.assignment)
    print_doubts(console, built.doubts)
    if built.findings:
        console.print(f"[bold red]{len(built.findings)} audit findings: the release is withheld.[/]")
        for finding in built.findings[:20]:
            console.print(f"  {finding.check}: {finding.where}", markup=False, highlight=False)
        console.print(f"What was found is in {release.work / 'findings.parquet'} (private).", soft_wrap=True)
        return built
    for label, place in (
        ("Release", release.output),
        ("Look at", release.public_folder / "report.html"),
        ("Rejected inputs, with reasons (private)", release.work / "rejected.parquet"),
        ("Smallest groups of patients (private)", release.work / "small_cells.html"),
    ):
        console.print(f"{label}: {place}", soft_wrap=True, highlight=False)
    if built.private_studies:
        sealed = "sealed" if built.sealed_test else "not sealed: set [sealing] recipient"
        console.print(
            f"Private test split ({sealed}): {release.private_place}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
    if not settings.reads_pixels:
        print_unread(console)
    return built
