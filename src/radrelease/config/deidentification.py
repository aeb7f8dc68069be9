"""``[deidentification]`` and ``[reports]``: what becomes of headers and reports."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from radrelease.config.table import Table
from radrelease.locations import LocalPath

__all__ = ["SURROGATES", "TYPED", "Deidentification", "Reports", "model_source"]

TYPED, SURROGATES = "typed", "surrogates"
"""The values of ``placeholder`` that are no literal text."""


def model_source(value: object) -> str | Path | None:
    """What names a model: a Path if it is written with a "/", and else the name of a package.

    Raises :class:`ValueError` for what can be neither.
    """
    if isinstance(value, str) and "/" in value:
        return Path(value)
    if value is None or isinstance(value, Path) or (isinstance(value, str) and value.isidentifier()):
        return value
    raise ValueError('name an installed package such as en_core_web_sm, or a folder with a "/", as ./model')


class Deidentification(Table):
    """``[deidentification]``: the profile and its settings."""

    profile: str = Field(default="rexgradient", description="Name of a header profile")
    date_shift_days: int = Field(default=365, ge=30, le=36500, description="Largest shift either way, days")
    vocabulary_k: int = Field(
        default=10,
        ge=2,
        le=100000,
        description="A word outside the lexicon is published if the reports of so many patients use it",
    )
    reviewed_words: LocalPath | None = Field(
        default=None,
        description="Text file, one word a line, of words outside the lexicon that a person has allowed",
    )
    smallest_cell: int = Field(
        default=5,
        ge=0,
        le=1000,
        description="A header value that fewer patients of the release share is left out or coarsened; 0 or 1"
        " turns this off",
    )
    institutions: Literal["pseudonym", "absent"] = Field(
        default="pseudonym",
        description='"absent" publishes no site at all: the size of a site can point to it, pseudonym or not',
    )
    ner_model: str | Path | None = Field(
        default=None,
        description="Installed spaCy model package, or folder of a spaCy or transformers model (with a "
        '"/"), that also looks for names of people and places; nothing is ever fetched',
    )
    cut: Literal["words", "sentences"] = Field(
        default="words",
        description='"sentences" takes out the whole sentence in which a name, place, address or number of a'
        ' person is found, so that what rules leave of a name goes too; "words" does so in lines of capitals'
        " and in texts of small letters, and elsewhere takes out what is found",
    )
    placeholder: str = Field(
        default=TYPED,
        description='"typed" for [NAME], [DATE] ...; "surrogates" for invented names, places and numbers, the'
        " same ones throughout a patient's reports; any other text stands in for everything removed",
    )

    @field_validator("ner_model", mode="before")
    @classmethod
    def _package_or_folder(cls, value: object) -> str | Path | None:
        return model_source(value)


class Reports(Table):
    """``[reports]``: how reports are cut into sections."""

    sectioner: Literal["rules", "rules+llm", "llm"] = Field(
        default="rules",
        description='"rules" alone; "rules+llm" has a language model label the parts of reports of which the'
        ' rules are not sure, "llm" of all reports; both need [llm] and the extra `llm`',
    )

    @property
    def asks_model(self) -> bool:
        """Whether any report is sent to a language model."""
        return self.sectioner != "rules"
