"""``radrelease profile``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from radrelease.profiles.header_profile import load_header_profile, profile_names

__all__ = ["profile"]


@click.group()
def profile() -> None:
    r"""De-identification profiles for headers.

    \b
    Example:
      radrelease profile describe rexgradient
    """


@profile.command()
@click.argument("name", type=click.Choice(profile_names()))
def describe(name: str) -> None:
    r"""Print what leaves under the profile NAME, and how. Every other element stays inside.

    \b
    Example:
      radrelease profile describe rexgradient
    """
    shown = load_header_profile(name)
    table = Table(title=f"{shown.title} ({shown.standard})", title_justify="left")
    for column in ("keyword", "action", "rule", "vocabulary", "where rare", "meaning"):
        table.add_column(column, overflow="fold")
    for rule in shown.rules:
        table.add_row(rule.keyword, rule.action, rule.rule, rule.vocabulary, rule.rare, rule.meaning)
    Console().print(table)
