"""Sealing: the audited private test split becomes inputs in the clear, and references that one key opens.

The build knows only the public half of that key. What the references are is committed to before the release
is written, which states the root (docs/decisions/0025-sealed-test.md).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import radrelease
from radrelease.adapters.files import make_private, sha256_of, write_private
from radrelease.adapters.openings_log import hold_log
from radrelease.adapters.references import write_references
from radrelease.adapters.sealed_folder import SealedManifest, write_inputs, write_sealed
from radrelease.adapters.sealing_keys import check_recipient
from radrelease.committing import DoneShard, rows_of
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret
from radrelease.records.release import Split
from radrelease.records.sealing import COMMITMENT, INPUTS, OPENINGS, REFERENCES, Commitment, SealedStudy
from radrelease.stages.sealed.commitment import commit, sealed_study

__all__ = ["check_sealing", "commitment_of", "keep_log", "seal"]

_SEALED = "sealed.json"
"""In the work folder: what the references in place were made from, and their checksum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    root: str
    recipient: str
    references_sha256: str


def check_sealing(config: Config) -> None:
    """Raise :class:`ConfigError` for a key that is none, and where a log of openings would be lost."""
    check_recipient(config.sealing.recipient)
    log = config.release.private_folder / OPENINGS
    if config.sealing.recipient is None and log.is_file():
        problem = "is not set, and the private test split in place has a log of openings"
        raise ConfigError("[sealing] recipient", problem, f"Set it, or move {OPENINGS} to a safe place")


def commitment_of(shards: Sequence[DoneShard], config: Config, secret: Secret) -> Commitment | None:
    """What the release is to state of the private test split; None where that is not sealed, or not there."""
    if config.sealing.recipient is None or not any(_private(shards)):
        return None
    return commit(_studies(shards, secret))


def seal(
    plain: Path, commitment: Commitment, shards: Sequence[DoneShard], config: Config, secret: Secret
) -> Path:
    """Turn the staged split at ``plain``, which is audited and goes, into a sealed folder beside it."""
    recipient = config.sealing.recipient
    assert recipient is not None  # noqa: S101 - there is no commitment without
    folder = make_private(plain.with_name("sealed"))
    manifest = SealedManifest(
        name=config.release.name,
        version=config.release.version,
        software=f"radrelease {radrelease.__version__}",
        split=Split.PRIVATE_TEST.value,
        recipient=recipient,
        openings_per_team=config.sealing.openings_per_team,
    )
    write_inputs(plain, folder / INPUTS, manifest)
    shutil.rmtree(plain)
    references = folder / REFERENCES
    before = config.release.private_folder / REFERENCES
    if _still_sealed(before, commitment.root, recipient, config.release.work):
        shutil.copyfile(before, references)
    else:
        write_references(references, _studies(shards, secret), recipient)
    write_sealed(folder, manifest, commitment)
    done = _Sealed(root=commitment.root, recipient=recipient, references_sha256=sha256_of(references))
    write_private(config.release.work / _SEALED, json.dumps(asdict(done)).encode())
    return folder


@contextmanager
def keep_log(staged: Path, in_place: Path, work: Path) -> Iterator[None]:
    """Take the log of openings along to a sealed folder; while that is put in place, nothing is opened.

    A copy stays in the work folder, for a run that is killed just when neither folder is in place.
    """
    kept = work / OPENINGS
    if not (staged / COMMITMENT).is_file():
        yield
    elif (in_place / OPENINGS).is_file():
        with hold_log(in_place) as file:
            log = file.read()
            write_private(kept, log)
            write_private(staged / OPENINGS, log)
            yield
    else:
        if kept.is_file():
            write_private(staged / OPENINGS, kept.read_bytes())
        yield


def _still_sealed(references: Path, root: str, recipient: str, work: Path) -> bool:
    """Whether the references in place are, to the byte, those that a build has sealed for the same."""
    try:
        done = _Sealed(**json.loads((work / _SEALED).read_bytes()))
        return done == _Sealed(root=root, recipient=recipient, references_sha256=sha256_of(references))
    except (OSError, ValueError, TypeError):
        return False


def _private(shards: Sequence[DoneShard]) -> Iterator[DoneShard]:
    return (shard for shard in shards if not shard.split.public and shard.studies)


def _studies(shards: Sequence[DoneShard], secret: Secret) -> Iterator[SealedStudy]:
    return (sealed_study(study, secret) for study in rows_of(_private(shards)))
