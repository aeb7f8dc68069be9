"""``radrelease publish``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal

from radrelease.adapters.config_file import load_config, with_line
from radrelease.audited import audited_layout
from radrelease.cli.terminal import Terminal
from radrelease.errors import ConfigError
from radrelease.publishing import Style, plan_publication
from radrelease.publishing import publish as publish_plan
from radrelease.records.publication import Act, Operation

__all__ = ["publish"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("destination")
@click.option("--layout", default="native", show_default=True, help="Which layout; each is published alone.")
@click.option("--plan", "plan_only", is_flag=True, help="List every operation and its size, and do nothing.")
@click.option("--visible", is_flag=True, help="Make the repository visible to everybody, last of all.")
@click.option(
    "--as",
    "style",
    type=click.Choice(["release", "physionet"]),
    default="release",
    show_default=True,
    help="How the files are named: as in the release, or as PhysioNet names them.",
)
@click.option(
    "--no-read-back", is_flag=True, help="Trust the checksums that the hub lists, and fetch no file again."
)
def publish(
    config: Path,
    destination: str,
    layout: str,
    style: Style,
    *,
    plan_only: bool,
    visible: bool,
    no_read_back: bool,
) -> None:
    """Bring one layout of the finished release of CONFIG to DESTINATION.

    DESTINATION is organisation/name for a dataset repository of the Hugging Face hub, file:///folder or
    s3://bucket/prefix. Only what the build's audit has passed is published, to the byte. On the hub the
    repository is private and gated, the files are read back, and the version becomes a tag; `hf auth login`
    or HF_TOKEN says who you are. An interrupted run is finished by the same command.

    \b
    Example:
      radrelease publish release.toml my-hospital/chest --plan
      radrelease publish release.toml my-hospital/chest --layout rexgradient --visible
      radrelease publish release.toml file:///mnt/for-physionet --as physionet
    """
    settings = load_config(config)
    try:
        audited = audited_layout(settings, layout, Terminal())
        publication = plan_publication(
            audited, destination, settings, style=style, visible=visible, read_back=not no_read_back
        )
    except ConfigError as error:
        raise with_line(config, error) from None
    console = Console()
    if plan_only:
        _print_operations(console, publication.operations)
    elif publication.to_do:
        publish_plan(publication, Terminal())
    _print_sum(console, publication.operations, done=not plan_only)
    if not plan_only:
        manifest = audited.manifest
        console.print(
            f"{manifest.name} {manifest.version}, layout {layout}: {destination}",
            soft_wrap=True,
            markup=False,
        )


def _print_operations(console: Console, operations: tuple[Operation, ...]) -> None:
    """One line each, however long: there may be as many as files."""
    width = max((len(operation.act.value) for operation in operations), default=0)
    for operation in operations:
        size = decimal(operation.size) if operation.size else ""
        line = f"{operation.act.value:<{width}}  {size:>11}  {operation.subject}"
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def _print_sum(console: Console, operations: tuple[Operation, ...], *, done: bool) -> None:
    """How much is sent and how much was there."""
    sizes: Counter[Act] = Counter()
    counts = Counter(operation.act for operation in operations)
    for operation in operations:
        sizes[operation.act] += operation.size
    sent = counts[Act.UPLOAD] + counts[Act.FINISH]
    verb = "uploaded" if done else "to upload"
    size = decimal(sizes[Act.UPLOAD] + sizes[Act.FINISH])
    console.print(
        f"{sent} files {verb} ({size}), {counts[Act.KEEP]} were there"
        f" ({decimal(sizes[Act.KEEP])}), {counts[Act.REMOVE]} {'removed' if done else 'to remove'}",
        highlight=False,
    )
    if not done:
        console.print("Nothing was done.")
