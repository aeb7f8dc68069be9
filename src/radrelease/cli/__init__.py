"""The command line: one verb, one file. A verb parses, calls and prints; it does nothing else."""

from __future__ import annotations

import sys

import click

from radrelease import __version__
from radrelease.cli.audit import audit
from radrelease.cli.bench import bench
from radrelease.cli.bench_run import run
from radrelease.cli.bench_score import card, check, score
from radrelease.cli.bench_sealed import keys, verify_split
from radrelease.cli.build import build
from radrelease.cli.deid import deid
from radrelease.cli.demo import demo
from radrelease.cli.describe import describe
from radrelease.cli.init import init
from radrelease.cli.plan import plan
from radrelease.cli.profile import profile
from radrelease.cli.publish import publish
from radrelease.cli.sections import sections
from radrelease.cli.terminal import show_error, storage_failed
from radrelease.cli.vault import vault
from radrelease.cli.verify import verify
from radrelease.cli.withdraw import withdraw
from radrelease.errors import RadreleaseError, StorageFailed

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="radrelease")
def commands() -> None:
    """From a raw hospital export of chest radiographs to a de-identified, loadable release.

    \b
    Example:
      radrelease demo demo && open demo/release/report.html
    """


for verb in (
    init, plan, build, audit, publish, verify, describe, demo, deid, sections, vault, withdraw, profile, bench
):  # fmt: skip
    commands.add_command(verb)

for verb in (keys, verify_split, check, score, run, card):
    bench.add_command(verb)


def main() -> None:
    """Run the command line.

    The exit code is 0 fine, 1 findings or faults, 2 bad usage, 3 nothing to release, 4 storage that failed.
    """
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except RadreleaseError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        failed = storage_failed(error)
        show_error(failed)
        sys.exit(failed.exit_code if isinstance(failed, StorageFailed) else 1)
    except Exception as error:  # its text may quote an input, and a terminal is not a private place
        show_error(error)
        sys.exit(1)
