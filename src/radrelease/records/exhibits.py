"""What the audit looks at, a piece of text of a finished release with its place, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Exhibit", "Finding"]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A text and its place.

    ``patient_id`` is the published one, "" where the text belongs to no patient; ``free_text`` marks
    the wording of a report.
    """

    path: str
    place: str
    text: str
    patient_id: str = ""
    free_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the audit holds against a release. ``detail`` may quote PHI and stays private."""

    check: str
    where: str  # a path in the release and a place in the file; holds no PHI
    detail: str
