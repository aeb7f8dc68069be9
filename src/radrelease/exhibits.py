"""What the audit looks at: one piece of text of a finished release, with its place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Exhibit"]


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
