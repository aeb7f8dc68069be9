"""What somebody who has the public release and this program, but not the key, would try.

Each attack is a function from what the release shows, and the truth to compare the guess with, to
one :class:`Attack`. That an attack fails here is no proof; that one succeeds is.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from radrelease.identifiers import Secret, pseudonym, release_uid

__all__ = [
    "Attack",
    "Shown",
    "guess_order",
    "guess_pseudonyms",
    "guess_shifts",
    "guesses_of",
    "single_out",
]

WEAK_KEYS = (
    b"",
    b"0",
    b"0" * 32,
    b"\0" * 32,
    b"secret",
    b"password",
    b"changeme",
    b"key",
    b"radrelease",
    b"test",
)
_DIGESTS = ("md5", "sha1", "sha256", "sha512", "blake2b")
_SHORTEST_PART = 8
_CORRELATED = 0.2
"""A rank correlation from which on the order of the release gives away the order of the export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack: what was tried, whether the release ``holds``, and what it showed or would cost.

    ``holds`` is None where only a person can judge the figures.
    """

    name: str
    tried: str
    holds: bool | None
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A published study with its true date; ``traits`` are what a neighbour may know of the patient."""

    patient_id: str
    study_date: date
    true_date: date
    traits: tuple[str, ...]


def guesses_of(kind: str, domain: str, value: str, prefix: str) -> Iterator[str]:
    """What an unkeyed or weakly keyed program would publish for the value."""
    for text in (value, value.lower(), f"{prefix}{value}", f"{domain}{value}", value.lstrip("0")):
        for name in _DIGESTS:
            digest = hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
            yield from (digest, digest.upper(), str(int(digest, 16)))
    for key in WEAK_KEYS:
        secret = Secret(key)
        yield pseudonym(secret, kind, prefix, domain, value)
        yield str(release_uid(secret, value))  # type: ignore[arg-type]  # a guess, and no UID


def guess_pseudonyms(
    published: Set[str], originals: Iterable[tuple[str, str, str]], prefix: str, hashes_per_s: float
) -> Attack:
    """Look for published names among the digests of all originals: (kind, domain, value) each.

    A part of eight signs of a digest counts, as programs cut them.
    """
    names = {name.removeprefix(prefix) for name in published} | set(published)
    parts = {name[:_SHORTEST_PART] for name in names if len(name) >= _SHORTEST_PART}
    hits = tried = 0
    for kind, domain, value in originals:
        found = False
        for guess in guesses_of(kind, domain, value, prefix):
            tried += 1
            bare = guess.removeprefix(prefix)
            found = found or guess in names or bare in names or _starts_one(bare, parts, names)
        hits += found
    space = 10**8 / hashes_per_s
    return Attack(
        name="hash the record numbers",
        tried=f"{tried} digests without a key and under {len(WEAK_KEYS)} weak keys",
        holds=not hits,
        result=(
            f"{hits} names found. Without a key all 10^8 numbers would take {space:.0f} s here;"
            f" a key of 256 bits {2.0**255 / hashes_per_s / 3.15e7:.0e} years"
        ),
    )


def _starts_one(guess: str, parts: Set[str], names: Set[str]) -> bool:
    if guess[:_SHORTEST_PART] not in parts:
        return False
    return any(guess.startswith(name) for name in names if len(name) >= _SHORTEST_PART)


def guess_shifts(studies: Iterable[Shown], limit: int) -> Attack:
    """Narrow each patient's shift by the days of the week, as if nobody were examined at week ends."""
    by_patient: dict[str, list[Shown]] = defaultdict(list)
    for study in studies:
        by_patient[study.patient_id].append(study)
    pinned = constant = 0
    shifts: set[int] = set()
    for own in by_patient.values():
        shift = (own[0].study_date - own[0].true_date).days
        shifts.add(shift)
        constant += shift == 0
        residues = [
            residue
            for residue in range(7)
            if all((study.study_date - timedelta(days=residue)).weekday() < 5 for study in own)
        ]
        pinned += residues == [shift % 7]
    one_for_all = len(by_patient) > 2 and len(shifts) == 1
    left = 2 * limit // 7
    return Attack(
        name="find the date shift",
        tried=f"days of the week of {len(by_patient)} patients",
        holds=not one_for_all and not constant and left >= 8,
        result=(
            f"{len(shifts)} different shifts, {constant} of them none. Days of the week pin the shifts of"
            f" {pinned} patients to one of seven classes, of {left} dates each"
        ),
    )


def guess_order(ranks: Sequence[tuple[str, int]]) -> Attack:
    """Whether the order of the published patients is that of the export: (place, original rank) each."""
    places = [rank for _, rank in sorted(ranks)]
    value = _correlation(places)
    return Attack(
        name="read the order",
        tried=f"the order of {len(places)} published patients",
        holds=len(places) < 30 or abs(value) < _CORRELATED,
        result=f"rank correlation with the order of the record numbers {value:+.2f}",
    )


def _correlation(ranks: Sequence[int]) -> float:
    """Spearman's rank correlation of the ranks with their places."""
    count = len(ranks)
    if count < 2:
        return 0.0
    order = {rank: place for place, rank in enumerate(sorted(ranks))}
    squares = sum((place - order[rank]) ** 2 for place, rank in enumerate(ranks))
    return 1 - 6 * squares / (count * (count**2 - 1))


def single_out(studies: Iterable[Shown], k: int) -> Attack:
    """How many patients share their traits with fewer than ``k`` - 1 others."""
    traits: Mapping[str, tuple[str, ...]] = {study.patient_id: study.traits for study in studies}
    sizes = Counter(traits.values())
    alone = sum(sizes[own] == 1 for own in traits.values())
    few = sum(sizes[own] < k for own in traits.values())
    return Attack(
        name="link by rare values",
        tried="sex, age, ethnic group, site and year together",
        holds=None,
        result=f"{alone} of {len(traits)} patients have one of their own, {few} one of fewer than {k}",
    )
