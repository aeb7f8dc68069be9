"""``radrelease vault``."""

from __future__ import annotations

import csv
import dataclasses
import os
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.vault import CrosswalkRow, read_vault, vault_identity
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
    rows = read_vault(settings.release.work / "vault.age", load_secret(settings))
    count = 0
    with _open_private(target) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in dataclasses.fields(CrosswalkRow))
        for row in rows:
            writer.writerow(dataclasses.astuple(row))
            count += 1
    Console().print(f"{count} rows in {target}. The file is PHI.", soft_wrap=True)


@vault.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def identity(config: Path, target: Path) -> None:
    """Write to TARGET (mode 0600) what opens the vault of CONFIG with any age program.

    \b
    Example:
      radrelease vault identity release.toml vault.key
      age -d -i vault.key -o crosswalk.parquet work/vault.age
    """
    identity = vault_identity(load_secret(load_config(config)))
    with _open_private(target) as file:
        file.write(f"{identity}\n")
    Console().print(f"{target} opens the vault. Keep it as you keep the secret key.", soft_wrap=True)


def _open_private(target: Path) -> TextIO:
    """A new file that its owner alone may read; :class:`ConfigError` where there is one."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(str(target), "is already there", "Name a new file") from None
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
