"""What a participant's program gets, in the form of ReXrank: an object keyed by study, no references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radrelease.records.release import View
from radrelease.stages.sealed.commitment import context_of

__all__ = ["picture_paths", "program_input"]

_FRONTAL = frozenset({View.FRONTAL_PA.value, View.FRONTAL_AP.value})


def picture_paths(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the study's pictures lie below the folder of pictures, as ``/`` and ``+`` both join them."""
    return tuple(f"{row['StudyInstanceUid']}/{image}.png" for image in row["SOPInstanceUid"])


def program_input(row: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of one study, from its row of the inputs."""
    paths = picture_paths(row)
    return {
        "study_id": row["id"],
        "image_path": list(paths),
        "key_image_path": _key_picture(paths, row["View"]),
        "view": list(row["View"]),
        "days_since_prior": row["DaysSincePrior"],
        "context": _context(row),
    }


def _key_picture(paths: Sequence[str], views: Sequence[str]) -> str:
    """The first frontal picture, else the first."""
    pairs = zip(paths, views, strict=True)
    return next((path for path, view in pairs if view in _FRONTAL), paths[0])


def _context(row: Mapping[str, Any]) -> str:
    known = (("Age", row["PatientAge"]), ("Gender", row["PatientSex"]))
    stated = "".join(f"{name}:{value}." for name, value in known if value)
    return stated + context_of(row["Indication"], row["Comparison"])
