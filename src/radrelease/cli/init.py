"""``radrelease init``."""

from __future__ import annotations

import os
import secrets
from importlib import resources
from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.files import write_private
from radrelease.adapters.sealing_keys import SEALING_KEY, make_sealing_key
from radrelease.errors import ConfigError

__all__ = ["init", "make_key"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write a commented release.toml, a new secret key and a sealing key into FOLDER.

    \b
    Example:
      radrelease init my-release && radrelease plan my-release/release.toml
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "release.toml"
    for path in (target, folder / "key", folder / SEALING_KEY):
        if path.exists():
            raise ConfigError(str(path), "is already there", "Name another folder, or remove it yourself")
    template = resources.files("radrelease.cli").joinpath("release.toml.template").read_text(encoding="utf-8")
    target.write_text(template.replace("{recipient}", make_sealing_key(folder)), encoding="utf-8")
    make_key(folder / "key")
    console = Console()
    console.print(f"Wrote {target}; set the paths in it, then: radrelease plan {target}", soft_wrap=True)
    console.print(
        f"Wrote {folder / 'key'} (mode 0600). Keep a copy in a safe place: without it the crosswalk "
        "cannot be opened and no later version can use the same pseudonyms.",
        soft_wrap=True,
    )
    console.print(
        f"Wrote {folder / SEALING_KEY} (mode 0600). It opens the references of the private test split: "
        "a build does not need it, so keep it where models are scored.",
        soft_wrap=True,
    )


def make_key(path: Path) -> None:
    """Write a new key of 256 bits, for its owner alone."""
    write_private(path, secrets.token_hex(32).encode() + os.linesep.encode())
