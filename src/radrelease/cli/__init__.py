"""The command line: one verb, one file. A verb parses, calls and prints; it does nothing else."""

from __future__ import annotations

import sys

import click

from radrelease import __version__
from radrelease.cli.failures import show_error, storage_failed
from radrelease.cli.verbs import Verb, Verbs
from radrelease.errors import RadreleaseError, StorageFailed

__all__ = ["main"]


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_SUMMARIES = {
    "init": "Write a commented release.toml and secret keys.",
    "plan": "Say what a build would release, and what it takes.",
    "build": "Make the release, audit it and put it in place.",
    "audit": "Search the finished release for all the export knows.",
    "publish": "Bring one layout of the release to where it is shared.",
    "verify": "Say whether a release is complete and unchanged.",
    "describe": "Print the tables of a finished release.",
    "demo": "Make a synthetic export and turn it into a release.",
    "deid": "De-identification of report text.",
    "sections": "How reports are cut into sections.",
    "vault": "The encrypted crosswalk.",
    "withdraw": "Take patients out of the next version.",
    "profile": "De-identification profiles for headers.",
    "bench": "The benchmark on the sealed private test split.",
}
_VERBS = {name: Verb(module=name, name=name, summary=text) for name, text in _SUMMARIES.items()}


@click.group(cls=Verbs, verbs=_VERBS, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="radrelease")
def commands() -> None:
    """From a raw hospital export of chest radiographs to a de-identified, loadable release.

    \b
    Example:
      radrelease demo demo && open demo/release/report.html
    """


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
