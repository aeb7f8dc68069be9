"""A file's header to the header of a released file, rebuilt from nothing by the profile ``dicom``.

Nothing is copied and then cleaned: every element comes out of one rule of the profile, and an
element without a rule is not there, at whatever depth the original had it (PS3.15 annex E).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from radrelease.identifiers import RawUid
from radrelease.profiles.dicom_profile import Code, DicomProfile, DicomRule
from radrelease.records.dicom_elements import Element, RawHeader
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.dicom_stated import Facts, stated_values
from radrelease.stages.headers.dicom_values import (
    image_type,
    lut_descriptor,
    moved_date,
    orientation,
    public_numbers,
    public_values,
    public_words,
)

__all__ = ["released_header"]

_CHEST = Code("AnatomicRegionSequence", "SCT", "816094009")
"""What BodyPartExamined says, as a code; the DX IOD asks for one where the region is known."""


@dataclass(frozen=True, slots=True)
class _Context:
    raw: RawHeader
    facts: Facts
    profile: DicomProfile
    crosswalk: Crosswalk
    stated: Mapping[str, tuple[str, ...]]


def released_header(
    raw: RawHeader, facts: Facts, profile: DicomProfile, crosswalk: Crosswalk
) -> tuple[Element, ...]:
    """Every element of the file but Pixel Data, in no order; values are as they are written."""
    context = _Context(raw, facts, profile, crosswalk, stated_values(raw, facts, profile))
    found = {}
    for rule in profile.top:
        if rule.when in ("", facts.pixels.kind) and rule.keyword != "PixelData":
            element = _element(rule, context)
            if element is not None:
                found[rule.keyword] = element
    return tuple(_consistent(found).values())


def _element(rule: DicomRule, context: _Context) -> Element | None:
    if rule.keyword in context.stated:
        values = context.stated[rule.keyword]
        element = Element(rule.keyword, values) if values else None
    else:
        element = _RULES[rule.rule](rule, context)
    return Element(rule.keyword) if element is None and rule.keep_empty else element


def _consistent(found: dict[str, Element]) -> dict[str, Element]:
    """Elements that mean nothing without each other, and all of a kind, stay or go together."""
    windows = ("WindowCenter", "WindowWidth")
    counts = [len(found[keyword].values) if keyword in found else 0 for keyword in windows]
    if counts[0] != counts[1]:
        for keyword in windows:
            found.pop(keyword, None)
    maker = found.get("Manufacturer")
    if maker is None or not maker.values:  # withheld, as too few share it: the model would tell
        found.pop("ManufacturerModelName", None)
    explained = found.get("WindowCenterWidthExplanation")
    if explained is not None and ("WindowCenter" not in found or len(explained.values) != counts[0]):
        del found["WindowCenterWidthExplanation"]
    return found


def _released(_rule: DicomRule, _context: _Context) -> Element | None:
    return None  # what is released is stated; the rest is absent


def _constant(rule: DicomRule, context: _Context) -> Element:
    if rule.keyword != "DeidentificationMethodCodeSequence":
        return Element(rule.keyword, rule.values)
    methods = [
        method
        for method in context.profile.methods
        if not method.when or (method.when == "pixels cleaned" and context.facts.cleaned)
    ]
    return Element(
        rule.keyword, items=tuple(_code_item("DCM", method.code, method.meaning) for method in methods)
    )


def _code_item(scheme: str, value: str, meaning: str) -> tuple[Element, ...]:
    return (
        Element("CodeValue", (value,)),
        Element("CodingSchemeDesignator", (scheme,)),
        Element("CodeMeaning", (meaning,)),
    )


def _empty(rule: DicomRule, _context: _Context) -> Element:
    return Element(rule.keyword)


def _of(function: Callable[[tuple[str, ...], DicomRule, _Context], tuple[str, ...]]) -> _Rule:
    def apply(rule: DicomRule, context: _Context) -> Element | None:
        raw = context.raw.texts.get(rule.keyword)
        values = function(raw, rule, context) if raw else ()
        return Element(rule.keyword, values) if values else None

    return apply


def _image_type(rule: DicomRule, context: _Context) -> Element:
    raw = context.raw.texts.get(rule.keyword, ())
    return Element(rule.keyword, image_type(raw, rule, derived=context.facts.pixels.kind == "quarter"))


def _date(raw: tuple[str, ...], _rule: DicomRule, context: _Context) -> tuple[str, ...]:
    facts = context.facts
    return moved_date(raw, facts.study_date, facts.shift_days, context.profile.nearest_days)


def _uid(raw: tuple[str, ...], _rule: DicomRule, context: _Context) -> tuple[str, ...]:
    return (context.crosswalk.uid(RawUid(raw[0])),) if len(raw) == 1 else ()


def _codes(rule: DicomRule, context: _Context) -> Element | None:
    found = []
    for item in context.raw.items.get(rule.keyword, ()):
        scheme, value = (_one(item, keyword) for keyword in ("CodingSchemeDesignator", "CodeValue"))
        meaning = context.profile.codes.get(Code(rule.keyword, scheme, value))
        if meaning is not None:
            found.append(_code_item(scheme, value, meaning))
    if not found and rule.keyword == _CHEST.sequence and context.stated["BodyPartExamined"] == ("CHEST",):
        found.append(_code_item(_CHEST.scheme, _CHEST.value, context.profile.codes[_CHEST]))
    return _sequence(rule, found[: rule.most])


def _references(rule: DicomRule, context: _Context) -> Element | None:
    classes = context.profile.by_place[rule.keyword, "ReferencedSOPClassUID"]
    found = []
    for item in context.raw.items.get(rule.keyword, ())[: rule.most]:
        sop_class = public_values(item.texts.get("ReferencedSOPClassUID", ()), classes)
        uid = _one(item, "ReferencedSOPInstanceUID")
        if sop_class and uid:
            found.append(
                (
                    Element("ReferencedSOPClassUID", sop_class),
                    Element("ReferencedSOPInstanceUID", (context.crosswalk.uid(RawUid(uid)),)),
                )
            )
    return _sequence(rule, found)


def _lut(rule: DicomRule, context: _Context) -> Element | None:
    is_modality = rule.keyword == "ModalityLUTSequence"
    if is_modality and not context.facts.pixels.has_lut:
        return None
    found = []
    for item in context.raw.items.get(rule.keyword, ())[: rule.most]:
        descriptor = lut_descriptor(item)
        if descriptor:
            table = item.tables["LUTData"].astype("<u2").tobytes()
            elements = [Element("LUTDescriptor", descriptor), Element("LUTData", data=table)]
            if is_modality:
                kinds = context.profile.by_place[rule.keyword, "ModalityLUTType"]
                kind = public_values(item.texts.get("ModalityLUTType", ()), kinds) or ("UNSPECIFIED",)
                elements.append(Element("ModalityLUTType", kind))
            found.append(tuple(elements))
    return _sequence(rule, found)


def _sequence(rule: DicomRule, items: Sequence[tuple[Element, ...]]) -> Element | None:
    return Element(rule.keyword, items=tuple(items)) if items else None


def _one(item: RawHeader, keyword: str) -> str:
    values = item.texts.get(keyword, ())
    return values[0] if len(values) == 1 else ""


_Rule = Callable[[DicomRule, _Context], Element | None]

_RULES: dict[str, _Rule] = {
    "released": _released,
    "pixels": _released,
    "constant": _constant,
    "empty": _empty,
    "image_type": _image_type,
    "codes": _codes,
    "references": _references,
    "lut": _lut,
    "date": _of(_date),
    "uid": _of(_uid),
    "orientation": _of(lambda raw, _rule, _context: orientation(raw)),
    "value": _of(lambda raw, rule, _context: public_values(raw, rule)),
    "words": _of(lambda raw, rule, context: public_words(raw, rule, context.profile.words)),
    "number": _of(lambda raw, rule, context: public_numbers(raw, rule, context.facts.codes)),
}
