"""``radrelease verify``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal

from radrelease.cli.terminal import Terminal
from radrelease.records.publication import Verdict
from radrelease.verifying import verify as verify_folder

__all__ = ["verify"]

_SHOWN = 50
"""Faults on the screen."""


@click.command()
@click.argument("release", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--full", is_flag=True, help="Decode every picture, and not a sample.")
def verify(release: Path, *, full: bool) -> None:
    """Say whether RELEASE, as you have received it, is complete, unchanged and loadable.

    RELEASE is a whole release or one layout of it; no configuration and no key is needed. Every file is held
    against its checksum and opened, and the rows are counted. The exit code is 1 if anything is wrong.

    \b
    Example:
      radrelease verify chest/native
      radrelease verify --full chest/native
    """
    verdict = verify_folder(release, Terminal(), full=full)
    console = Console()
    console.print(
        f"{verdict.name} {verdict.version} ({', '.join(verdict.layouts) or 'no layout'}):"
        f" {verdict.files:,} files, {decimal(verdict.size)}, {verdict.pictures:,} pictures decoded",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for question, holds in (
        ("complete", verdict.complete),
        ("unchanged", verdict.unchanged),
        ("loadable", verdict.loadable),
    ):
        console.print(
            f"{question + ':':<11}{'[green]yes[/]' if holds else '[bold red]no[/]'}", highlight=False
        )
    _print_faults(console, verdict)
    if verdict.faults:
        sys.exit(1)


def _print_faults(console: Console, verdict: Verdict) -> None:
    for fault in verdict.faults[:_SHOWN]:
        detail = f" ({fault.detail})" if fault.detail else ""
        console.print(
            f"  {fault.kind.value}: {fault.path}{detail}", markup=False, highlight=False, soft_wrap=True
        )
    if len(verdict.faults) > _SHOWN:
        console.print(f"  and {len(verdict.faults) - _SHOWN} more", highlight=False)
