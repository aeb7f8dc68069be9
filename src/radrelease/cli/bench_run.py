"""``radrelease bench run``."""

from __future__ import annotations

from pathlib import Path

import click

from radrelease.adapters.sandbox import Limits
from radrelease.errors import ConfigError
from radrelease.trial import run_program

__all__ = ["run"]


@click.command()
@click.argument("sealed", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("command", nargs=-1, required=True)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Predictions to write; the program's own messages go to a .log beside them.",
)
@click.option(
    "--program",
    "programs",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder that the program needs: its code, its environment, its weights.",
)
@click.option(
    "--device",
    "devices",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A device that it may use, such as /dev/nvidia0.",
)
@click.option("--eight-bit", is_flag=True, help="Give pictures of 8 bits to a program that expects these.")
@click.option("--hours", type=float, default=24, show_default=True, help="Longest time.")
@click.option("--memory-mb", type=int, default=16384, show_default=True, help="Most memory of one process.")
@click.option("--scratch-mb", type=int, default=2048, show_default=True, help="Room for its own files.")
@click.option("--processes", type=int, default=256, show_default=True, help="Most processes and threads.")
def run(
    sealed: Path,
    command: tuple[str, ...],
    output: Path,
    programs: tuple[Path, ...],
    devices: tuple[Path, ...],
    hours: float,
    memory_mb: int,
    scratch_mb: int,
    processes: int,
    *,
    eight_bit: bool,
) -> None:
    """Run a participant's program on the inputs of SEALED, in a sandbox, and keep what it predicts.

    COMMAND gets --input_json_file, --save_json_file and --img_root_dir, as ReXrank calls it. It sees the
    pictures, what is known of each study, and the folders named; no reference, no network, nothing else of
    this machine. Needs bubblewrap, and runs nothing without it.

    \b
    Example:
      radrelease bench run private_test --program /srv/model --output predictions.json -- \\
          /srv/model/bin/python /srv/model/inference.py
    """
    if output.exists():
        raise ConfigError("--output", "is already there", "Name a new file")
    limits = Limits(seconds=hours * 3600, memory_mb=memory_mb, scratch_mb=scratch_mb, processes=processes)
    run_program(sealed, command, output, limits, programs=programs, devices=devices, eight_bit=eight_bit)
    click.echo(f"Predictions: {output}; look at them with radrelease bench check")
