"""The log of openings of a sealed split: entries that each hold the hash of the one before."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from radrelease.records.sealing import Opening, Purpose
from radrelease.stages.sealed.commitment import canonical_json

__all__ = ["GENESIS", "QUOTA_DAYS", "Request", "chain_holds", "free_again", "is_plain_name", "next_opening"]

GENESIS = "0" * 64
"""What the first entry has in place of a hash before it."""

QUOTA_DAYS = 30

_NAME = re.compile(r"\w[\w .,:()&+/@#'-]{0,79}")
"""Letters and digits of any script and a few signs: nothing that breaks a line, moves a cursor, turns the
direction of writing, or is markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Why somebody wants the references opened."""

    purpose: Purpose
    commitment: str
    team: str = ""
    model: str = ""
    submission_sha256: str = ""


def is_plain_name(text: str) -> bool:
    """Whether the name of a team or model can go into the log, onto cards and screens as it is."""
    return bool(_NAME.fullmatch(text)) and unicodedata.normalize("NFC", text) == text


def next_opening(log: Sequence[Opening], request: Request, now: datetime) -> Opening:
    """The entry for the request, to be written before anything is opened."""
    entry = Opening(
        n=len(log) + 1,
        time=now.astimezone(UTC).isoformat(timespec="seconds"),
        purpose=request.purpose,
        team=request.team,
        model=request.model,
        submission_sha256=request.submission_sha256,
        commitment=request.commitment,
        prev=log[-1].hash if log else GENESIS,
        hash="",
    )
    return replace(entry, hash=_hash(entry))


def chain_holds(log: Sequence[Opening]) -> bool:
    """Whether no entry was altered, put in, moved or taken out of the middle.

    An end that was cut off shows only against a card that names an entry of it.
    """
    first = not log or log[0].prev == GENESIS
    linked = all(after.prev == before.hash for before, after in pairwise(log))
    own = all(entry.n == n and entry.hash == _hash(entry) for n, entry in enumerate(log, start=1))
    return first and linked and own


def free_again(log: Iterable[Opening], team: str, allowed: int | None, now: datetime) -> datetime | None:
    """When the team may have its next scoring, None if now; the same name in other letters is the same."""
    if allowed is None:
        return None
    span = timedelta(days=QUOTA_DAYS)
    times = sorted(
        time
        for entry in log
        if entry.purpose == "score" and entry.team.casefold() == team.casefold()
        if (time := datetime.fromisoformat(entry.time)) > now - span
    )
    return times[-allowed] + span if len(times) >= allowed else None


def _hash(entry: Opening) -> str:
    document = asdict(entry)
    del document["hash"]
    return hashlib.sha256(canonical_json(document)).hexdigest()
