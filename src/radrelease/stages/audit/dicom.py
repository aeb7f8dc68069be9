"""Whether the elements of a released DICOM file are ones that the profile lets through.

Judges what was written, by the profile's data: it shares no function with the stage that writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from radrelease.identifiers import UID_ROOT
from radrelease.profiles.dicom_profile import Code, DicomProfile, DicomRule
from radrelease.records.dicom_values import parse_date

__all__ = ["Judged", "judge", "missing_statements"]

_UID = re.compile(re.escape(UID_ROOT) + r"[1-9]\d{37}")
_NUMBER = re.compile(r"-?\d{1,10}(\.\d{1,9})?(e-\d\d)?")
_PART = re.compile(r"[A-Z0-9]+")
_DIRECTION = re.compile(r"[APLRHF]{1,3}")
_MOST_DIGITS = 6
_WHOLE = frozenset({"IS", "US", "SS"})


@dataclass(frozen=True, slots=True)
class Judged:
    """One element of a file: the keyword of the sequence it is inside of ("" for none), its own, its values.

    ``table`` has the values of LUT Data.
    """

    place: str
    keyword: str
    vr: str
    values: tuple[str, ...]
    table: Sequence[int] = ()


def judge(
    element: Judged, profile: DicomProfile, stated: Mapping[str, str], siblings: Mapping[str, tuple[str, ...]]
) -> bool:
    """Whether the element may be there, with these values.

    ``stated`` is what the tables say of the file, by keyword; ``siblings`` are the texts beside the element.
    """
    rule = profile.by_place.get((element.place, element.keyword))
    if rule is None or (element.vr not in rule.vr and (element.vr, rule.vr) != ("OB", "OB or OW")):
        return False
    if rule.rule in ("pixels", "lut") or rule.vr == "SQ":
        return _is_form(element, rule)
    if not element.values:
        return rule.keep_empty or rule.rule == "empty"
    if rule.keyword in stated:
        return element.values == (stated[rule.keyword],)
    if rule.rule == "codes":
        return _is_code(element, profile, siblings)
    return len(element.values) <= rule.most and all(
        _is_value(value, rule, profile, stated) for value in element.values
    )


def missing_statements(keywords: Set[str], profile: DicomProfile) -> tuple[str, ...]:
    """The elements by which a file must state its de-identification, and does not."""
    stated = {
        rule.keyword for rule in profile.rules if rule.section == "identity" and rule.rule == "constant"
    }
    return tuple(sorted(stated - keywords))


def _is_value(value: str, rule: DicomRule, profile: DicomProfile, stated: Mapping[str, str]) -> bool:
    if rule.rule in ("value", "constant", "image_type"):
        return value in rule.values or (rule.rule == "image_type" and not value)
    if rule.rule == "date":
        day, of_study = parse_date(value), parse_date(stated.get("StudyDate", ""))
        return day is not None and of_study is not None and abs((day - of_study).days) <= profile.nearest_days
    if rule.rule == "words":
        return profile.words >= set(_PART.findall(value.upper())) and value.isascii() and "\\" not in value
    forms = {"uid": _UID, "orientation": _DIRECTION}
    if rule.rule in forms:
        return forms[rule.rule].fullmatch(value) is not None
    return rule.rule == "number" and _is_number(value, rule)


def _is_number(value: str, rule: DicomRule) -> bool:
    if not _NUMBER.fullmatch(value):
        return False
    digits = value.partition("e")[0].replace(".", "").lstrip("-0").rstrip("0")
    low, high = rule.within
    within = low <= float(value) <= high or (rule.vr == "US or SS" and float(value) <= 65535)
    return within and (rule.vr in _WHOLE or len(digits) <= _MOST_DIGITS)


def _is_code(element: Judged, profile: DicomProfile, siblings: Mapping[str, tuple[str, ...]]) -> bool:
    scheme, value, meaning = (
        (siblings.get(keyword) or ("",))[0]
        for keyword in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning")
    )
    if element.place == "DeidentificationMethodCodeSequence":
        return scheme == "DCM" and any(
            (value, meaning) == (method.code, method.meaning) for method in profile.methods
        )
    return profile.codes.get(Code(element.place, scheme, value)) == meaning


def _is_form(element: Judged, rule: DicomRule) -> bool:
    """Of a table, that it rises or falls throughout; of the pixels' own numbers, that they are some."""
    if rule.keyword == "LUTData":
        steps = np.diff(np.asarray(element.table, np.int32))
        return bool((steps >= 0).all() or (steps <= 0).all())
    if rule.keyword == "PhotometricInterpretation":
        return element.values in (("MONOCHROME1",), ("MONOCHROME2",))
    return all(_NUMBER.fullmatch(value) for value in element.values)
