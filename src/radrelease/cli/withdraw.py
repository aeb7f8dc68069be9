"""``radrelease withdraw``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.continuing import withdraw as run_withdraw

__all__ = ["withdraw"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("numbers", nargs=-1, required=True)
def withdraw(config: Path, numbers: tuple[str, ...]) -> None:
    """Take patients out of the next version, by patient number or pseudonym.

    All of a patient's studies are turned away from now on, with the reason "withdrawn", in every build from
    this work folder. Raise [release] version and build again; the release in place is left as it is. Copies
    that others have taken cannot be called back.

    \b
    Example:
      radrelease withdraw release.toml RADR4K2M9X7T1QZB
    """
    settings = load_config(config)
    count = run_withdraw(settings, load_secret(settings), numbers)
    console = Console()
    patients = "1 patient is" if count == 1 else f"{count} patients are"
    console.print(f"{patients} withdrawn from the next build.", highlight=False)
    console.print("Raise [release] version, then: radrelease build", highlight=False, markup=False)
