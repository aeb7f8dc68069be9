"""Names for the values that identify, and the keyed functions that replace them.

A raw identifier and a published one are different types, so that passing the one for the other is
a type error. Everything that replaces an identifier is a function of HMAC-SHA256 under the
project's secret key and of nothing else: the order of the input, the number of workers and reruns
cannot change it (docs/decisions/0002-keyed-crosswalk.md).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import NewType

__all__ = [
    "UID_ROOT",
    "AccessionId",
    "Mrn",
    "PatientId",
    "RawAccession",
    "RawUid",
    "ReleaseUid",
    "Secret",
    "pseudonym",
    "release_uid",
    "shift_days",
]

Mrn = NewType("Mrn", str)
"""A medical record number as the export has it, (0010,0020)."""
RawAccession = NewType("RawAccession", str)
"""An accession number as the export has it, (0008,0050)."""
RawUid = NewType("RawUid", str)
"""A study, series or SOP instance UID as the export has it."""

PatientId = NewType("PatientId", str)
"""The published PatientID: prefix and 12 of [A-Z0-9]."""
AccessionId = NewType("AccessionId", str)
"""The published AccessionNumber: prefix and 12 of [A-Z0-9]."""
ReleaseUid = NewType("ReleaseUid", str)
"""A published UID: 64 characters below :data:`UID_ROOT`."""

UID_ROOT = "1.2.826.0.1.3680043.8.498."
"""The root of every published UID; the one the legacy contract uses."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PSEUDONYM_LENGTH = 12
_UID_DIGITS = 38


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """The project's secret key. It is never written, and never printed by accident."""

    key: bytes

    def __repr__(self) -> str:
        return "Secret(...)"

    def number(self, kind: str, *parts: str) -> int:
        """The 256-bit keyed number of ``parts``, which are length-prefixed against ambiguity."""
        texts = [text.encode() for text in (kind, *parts)]
        message = b"".join([len(text).to_bytes(4, "big") + text for text in texts])
        return int.from_bytes(hmac.digest(self.key, message, "sha256"), "big")

    def derive(self, kind: str, *parts: str) -> str:
        """A 64-character hexadecimal value for a purpose, from which the key cannot be had."""
        return f"{self.number(kind, *parts):064x}"


def pseudonym(secret: Secret, kind: str, prefix: str, domain: str, value: str) -> str:
    """``prefix`` and 12 of [A-Z0-9] for ``value`` within an identifier ``domain``."""
    number = secret.number(kind, domain, value)
    letters = []
    for _ in range(_PSEUDONYM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return prefix + "".join(letters)


def release_uid(secret: Secret, uid: RawUid) -> ReleaseUid:
    """The published UID of ``uid``: 38 digits without a leading zero (PS3.5 section 9.1)."""
    least = 10 ** (_UID_DIGITS - 1)
    return ReleaseUid(f"{UID_ROOT}{least + secret.number('uid', uid) % (9 * least)}")


def shift_days(secret: Secret, domain: str, patient_id: Mrn, limit: int) -> int:
    """The patient's date shift in days: uniform over -limit..-1 and 1..limit, never 0."""
    place = secret.number("shift_days", domain, patient_id) % (2 * limit)
    return place - limit if place < limit else place - limit + 1
