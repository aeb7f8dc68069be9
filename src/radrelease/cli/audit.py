"""``radrelease audit``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from radrelease.adapters.config_file import load_config, with_line
from radrelease.cli.printing import print_risk
from radrelease.cli.terminal import Terminal
from radrelease.errors import ConfigError
from radrelease.finished import attack as run_attack
from radrelease.finished import audit as run_audit
from radrelease.finished import cells as smallest_cells
from radrelease.stages.audit.attacks import Attack

__all__ = ["audit"]

_VERDICTS = {True: "[green]holds[/]", False: "[bold red]gives way[/]", None: "judge"}


@click.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--attack", "attacked", is_flag=True, help="Try what somebody without the key would try.")
def audit(config: Path, *, attacked: bool) -> None:
    """Read the finished release of CONFIG again and search it for everything the export knows.

    Lists the smallest groups of patients too, over site, sex, age band, ethnic group and year, and the risk.
    With --attack, try instead to undo the de-identification from the public release alone. The exit code
    is 1 if anything is found or gives way.

    \b
    Example:
      radrelease audit release.toml
      radrelease audit --attack release.toml
    """
    settings = load_config(config)
    try:
        if attacked:
            _print_attacks(run_attack(settings))
            return
        findings = run_audit(settings, Terminal())
        risk = smallest_cells(settings)
    except ConfigError as error:
        raise with_line(config, error) from None
    console = Console()
    print_risk(console, risk)
    place = settings.release.work / "small_cells.html"
    console.print(f"All small cells (private): {place}", soft_wrap=True, highlight=False)
    if not findings:
        console.print("No finding.")
        return
    for finding in findings:
        console.print(f"{finding.check}: {finding.where}", markup=False, highlight=False)
    place = settings.release.work / "findings.parquet"
    console.print(f"{len(findings)} findings. What was found is in {place} (private).", soft_wrap=True)
    sys.exit(1)


def _print_attacks(attacks: tuple[Attack, ...]) -> None:
    table = Table(title="Attacks on the public release", title_justify="left")
    for column in ("attack", "tried", "", "result"):
        table.add_column(column, overflow="fold")
    for row in attacks:
        table.add_row(row.name, row.tried, _VERDICTS[row.holds], row.result)
    Console().print(table)
    if any(row.holds is False for row in attacks):
        sys.exit(1)
