"""``radrelease audit``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, with_line
from radrelease.cli.terminal import Terminal
from radrelease.errors import ConfigError
from radrelease.pipeline import audit as run_audit

__all__ = ["audit"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
def audit(config: Path) -> None:
    r"""Read the finished release of CONFIG again and search it for everything the export knows.

    \b
    Example:
      radrelease audit release.toml
    """
    settings = load_config(config)
    try:
        findings = run_audit(settings, Terminal())
    except ConfigError as error:
        raise with_line(config, error) from None
    console = Console()
    if not findings:
        console.print("No finding.")
        return
    for finding in findings:
        console.print(f"{finding.check}: {finding.where}", markup=False, highlight=False)
    place = settings.release.work / "findings.parquet"
    console.print(f"{len(findings)} findings. What was found is in {place} (private).", soft_wrap=True)
    sys.exit(1)
