"""The ``[[source]]`` tables of ``release.toml``: where an export lies, and how its reports are to be read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from radrelease.config.pictures import PixelPolicy
from radrelease.config.table import Table
from radrelease.locations import AnyPlace
from radrelease.records.sections import PartKind

__all__ = ["Columns", "SectionHeaders", "Source"]


class Columns(Table):
    """``[source.columns]``: which column of the report table holds what.

    The last six name columns whose values identify, and are removed from the reports wherever
    they occur; each takes one name or a list.
    """

    accession: str | None = "accession"
    study_uid: str | None = None
    patient_id: str | None = None
    text: str = "text"
    status: str | None = None
    timestamp: str | None = None
    patient_name: tuple[str, ...] = ()
    birth_date: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    institution: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    other_id: tuple[str, ...] = ()

    @field_validator(
        "patient_name", "birth_date", "staff", "institution", "address", "phone", "other_id", mode="before"
    )
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class SectionHeaders(Table):
    """``[source.section_headers]``: how this source heads the parts of its reports.

    Each is taken as a header where it begins a line or a sentence, in any case, before those that are known;
    its words may be published.
    """

    indication: tuple[str, ...] = Field(default=(), description="Headers of Indication")
    comparison: tuple[str, ...] = Field(default=(), description="Headers of Comparison")
    findings: tuple[str, ...] = Field(default=(), description="Headers of Findings")
    impression: tuple[str, ...] = Field(default=(), description="Headers of Impression")
    other: tuple[str, ...] = Field(default=(), description="Headers of what is not published")

    @model_validator(mode="after")
    def _each_once(self) -> SectionHeaders:
        words = [header.casefold() for header, _ in self.kinds]
        if len(set(words)) != len(words):
            raise ValueError("one header is given twice")
        if any(not any(map(str.isalpha, word)) for word in words):
            raise ValueError("a header has no letter")
        return self

    @property
    def kinds(self) -> tuple[tuple[str, PartKind], ...]:
        """Every header with the kind of the part that it heads."""
        fields = {kind.value.lower(): kind for kind in PartKind}
        return tuple(
            (header, fields[field]) for field in type(self).model_fields for header in getattr(self, field)
        )


class Source(Table):
    """``[[source]]``: one export of one health system."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="Short name, in the private tables")
    dicom: AnyPlace = Field(description="Folder of DICOM files, or s3://bucket/prefix, searched to any depth")
    reports: AnyPlace = Field(
        description="CSV, TSV, JSONL or Parquet file, folder or s3://... of them or of texts, RTF or HTML"
    )
    patient_domain: str | None = Field(
        default=None,
        description="Sources of one domain share their patients; by default each has its own",
    )
    date_order: Literal["mdy", "dmy"] = Field(
        default="mdy", description="How 03/04/2019 is meant in the reports"
    )
    pixel_text: PixelPolicy | None = Field(
        default=None, description="As [pixel_text] policy, for this source alone"
    )
    columns: Columns = Columns()
    section_headers: SectionHeaders = SectionHeaders()

    @property
    def domain(self) -> str:
        return self.patient_domain or self.name
