"""The ``[card]`` table of ``release.toml``: what only people can say of a release.

Everything is optional; what is absent is described as not stated, and never invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field, field_validator, model_validator

from radrelease.config.table import Table
from radrelease.locations import LocalPath

__all__ = ["Author", "Card"]

_LINE = r"^[^\n\r]*\S[^\n\r]*$"


class Author(Table):
    """``[[card.authors]]``: a person, as "Family, Given", or an institution."""

    name: str = Field(
        pattern=_LINE, description='"Family, Given" for a person; without a comma an institution'
    )
    affiliation: str | None = Field(default=None, pattern=_LINE, description="Where the person works")
    orcid: str | None = Field(
        default=None, pattern=r"^(\d{4}-){3}\d{3}[\dX]$", description="ORCID iD, as 0000-0002-1825-0097"
    )

    @property
    def family(self) -> str:
        """Family name of a person, "" for an institution."""
        return self.name.partition(",")[0].strip() if "," in self.name else ""

    @property
    def given(self) -> str:
        """Given names of a person, "" for an institution."""
        return self.name.partition(",")[2].strip()


class Card(Table):
    """``[card]``: what card, datasheet, CITATION.cff and croissant.json say beside numbers."""

    description: str | None = Field(default=None, description="What the release is, in a few sentences")
    intended_use: str | None = Field(default=None, description="Uses beyond those every card names")
    limits: str | None = Field(default=None, description="Limits beyond those every card names")
    authors: tuple[Author, ...] = ()
    contact: str | None = Field(default=None, pattern=_LINE, description="Whom to write to")
    funding: str | None = Field(default=None, description="Who paid for it")
    ethics: str | None = Field(default=None, description="Ethics approval or waiver, and consent")
    maintenance: str | None = Field(default=None, description="How it is kept, mended and withdrawn")
    released: date | None = Field(default=None, description="Date of this version, as 2026-11-29")
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/\S+$", description="DOI of this version")
    url: str | None = Field(default=None, pattern=r"^https?://\S+$", description="Page of the release")
    citation: str | None = Field(
        default=None, description="How to cite; by default made of authors, name, version and DOI"
    )
    license: str = Field(
        default="other",
        pattern=r"^[a-z0-9][a-z0-9.-]*$",
        description='Licence as the hub names it, such as "cc-by-nc-4.0"; "other" for terms of your own',
    )
    license_name: str = Field(
        default="data-use-agreement", pattern=r"^[a-z0-9][a-z0-9.-]*$", description='Name of "other" terms'
    )
    license_link: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Where the terms are; the file LICENSE by default",
    )
    license_file: LocalPath | None = Field(default=None, description="Text file that becomes LICENSE")
    gated_prompt: str = Field(
        default="You agree not to try to identify any person in this data, not to share it, and to use it for"
        " research only.",
        min_length=1,
        description="What the hub shows to who asks for access",
    )
    gated_fields: tuple[str, ...] = Field(
        default=("Name", "Institution"), description="What the hub asks for, beside a box to tick"
    )

    @field_validator("gated_fields")
    @classmethod
    def _fields_differ(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(fields)) != len(fields):
            raise ValueError("one field is given twice")
        return fields

    @model_validator(mode="after")
    def _one_licence(self) -> Card:
        if self.license != "other" and self.license_file is not None:
            raise ValueError('license_file is for license = "other"; a licence with a name has its own text')
        return self

    @property
    def texts(self) -> Iterator[str]:
        """Every text that a person wrote, whole and line by line; all of it is published as it stands."""
        plain = (value for name, value in self if name != "authors" and isinstance(value, str))
        named = (text for author in self.authors for text in (author.name, author.affiliation, author.orcid))
        parts = (text for author in self.authors for text in (author.family, author.given))
        for text in (*plain, *named, *parts, *self.gated_fields):
            yield from ((text or "").strip(), *(line.strip() for line in (text or "").splitlines()))
