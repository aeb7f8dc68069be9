"""The header profile of the DICOM layout, as data that describes itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

from radrelease.profiles.data_files import read_profile
from radrelease.profiles.header_profile import load_header_profile

__all__ = ["DICOM", "Code", "DicomProfile", "DicomRule", "Method", "load_dicom_profile"]

DICOM = "dicom"
"""The profile's name."""

_SECTIONS = ("identity", "description", "sequences", "pixels", "acquisition")


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomRule:
    """What becomes of one element; ``dicom.toml`` says what the fields mean."""

    keyword: str
    tag: int
    vr: str  # of PS3.6: "US or SS" where the pixels decide
    action: str
    rule: str
    meaning: str
    section: str
    values: tuple[str, ...] = ()
    within: tuple[float, float] = (0.0, 0.0)
    most: int = 1
    keep_empty: bool = False
    inside: tuple[str, ...] = ()
    when: str = ""

    @property
    def vocabulary(self) -> str:
        """The values or the range, as text for a reader."""
        if self.rule == "number":
            return f"{self.within[0]:g} to {self.within[1]:g}"
        return ", ".join(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A code of CID 7050 (PS3.16) and when it is stated: always, or ``when`` something was done."""

    code: str
    meaning: str
    when: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code that an item of ``sequence`` may have."""

    sequence: str
    scheme: str
    value: str


@dataclass(frozen=True, kw_only=True)
class DicomProfile:
    """The elements that a file may have. Every other element is not in it."""

    name: str
    title: str
    standard: str
    table: str
    options: tuple[str, ...]
    nearest_days: int
    methods: tuple[Method, ...]
    rules: tuple[DicomRule, ...]
    codes: Mapping[Code, str]
    words: frozenset[str]

    @cached_property
    def top(self) -> tuple[DicomRule, ...]:
        """The rules of the data set itself."""
        return tuple(rule for rule in self.rules if not rule.inside)

    @cached_property
    def by_place(self) -> Mapping[tuple[str, str], DicomRule]:
        """The rules by the keyword of the sequence they are inside of, "" for none, and their own."""
        return {(place, rule.keyword): rule for rule in self.rules for place in rule.inside or ("",)}


@cache
def load_dicom_profile() -> DicomProfile:
    """The profile in ``dicom.toml``; its words are those of the profile of pictures and tables."""
    document = read_profile("dicom.toml")
    return DicomProfile(
        name=document["name"],
        title=document["title"],
        standard=document["standard"],
        table=document["table"],
        options=tuple(document["options"]),
        nearest_days=document["nearest_days"],
        methods=tuple(Method(**row) for row in document["method"]),
        rules=tuple(_rule(section, row) for section in _SECTIONS for row in document[section]["attributes"]),
        codes={
            Code(row["sequence"], row["scheme"], value): meaning
            for row in document["code"]
            for value, meaning in row["meanings"].items()
        },
        words=load_header_profile("rexgradient").vocabularies["description_words"],
    )


def _rule(section: str, row: dict[str, Any]) -> DicomRule:
    lists: dict[str, Any] = {name: tuple(row[name]) for name in ("values", "within", "inside") if name in row}
    tag = tag_for_keyword(row["keyword"])
    if tag is None:
        raise LookupError(f"dicom.toml names {row['keyword']}, which PS3.6 does not")
    return DicomRule(section=section, tag=tag, vr=dictionary_VR(tag), **{**row, **lists})
