"""``radrelease vault``."""

from __future__ import annotations

import csv
import dataclasses
import os
from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.vault import CrosswalkRow, read_vault
from radrelease.errors import ConfigError

__all__ = ["vault"]


@click.group()
def vault() -> None:
    """The encrypted crosswalk.

    \b
    Example:
      radrelease vault export release.toml crosswalk.csv
    """


@vault.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def export(config: Path, target: Path) -> None:
    """Write the crosswalk of CONFIG in the clear to TARGET (CSV, mode 0600).

    \b
    Example:
      radrelease vault export release.toml crosswalk.csv
    """
    settings = load_config(config)
    if target.exists():
        raise ConfigError(str(target), "is already there", "Name a new file")
    rows = read_vault(settings.release.work / "vault.age", load_secret(settings))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    count = 0
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in dataclasses.fields(CrosswalkRow))
        for row in rows:
            writer.writerow(dataclasses.astuple(row))
            count += 1
    Console().print(f"{count} rows in {target}. The file is PHI.", soft_wrap=True)
