"""``radrelease bench``."""

from __future__ import annotations

import click

from radrelease.cli.verbs import Verb, Verbs

__all__ = ["bench"]

_VERBS = {
    "card": Verb("bench_score", "card", "Say who signed a card, and what it says."),
    "check": Verb("bench_score", "check", "Say what is wrong with predictions, without a key."),
    "keys": Verb("bench_sealed", "keys", "Make a sealing key and a signing key."),
    "leaderboard": Verb("bench_board", "leaderboard", "Make a page and two tables of result cards."),
    "lint": Verb("bench_board", "lint_table", "Compute the RadCliQ-v1 of every row of a leaderboard."),
    "run": Verb("bench_run", "run", "Run a participant's program on the sealed inputs."),
    "score": Verb("bench_score", "score", "Score predictions, and write a signed card."),
    "verify": Verb("bench_sealed", "verify_split", "Say whether a sealed split is what was committed to."),
}


@click.group(cls=Verbs, verbs=_VERBS)
def bench() -> None:
    """The benchmark on the sealed private test split.

    \b
    Example:
      radrelease bench lint leaderboard.csv
    """
