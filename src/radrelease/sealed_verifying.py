"""Whether a sealed split is what the public release committed to, and its log of openings is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radrelease.adapters.checksums import digests_of, files_below, read_sums
from radrelease.adapters.layout_manifest import parse_commitment, read_json
from radrelease.adapters.openings_log import openings_of
from radrelease.adapters.references import open_references
from radrelease.adapters.release_files import read_study_rows
from radrelease.adapters.sealed_folder import UNLISTED, read_commitment, read_sealed_manifest
from radrelease.errors import ConfigError, DamagedLog, DamagedRelease
from radrelease.progress import Progress
from radrelease.records.publication import MANIFEST, SUMS
from radrelease.records.sealing import INPUTS, Commitment, SealedStudy
from radrelease.stages.sealed.commitment import context_of
from radrelease.stages.sealed.openings import Request
from radrelease.verifying import verify

__all__ = ["Answer", "verify_sealed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about a sealed split; ``holds`` is None where it could not be asked."""

    question: str
    holds: bool | None
    detail: str = ""


def verify_sealed(
    sealed: Path, release: Path, key: Any | None, heads: Sequence[str], progress: Progress, *, full: bool
) -> tuple[Answer, ...]:
    """Every question with its answer. With the ``key`` the references are opened, and that is logged.

    ``heads`` are the entries of the log that result cards name. Raises :class:`ConfigError` for folders that
    are no sealed split or no release.
    """
    read_sealed_manifest(sealed)
    stated = _stated(release)
    commitment = read_commitment(sealed)
    return (
        _files(sealed),
        _inputs(sealed, progress, full=full),
        Answer("same commitment as the release", commitment == stated),
        *_opened(sealed, commitment, key),
        *_log(sealed, heads),
    )


def _stated(release: Path) -> Commitment:
    """What the release, or one layout of it, says of its sealed test."""
    try:
        document = read_json((release / MANIFEST).read_bytes())
        return parse_commitment(document["sealed_test"])
    except (OSError, ValueError, KeyError, TypeError):
        mend = "Name a release, or one layout of it, that was built with [sealing]"
        raise ConfigError("--release", "states no sealed test", mend) from None


def _files(sealed: Path) -> Answer:
    question = "files unchanged"
    names = [name for name in files_below(sealed) if name not in UNLISTED]
    try:
        listed = read_sums(sealed / SUMS)
    except (OSError, ValueError):
        return Answer(question, holds=False, detail=f"{SUMS} cannot be read")
    found = dict(digests_of(sealed, names))
    wrong = sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name))
    return Answer(question, holds=not wrong, detail=", ".join(wrong[:5]))


def _inputs(sealed: Path, progress: Progress, *, full: bool) -> Answer:
    faults = verify(sealed / INPUTS, progress, full=full).faults
    return Answer("inputs loadable", holds=not faults, detail=", ".join(fault.path for fault in faults[:5]))


def _opened(sealed: Path, commitment: Commitment, key: Any | None) -> Iterator[Answer]:
    """The questions that only the key can answer."""
    questions = ("references as committed", "inputs as committed")
    if key is None:
        yield from (Answer(question, holds=None, detail="needs --key") for question in questions)
        return
    try:
        _, studies = open_references(sealed, key, Request(purpose="verify", commitment=commitment.root))
    except (DamagedRelease, DamagedLog) as error:
        yield Answer(questions[0], holds=False, detail=str(error))
        yield Answer(questions[1], holds=None, detail="the references are not known")
        return
    yield Answer(questions[0], holds=True, detail=f"{len(studies)} studies")
    yield Answer(questions[1], holds=sorted(_seen(sealed)) == sorted(map(_visible, studies)))


Visible = tuple[str, str, tuple[str, ...]]
"""Of a study what a participant gets: id, context, and the digests of its pictures."""


def _visible(study: SealedStudy) -> Visible:
    return study.id, study.context, study.pixel_sha256


def _seen(sealed: Path) -> Iterator[Visible]:
    for row in read_study_rows(sealed / INPUTS):
        yield row["id"], context_of(row["Indication"], row["Comparison"]), tuple(row["PixelSha256"])


def _log(sealed: Path, heads: Sequence[str]) -> Iterator[Answer]:
    question = "log of openings whole"
    try:
        log = openings_of(sealed)
    except DamagedLog as error:
        yield Answer(question, holds=False, detail=str(error))
        return
    missing = set(heads) - {entry.hash for entry in log}
    detail = f"{len(missing)} cards name an opening that is not in it" if missing else f"openings: {len(log)}"
    yield Answer(question, holds=not missing, detail=detail)
