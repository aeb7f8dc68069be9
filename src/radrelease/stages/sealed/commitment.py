"""The commitment to a sealed split: a Merkle tree over its studies, as RFC 6962 section 2.1 builds one.

A leaf is SHA-256 of 0x00, the study's salt and its canonical JSON; a node SHA-256 of 0x01 and its two
children. The first byte keeps a leaf from being passed off as a node, and the salt a short reference from
being guessed (docs/decisions/0025-sealed-test.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from radrelease.identifiers import Secret
from radrelease.records.release import ReleaseStudy
from radrelease.records.sealing import ALGORITHM, Commitment, SealedStudy

__all__ = ["canonical_json", "commit", "context_of", "merkle_root", "sealed_study"]

_LEAF, _NODE = b"\x00", b"\x01"


def canonical_json(document: Any) -> bytes:
    """One way to write it: keys in order, no blanks, UTF-8; raises :class:`ValueError` for NaN."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def commit(studies: Iterable[SealedStudy]) -> Commitment:
    """The commitment to the studies, in the order of their ids."""
    leaves = [_leaf(study) for study in sorted(studies, key=lambda study: study.id)]
    return Commitment(algorithm=ALGORITHM, root=merkle_root(leaves).hex(), studies=len(leaves))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashed leaves; an odd one rises as it is, which gives the tree of RFC 6962."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        joined = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs]
        level = joined + level[len(level) - len(level) % 2 :]
    return level[0]


def _leaf(study: SealedStudy) -> bytes:
    document = asdict(study)
    salt = bytes.fromhex(document.pop("salt"))
    return hashlib.sha256(_LEAF + salt + canonical_json(document)).digest()


def sealed_study(study: ReleaseStudy, secret: Secret) -> SealedStudy:
    """What of the study is sealed, with a salt that only the release's own key can make."""
    institutions = (image.institution for image in study.images if image.institution)
    return SealedStudy(
        id=study.id,
        patient_id=study.patient_id,
        findings=study.findings,
        impression=study.impression,
        context=context_of(study.indication, study.comparison),
        site=next(institutions, None),
        sex=study.sex,
        age=study.age,
        views=tuple(image.view.value for image in study.images),
        pixel_sha256=tuple(image.sha256 for image in study.images),
        salt=secret.derive("sealed study", study.id),
    )


def context_of(indication: str | None, comparison: str | None) -> str:
    """What the report itself tells a participant; "" where it says neither."""
    parts = (("Indication", indication), ("Comparison", comparison))
    return " ".join(f"{name}: {text}" for name, text in parts if text)
