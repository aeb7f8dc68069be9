"""``radrelease describe``."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from radrelease.errors import ConfigError

__all__ = ["describe"]


@click.command()
@click.argument("release", type=click.Path(path_type=Path, file_okay=False))
def describe(release: Path) -> None:
    """Print the tables of a finished RELEASE: sizes, words per section, ages and sexes.

    \b
    Example:
      radrelease describe demo/release
    """
    manifest = release / "manifest.json"
    try:
        document = json.loads(manifest.read_text(encoding="utf-8"))
        cohort = document["cohort"]
    except (OSError, ValueError, KeyError):
        raise ConfigError(
            str(release), "is not a release folder", "Name the folder that a build made"
        ) from None
    console = Console()
    console.print(
        f"{document['name']} {document['version']}, made with {document['software']}", highlight=False
    )
    for title, rows in (("Sizes", cohort["sizes"]), ("Percent of studies", cohort["demographics"])):
        flat = [_flat(row) for row in rows]
        if not flat:  # too few patients to describe
            continue
        table = Table(title=title, title_justify="left")
        for name in flat[0]:
            table.add_column(name, justify="left" if name == "split" else "right")
        for row in flat:
            table.add_row(*("–" if value is None else str(value) for value in row.values()))
        console.print(table)


def _flat(row: dict[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in row.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat
