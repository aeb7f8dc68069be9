"""A ``release.toml`` over a synthetic export, with a key beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.config import Config
from radrelease.identifiers import Secret
from radrelease.testing import release_toml

KEY = "0123456789abcdef" * 4
_RELEASE = {"name": "t", "output": "release", "work": "work"}


def settings_text(sources: str | None = None, **tables: Mapping[str, Any]) -> str:
    """The settings: ``[release]`` with what is given over the usual, the sources, and the tables given."""
    given = {"release": _RELEASE | dict(tables.pop("release", {}))}
    rest = {**tables, "secret": {"key_file": "key"}}
    return f"{_written(given)}{release_toml() if sources is None else sources}\n{_written(rest)}"


def _written(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """The tables as TOML; strings, numbers and lists are written there as in JSON."""
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()) + "\n"
        for name, table in tables.items()
    )


def write_key(path: Path, *, mode: int = 0o600) -> None:
    path.write_text(KEY)
    path.chmod(mode)


def write_settings(folder: Path, sources: str | None = None, **tables: Mapping[str, Any]) -> Path:
    """``release.toml`` and ``key`` in the folder; the path of the first."""
    write_key(folder / "key")
    path = folder / "release.toml"
    path.write_text(settings_text(sources, **tables), encoding="utf-8")
    return path


def read_settings(folder: Path) -> tuple[Config, Secret]:
    config = load_config(folder / "release.toml")
    return config, load_secret(config)


def configure(folder: Path, sources: str | None = None, **tables: Mapping[str, Any]) -> tuple[Config, Secret]:
    """Write the settings, and read them."""
    write_settings(folder, sources, **tables)
    return read_settings(folder)
