"""``radrelease sections``."""

from __future__ import annotations

from typing import BinaryIO

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from radrelease.adapters.report_tables import decode_text
from radrelease.adapters.report_text import plain_text
from radrelease.config.sources import SectionHeaders
from radrelease.records.sections import Part, PartKind, Sectioned
from radrelease.stages.sections import OwnHeaders, find_sections

__all__ = ["sections"]

_STYLES = {
    PartKind.INDICATION: "black on bright_cyan",
    PartKind.COMPARISON: "black on bright_magenta",
    PartKind.FINDINGS: "black on bright_green",
    PartKind.IMPRESSION: "black on bright_yellow",
    PartKind.FURNITURE: "dim",
}
_OTHERS = "blue"
_BEGINNING = 24
"""Characters of a part shown in the table."""


@click.group()
def sections() -> None:
    """How reports are cut into Indication, Comparison, Findings and Impression.

    \b
    Example:
      radrelease sections explain report.txt
    """


@sections.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="PART=WORDS",
    help="A header as [source.section_headers] has them: impression=BOTTOM LINE.",
)
def explain(file: BinaryIO, headers: tuple[str, ...]) -> None:
    """Show in colour how the report in FILE is cut, and by which rules; "-" reads standard input.

    Below stands what is doubtful of the cut. The terminal shows the text itself: do not use it on real
    reports where others can see.

    \b
    Example:
      radrelease sections explain report.txt
    """
    report = plain_text(decode_text(file.read()))
    if report is None:
        raise click.BadParameter("its mark-up cannot be read for certain", param_hint="FILE")
    found = find_sections(report, _own_headers(headers))
    console = Console()
    console.print(_coloured(report, found.parts), soft_wrap=True)
    console.print(_table(report, found.parts))
    for line in _verdict(found):
        console.print(line, highlight=False, markup=False)


def _own_headers(headers: tuple[str, ...]) -> OwnHeaders:
    rows = [header.partition("=") for header in headers]
    parts = {part: tuple(words for other, _, words in rows if other == part) for part, _, _ in rows}
    try:
        return SectionHeaders.model_validate(parts).kinds
    except ValidationError as error:
        raise click.BadParameter(error.errors()[0]["msg"], param_hint="--header") from None


def _coloured(report: str, parts: tuple[Part, ...]) -> Text:
    """The report, each part in the colour of its kind."""
    return Text.assemble(*((report[part.start : part.end], _style(part)) for part in parts))


def _style(part: Part) -> str:
    return _STYLES.get(part.kind, _OTHERS)


def _table(report: str, parts: tuple[Part, ...]) -> Table:
    """The parts in their order; what is blank throughout has no row."""
    table = Table()
    for column in ("part", "rule", "characters", "begins"):
        table.add_column(column, overflow="fold")
    for part in parts:
        words = " ".join(report[part.start : part.end].split())
        if words:
            shown = words if len(words) <= _BEGINNING else words[: _BEGINNING - 1] + "…"
            kind = Text(part.kind.value, style=_style(part))
            table.add_row(kind, part.reason, f"{part.start}-{part.end}", Text(shown))
    return table


def _verdict(found: Sectioned) -> list[str]:
    """What is doubtful of the cut, and how sure it is."""
    doubts = [f"Doubt: {doubt.value}." for doubt in found.doubts] or ["Nothing is doubtful."]
    return [*doubts, f"Confidence: {found.confidence:.2f}"]
