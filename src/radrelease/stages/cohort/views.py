"""The normalised projection of a chest radiograph, from what sites write."""

from __future__ import annotations

from collections.abc import Mapping

from radrelease.profiles.chest import ChestVocabulary
from radrelease.records.release import View

__all__ = ["normalise_view"]

_ELEMENTS = (
    "ViewPosition",
    "ViewCodeSequence",
    "SeriesDescription",
    "AcquisitionDeviceProcessingDescription",
    "ProtocolName",
)
"""From the element made for it to those that merely mention it."""


def normalise_view(attributes: Mapping[str, str], vocabulary: ChestVocabulary) -> View:
    """The view: by (0018,5101), else the view code, else descriptions of this very image.

    A description which names a frontal and a lateral view speaks of the series, not of the image,
    and decides nothing. The last to be asked is the patient's orientation. A frontal view of
    unknown direction is unknown.
    """
    for keyword in _ELEMENTS:
        value = attributes.get(keyword, "")
        named = [view for view, phrases in vocabulary.views.items() if phrases.within(value)]
        if View.FRONTAL_AP in named and View.FRONTAL_PA in named:
            continue
        frontal = View.FRONTAL_AP in named or View.FRONTAL_PA in named
        if View.LATERAL in named and frontal and keyword not in _ELEMENTS[:2]:
            continue
        if View.OTHER in named:
            return View.OTHER
        if named:
            return named[0]
    return View.LATERAL if _is_seen_from_the_side(attributes) else View.UNKNOWN


def _is_seen_from_the_side(attributes: Mapping[str, str]) -> bool:
    """Whether the rows run forward or backward through the patient, by (0020,0020) (PS3.3 C.7.6.1.1.1)."""
    return attributes.get("PatientOrientation", "").upper().startswith(("A\\", "P\\"))
