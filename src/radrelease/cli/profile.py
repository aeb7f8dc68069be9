"""``radrelease profile``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from radrelease.profiles.annex_e import in_words, load_annex_e, row_of
from radrelease.profiles.dicom_profile import DICOM, load_dicom_profile
from radrelease.profiles.header_profile import load_header_profile, profile_names

__all__ = ["profile"]


@click.group()
def profile() -> None:
    """De-identification profiles for headers.

    \b
    Example:
      radrelease profile describe rexgradient
    """


@profile.command()
@click.argument("name", type=click.Choice((*profile_names(), DICOM)))
def describe(name: str) -> None:
    """Print what leaves under the profile NAME, and how. Every other element stays inside.

    "rexgradient" is the profile of pictures and tables, "dicom" that of DICOM files, beside what
    PS3.15 table E.1-1 does with each element: the Basic Profile, and the options that are followed.

    \b
    Example:
      radrelease profile describe dicom
    """
    Console().print(_of_dicom() if name == DICOM else _of_tables(name))


def _of_tables(name: str) -> Table:
    shown = load_header_profile(name)
    table = Table(title=f"{shown.title} ({shown.standard})", title_justify="left")
    for column in ("keyword", "action", "rule", "vocabulary", "where rare", "meaning"):
        table.add_column(column, overflow="fold")
    for rule in shown.rules:
        table.add_row(rule.keyword, rule.action, rule.rule, rule.vocabulary, rule.rare, rule.meaning)
    return table


def _of_dicom() -> Table:
    shown = load_dicom_profile()
    annex_e = load_annex_e(shown.table)
    table = Table(title=f"{shown.title} ({shown.standard})", title_justify="left")
    for column in ("keyword", "tag", "action", "E.1-1", "rule", "vocabulary", "meaning"):
        table.add_column(column, overflow="fold")
    for rule in shown.rules:
        place = "".join(f"\nin {keyword}" for keyword in rule.inside)
        stated = in_words(row_of(rule.tag, annex_e), shown.options)
        table.add_row(
            rule.keyword + place,
            f"({rule.tag >> 16:04X},{rule.tag & 0xFFFF:04X})",
            rule.action,
            stated,
            rule.rule,
            rule.vocabulary,
            rule.meaning,
        )
    return table
