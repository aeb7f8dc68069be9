"""``radrelease bench keys`` and ``verify``: the sealed split itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from radrelease.adapters.files import make_private
from radrelease.adapters.result_cards import read_card
from radrelease.adapters.sealing_keys import SEALING_KEY, make_sealing_key, read_sealing_key
from radrelease.adapters.signing import SIGNING_KEY, make_signing_key
from radrelease.cli.terminal import Terminal
from radrelease.sealed_verifying import Answer, verify_sealed

__all__ = ["keys", "verify_split"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def keys(folder: Path) -> None:
    """Make a sealing key and a signing key in FOLDER; what is there stays.

    The public half of the sealing key goes into release.toml; sealing.key opens the references, and
    signing.key signs result cards. A build needs neither.

    \b
    Example:
      radrelease bench keys keys
    """
    if not folder.exists():
        make_private(folder)
    recipient = make_sealing_key(folder)
    make_signing_key(folder)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{folder / SEALING_KEY} and {folder / SIGNING_KEY} (mode 0600), and .pub of both.")
    console.print(f'In release.toml: [sealing] recipient = "{recipient}"')


@click.command("verify")
@click.argument("sealed", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--release",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The public release, or one layout of it.",
)
@click.option(
    "--key", type=click.Path(path_type=Path), help="sealing.key: opens the references, which is logged."
)
@click.option(
    "--card",
    "cards",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A result card, whose opening must be in the log.",
)
@click.option("--full", is_flag=True, help="Decode every picture, and not a sample.")
def verify_split(
    sealed: Path, release: Path, key: Path | None, cards: tuple[Path, ...], *, full: bool
) -> None:
    """Say whether SEALED is what the public release committed to.

    Without the key: files, inputs, the same commitment, and the log. With it: that the references are, to the
    letter, the ones committed to. The exit code is 1 if anything is wrong.

    \b
    Example:
      radrelease bench verify private_test --release release --key sealing.key
    """
    heads = [read_card(path).log_head for path in cards]
    opener = read_sealing_key(key) if key else None
    answers = verify_sealed(sealed, release, opener, heads, Terminal(), full=full)
    _print(answers)
    if any(answer.holds is False for answer in answers):
        sys.exit(1)


def _print(answers: Sequence[Answer]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    words = {True: "[green]yes[/]", False: "[bold red]no[/]", None: "not asked"}
    for answer in answers:
        console.print(f"{answer.question + ':':<34}{words[answer.holds]}", end="")
        console.print(f" ({answer.detail})" if answer.detail else "", markup=False)
