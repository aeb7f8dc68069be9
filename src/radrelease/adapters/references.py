"""``references.age``: the references of a sealed split, one study a line, encrypted for one key.

There is one way to open them, and it writes to the log of openings first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage

from radrelease.adapters.files import write_private
from radrelease.adapters.openings_log import append_opening, hold_log, read_log
from radrelease.adapters.sealed_folder import read_commitment, read_sealed_manifest
from radrelease.errors import ConfigError, DamagedRelease, QuotaSpent
from radrelease.records.sealing import REFERENCES, Opening, SealedStudy
from radrelease.stages.sealed.commitment import canonical_json, commit
from radrelease.stages.sealed.openings import QUOTA_DAYS, Request, free_again, next_opening

__all__ = ["open_references", "write_references"]


def write_references(path: Path, studies: Iterable[SealedStudy], recipient: str) -> None:
    """Encrypt the studies to ``path``; nothing is written in the clear."""
    clear = b"".join(canonical_json(asdict(study)) + b"\n" for study in studies)
    public = pyrage.x25519.Recipient.from_str(recipient)
    write_private(path, pyrage.encrypt(clear, [public]))


def open_references(sealed: Path, key: Any, request: Request) -> tuple[Opening, tuple[SealedStudy, ...]]:
    """Note the opening, then decrypt: the entry of the log, and every study.

    Raises :class:`ConfigError` for a key that is not the split's, before anything is noted;
    :class:`QuotaSpent` where the team may not score now; :class:`DamagedRelease` where what comes out is not
    what was committed to.
    """
    manifest = read_sealed_manifest(sealed)
    if str(key.to_public()) != manifest.recipient:
        raise ConfigError("--key", "is not the key of this split", "Name the sealing.key it was sealed for")
    data = _read(sealed / REFERENCES)
    now = datetime.now(UTC)
    with hold_log(sealed) as file:
        log = read_log(file.read())
        if request.purpose == "score" and (
            free := free_again(log, request.team, manifest.openings_per_team, now)
        ):
            raise QuotaSpent(manifest.openings_per_team or 0, QUOTA_DAYS, free)
        opening = next_opening(log, request, now)
        append_opening(file, opening)
    studies = _decrypt(data, key)
    if commit(studies) != read_commitment(sealed):
        raise DamagedRelease(REFERENCES, "it does not hold what was committed to")
    return opening, studies


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise DamagedRelease(path.name, "it cannot be read") from None


def _decrypt(data: bytes, key: Any) -> tuple[SealedStudy, ...]:
    try:
        clear: bytes = pyrage.decrypt(data, [key])
        return tuple(_study(json.loads(line)) for line in clear.splitlines())
    except (pyrage.DecryptError, ValueError, TypeError, KeyError):
        raise DamagedRelease(REFERENCES, "it does not open") from None


def _study(row: dict[str, Any]) -> SealedStudy:
    return SealedStudy(**row | {name: tuple(row[name]) for name in ("views", "pixel_sha256")})
