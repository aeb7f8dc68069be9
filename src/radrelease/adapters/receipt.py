"""The receipt of a passed audit, in the work folder; without one that fits, nothing is published."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import radrelease
from radrelease.adapters.files import sha256_of, write_private
from radrelease.adapters.withdrawals import WITHDRAWN
from radrelease.records.publication import SUMS, Receipt

__all__ = ["current_receipt", "read_receipt", "renew_receipt", "write_receipt"]

_RECEIPT = "audit_receipt.json"


def current_receipt(release: Path, work: Path) -> Receipt:
    """The receipt that an audit by this software, of the release as it lies there, would give."""
    withdrawn = work / WITHDRAWN
    return Receipt(
        sums_sha256=sha256_of(release / SUMS),
        software=f"radrelease {radrelease.__version__}",
        withdrawn_sha256=sha256_of(withdrawn) if withdrawn.is_file() else hashlib.sha256(b"").hexdigest(),
    )


def write_receipt(release: Path, work: Path) -> None:
    """Say that the release has passed; only after an audit without a finding."""
    write_private(work / _RECEIPT, json.dumps(asdict(current_receipt(release, work))).encode())


def renew_receipt(release: Path, work: Path, *, passed: bool) -> None:
    """After a further audit: withdraw the receipt, or have it name this software.

    A release without a receipt was not built so, or has changed since: an audit alone gives it none. Who
    was withdrawn after the build is still in it.
    """
    before = read_receipt(work)
    if not passed:
        (work / _RECEIPT).unlink(missing_ok=True)
    elif before is not None and before.sums_sha256 == sha256_of(release / SUMS):
        software = current_receipt(release, work).software
        write_private(work / _RECEIPT, json.dumps(asdict(replace(before, software=software))).encode())


def read_receipt(work: Path) -> Receipt | None:
    """The receipt, None where there is none that can be read."""
    try:
        return Receipt(**json.loads((work / _RECEIPT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
