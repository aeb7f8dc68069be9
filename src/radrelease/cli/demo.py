"""``radrelease demo``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.files import write_private
from radrelease.adapters.sealing_keys import make_sealing_key
from radrelease.cli.build import build_and_print
from radrelease.cli.terminal import Terminal
from radrelease.errors import ConfigError
from radrelease.testing import make_export, release_toml

__all__ = ["demo"]

_KEY = b"a key for invented patients only, known to everybody\n"
"""The demo's patients are invented, and its release is to come out alike everywhere."""

_TOML = """[release]
name = "radrelease demo"
version = "1.0.0"
output = "release"
work = "work"
layouts = ["native", "rexgradient"]
id_prefix = "DEMO"
parts = 10

{sources}
[split]
valid = 0.1
test = 0.1
private_test = 0.1
train = "rest"

[card]
description = "Invented patients and drawn pictures, to show what a release looks like."
authors = [{{ name = "radrelease demo" }}]
ethics = "No review is needed: no person is in it."
license = "cc0-1.0"

[sealing]
recipient = "{recipient}"

[secret]
key_file = "key"
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="demo")
def demo(folder: Path) -> None:
    """Make a synthetic hospital export in FOLDER and turn it into a release.

    Leaves export, gold (the truth), release.toml, key, sealing.key, work, release and private_test there.

    \b
    Example:
      radrelease demo demo && radrelease build demo/release.toml
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "gold").is_dir():
        raise ConfigError(str(folder), "holds something that is not a demo", "Name an empty or new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with Terminal().step("Making a synthetic hospital export", None):
        make_export(folder)
    settings_text = _TOML.format(sources=release_toml(), recipient=make_sealing_key(folder))
    (folder / "release.toml").write_text(settings_text, encoding="utf-8")
    write_private(folder / "key", _KEY)
    settings = load_config(folder / "release.toml")
    if build_and_print(settings, load_secret(settings)).findings:
        sys.exit(1)
