"""``radrelease bench check``, ``score`` and ``card``: submissions and what comes of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from radrelease.adapters.external_metrics import read_external
from radrelease.adapters.files import read_lines, write_private
from radrelease.adapters.release_files import read_study_rows
from radrelease.adapters.sealed_folder import read_commitment, read_sealed_manifest
from radrelease.adapters.sealing_keys import read_sealing_key
from radrelease.adapters.signing import read_signing_key
from radrelease.errors import ConfigError
from radrelease.records.benchmark import TRAITS, Evaluation, Metric, ScoringSettings
from radrelease.records.release import Split
from radrelease.scoring import Entrant, contexts_of, read_signed, take_submission
from radrelease.scoring import score as run_score
from radrelease.stages.sealed.submissions import Checked

__all__ = ["card", "check", "score"]

_SHOWN = 10
"""Records of one trouble on the screen."""

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("split", type=_FOLDER)
@click.argument("predictions", type=_FILE)
def check(split: Path, predictions: Path) -> None:
    """Say what is wrong with PREDICTIONS, without a key and without a score.

    SPLIT is a sealed private_test, or its inputs as a participant has them. The exit code is 1 if the file
    cannot be scored as it is.

    \b
    Example:
      radrelease bench check inputs predictions.json
    """
    checked = take_submission(predictions, contexts_of(split)).checked
    _print_checked(checked)
    if not checked.usable:
        sys.exit(1)


@click.command()
@click.argument("sealed", type=_FOLDER)
@click.argument("predictions", type=_FILE)
@click.option("--key", required=True, type=_FILE, help="sealing.key, which opens the references.")
@click.option("--sign", "signer", required=True, type=_FILE, help="signing.key, which signs the card.")
@click.option("--team", required=True, help="Who submits; its quota is counted under this name.")
@click.option("--model", required=True, help="Name of the model on the leaderboard.")
@click.option("--url", default="", help="Where to read of the model.")
@click.option("--output", required=True, type=_FILE, help="The result card to write.")
@click.option(
    "--target",
    type=click.Choice(["report", "findings"]),
    default="report",
    show_default=True,
    help="What is predicted: findings and impression, or findings alone.",
)
@click.option("--external", type=_FILE, help="CSV of metrics computed elsewhere, with a row per study.")
@click.option(
    "--substitute",
    "substitutes",
    multiple=True,
    type=click.Choice([metric.value for metric, traits in TRAITS.items() if traits.column]),
    help="A metric of that CSV not computed by the model its name stands for.",
)
@click.option("--training", type=_FOLDER, help="Public release: looks for copies of its train reports.")
@click.option("--canaries", type=_FILE, help="Text file of strings planted in the data, one a line.")
@click.option(
    "--replicates",
    type=click.Path(path_type=Path, file_okay=False),
    help="Private folder for the resampled scores; by default `replicates` beside SEALED.",
)
def score(
    sealed: Path,
    predictions: Path,
    key: Path,
    signer: Path,
    team: str,
    model: str,
    url: str,
    output: Path,
    target: Literal["report", "findings"],
    external: Path | None,
    substitutes: tuple[str, ...],
    training: Path | None,
    canaries: Path | None,
    replicates: Path | None,
) -> None:
    """Score PREDICTIONS on the references of SEALED, and write a signed result card.

    The file is checked first, without a key. Then the opening is logged, the references are decrypted in
    memory, and what leaves is scores over all studies: a missing prediction scores worst.

    \b
    Example:
      radrelease bench score private_test predictions.json --key sealing.key --sign signing.key \\
          --team "Example Lab" --model "Reporter 1" --output reporter-1.json
    """
    entrant = Entrant(team=team, model=model, url=url)
    read_sealed_manifest(sealed)
    if output.exists():
        raise ConfigError("--output", "is already there", "Name a new file: a card is of one opening")
    keys = read_sealing_key(key), read_signing_key(signer)
    settings = ScoringSettings(
        commitment=read_commitment(sealed).root,
        target=target,
        canaries=tuple(read_lines(canaries)) if canaries else (),
    )
    values = read_external(external, tuple(map(Metric, substitutes))) if external else ()
    submission = take_submission(predictions, contexts_of(sealed))
    _print_checked(submission.checked)
    if not submission.checked.usable:
        click.echo("Nothing was opened, and nothing counts against the quota.")
        sys.exit(1)
    private = replicates or sealed.with_name("replicates")
    reports = _train_reports(training) if training else None
    write_private(output, run_score(sealed, submission, entrant, settings, keys, private, values, reports))
    output.chmod(0o644)
    click.echo(f"Result card: {output}")


@click.command()
@click.argument("card_file", metavar="CARD", type=_FILE)
@click.option("--key", required=True, type=_FILE, help="signing.pub of the organiser.")
def card(card_file: Path, key: Path) -> None:
    """Say whether CARD was signed by the organiser, and what it states.

    The exit code is 1 if it was not.

    \b
    Example:
      radrelease bench card reporter-1.json --key signing.pub
    """
    stated = read_signed(card_file, key)
    if stated is None:
        click.echo("The signature is not that of this key: the card was changed, or is somebody else's.")
        sys.exit(1)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"Signed. {stated.model} of {stated.team}, {stated.date}")
    console.print(
        f"{stated.dataset} {stated.dataset_version}, sealed test {stated.evaluation.settings.commitment}"
    )
    console.print(f"submission {stated.submission_sha256}, opening {stated.log_head}")
    for line in _scores(stated.evaluation):
        console.print(line)


def _scores(evaluation: Evaluation) -> Iterator[str]:
    studies, patients = evaluation.studies, evaluation.patients
    yield f"{studies} studies of {patients} patients, {evaluation.missing} without a prediction"
    for one in evaluation.scores:
        if one.value is not None:
            yield f"{one.metric.value:<28}{one.value:g} ({one.low:g} to {one.high:g}), {one.status.value}"


def _train_reports(release: Path) -> Iterator[str]:
    """The reports of the public train split, as the references are put."""
    for row in read_study_rows(release):
        if row["Split"] == Split.TRAIN.value:
            yield " ".join(f"{name}: {row[name]}" for name in ("Findings", "Impression") if row[name])


def _print_checked(checked: Checked) -> None:
    given = checked.studies - checked.missing
    click.echo(f"{given:,} of {checked.studies:,} studies have a prediction; the others score worst.")
    for trouble, records in checked.troubles.items():
        places = ", ".join(map(str, records[:_SHOWN])) + (" ..." if len(records) > _SHOWN else "")
        click.echo(f"{len(records):,} records {trouble.value} (record {places})")
