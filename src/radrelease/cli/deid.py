"""``radrelease deid``."""

from __future__ import annotations

import sys
from datetime import date

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from radrelease.adapters.ner import load_model
from radrelease.config import model_source
from radrelease.records.entities import Entity
from radrelease.records.private import Identifier, IdentifierKind, Span
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.layers import layer_of, scrub
from radrelease.stages.scrub.sentence_cuts import Cut
from radrelease.stages.text.spans import replacement_of

__all__ = ["deid"]

_STYLES = {
    1: "black on bright_yellow",
    2: "black on bright_cyan",
    3: "white on magenta",
}
_LAYERS = {1: "known", 2: "rule", 3: "vocabulary"}


@click.group()
def deid() -> None:
    """De-identification of report text.

    \b
    Example:
      radrelease deid explain "Seen by Dr. Roe on 3/4/2019."
    """


@deid.command()
@click.argument("text")
@click.option("--patient", "patients", multiple=True, help="A name the header states, FAMILY^GIVEN.")
@click.option("--id", "numbers", multiple=True, help="A number the header states.")
@click.option("--shift", default=-100, show_default=True, help="Days by which dates are moved.")
@click.option("--words", "words", multiple=True, help="A word outside the lexicon that may be published.")
@click.option(
    "--cut", type=click.Choice(["words", "sentences"]), default="words", help="What goes with a name."
)
@click.option("--ner", "model", help="A named-entity model, as [deidentification] ner_model names it.")
def explain(
    text: str,
    patients: tuple[str, ...],
    numbers: tuple[str, ...],
    shift: int,
    words: tuple[str, ...],
    cut: str,
    model: str | None,
) -> None:
    """Show in colour what is removed from TEXT, by which layer and rule; "-" reads standard input.

    The terminal shows the text itself: do not use it on real reports where others can see.

    \b
    Example:
      radrelease deid explain "Roe, Jane. Swan-Ganz tip in the RPA since 3/4/2019." --patient "ROE^JANE"
    """
    report = sys.stdin.read() if text == "-" else text
    known = [Identifier(IdentifierKind.PATIENT_NAME, name) for name in patients]
    known += [Identifier(IdentifierKind.OTHER_ID, number) for number in numbers]
    spans = scrub(
        report,
        patient=compile_patient(known),
        export=compile_export(()),
        dates=DateRules(shift_days=shift, study_date=date.today(), order="mdy"),
        given_back=frozenset(word.lower() for word in words),
        entities=_entities(report, model),
        cut=Cut(cut),
    )
    console = Console()
    console.print(_coloured(report, spans))
    console.print(_table(report, spans) if spans else "Nothing is removed.")


def _entities(report: str, model: str | None) -> tuple[Entity, ...]:
    try:
        source = model_source(model)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--ner") from None
    return load_model(source, where="--ner").find(report) if source else ()


def _coloured(report: str, spans: tuple[Span, ...]) -> Text:
    shown = Text(report)
    for span in spans:
        shown.stylize(_STYLES[layer_of(span)], span.start, span.end)
    return shown


def _table(report: str, spans: tuple[Span, ...]) -> Table:
    table = Table()
    for column in ("removed", "becomes", "layer", "rule"):
        table.add_column(column, overflow="fold")
    for span in spans:
        layer = layer_of(span)
        table.add_row(
            Text(report[span.start : span.end], style=_STYLES[layer]),
            Text(replacement_of(span, "typed")),
            f"{layer} {_LAYERS[layer]}",
            span.rule,
        )
    return table
