"""Which elements of a header are read for the catalog, by tag, and what makes a value an identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword

from radrelease.profiles.identifying import load_identifying
from radrelease.records.dicom_values import parse_date
from radrelease.records.private import Identifier, IdentifierKind

__all__ = [
    "ATTRIBUTE_TAGS",
    "CODE_MEANING",
    "DIRECTORY",
    "IDENTITY_TAGS",
    "KIND_BY_TAG",
    "PERSON_NAME_TAGS",
    "PIXEL_TAGS",
    "SEQUENCE_TAGS",
    "HeaderTexts",
    "identifier",
]

PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
PERSON_NAME_TAGS = frozenset(tag for tag, row in DicomDictionary.items() if row[0] == "PN")
SEQUENCE_TAGS = frozenset(tag for tag, row in DicomDictionary.items() if row[0] == "SQ")
CODE_MEANING = 0x00080104
DIRECTORY = "1.2.840.10008.1.3.10"
"""SOP class of Media Storage Directory, a DICOMDIR."""


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise LookupError(f"identifying.toml names {keyword}, which PS3.6 does not")
    return tag


_IDENTIFYING = load_identifying()
KIND_BY_TAG = {_tag(keyword): kind for keyword, kind in _IDENTIFYING.kinds.items()}
ATTRIBUTE_TAGS = tuple((keyword, _tag(keyword)) for keyword in sorted(_IDENTIFYING.attributes))
IDENTITY_TAGS = {
    keyword: _tag(keyword)
    for keyword in (
        *("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
        *("AccessionNumber", "StudyDate"),
    )
}


@dataclass(frozen=True, slots=True)
class HeaderTexts:
    """What a header with pixels after it says. Private.

    ``texts`` has the elements of :data:`ATTRIBUTE_TAGS` and :data:`IDENTITY_TAGS` by tag, as one text each,
    blanks around it removed; ``identifiers`` those of any depth, sorted, each once.
    """

    transfer_syntax_uid: str
    texts: Mapping[int, str]
    identifiers: tuple[Identifier, ...]


def identifier(kind: IdentifierKind, value: str) -> Identifier | None:
    """The identifier that a value is, or None where it names nobody or is no date of birth."""
    value = value.strip()
    if kind is IdentifierKind.BIRTH_DATE:
        born = parse_date(value)
        return None if born is None else Identifier(kind, born.isoformat())
    return None if _IDENTIFYING.is_dummy(value) else Identifier(kind, value)
