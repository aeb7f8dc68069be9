"""``release.toml``: its model, its defaults, and its errors. No default is stated anywhere else.

The larger tables have modules of their own: sources, reports, pictures, card and language
model.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from radrelease.config.card import Card
from radrelease.config.deidentification import SURROGATES, TYPED, Deidentification, Reports, model_source
from radrelease.config.language_model import LanguageModel
from radrelease.config.pictures import Dicom, Images, PixelPolicy, PixelText
from radrelease.config.sources import Source
from radrelease.config.table import Table
from radrelease.locations import AnyPlace, LocalPath, Place
from radrelease.records.sections import PartKind

__all__ = [
    "SURROGATES",
    "TYPED",
    "Config",
    "Deidentification",
    "Eligibility",
    "Linkage",
    "Release",
    "Reports",
    "Sealing",
    "SecretSource",
    "SplitQuotas",
    "Workers",
    "model_source",
]

Quota = Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, le=1)]
"""A number of studies, or a fraction of the cohort."""


class Release(Table):
    """``[release]``: what is made and where."""

    name: str = Field(min_length=1, description="Name of the release, as its dataset card shows it")
    version: str = Field(default="1.0.0", description="Version of the release")
    output: AnyPlace = Field(description="Folder of the public release, or s3://bucket/prefix")
    private_output: AnyPlace | None = Field(
        default=None,
        description="Folder of the private test split, or s3://...; beside output by default, or beside work"
        " where output is in a store",
    )
    work: LocalPath = Field(description="Private work folder: holds PHI, mode 0700")
    layouts: tuple[Literal["native", "rexgradient", "dicom"], ...] = Field(
        default=("native", "rexgradient"), min_length=1, description="What the release is laid out as"
    )
    id_prefix: str = Field(
        default="RADR", pattern=r"^[A-Z]{4}$", description="First four letters of every pseudonym"
    )
    parts: int = Field(default=10, ge=1, le=1000, description="Parts of the legacy archive")

    @field_validator("id_prefix")
    @classmethod
    def _prefix_is_not_taken(cls, prefix: str) -> str:
        if prefix == "GRDN":
            raise ValueError("GRDN is the prefix of ReXGradient-160K")
        return prefix

    @property
    def private_place(self) -> Place:
        """Where the private test split goes."""
        if self.private_output is not None:
            return self.private_output
        beside = self.output if isinstance(self.output, Path) else self.work
        return beside.parent / "private_test"

    @property
    def public_folder(self) -> Path:
        """The public release here; of one in a store, the copy in the work folder."""
        return self.output if isinstance(self.output, Path) else self.work / "released"

    @property
    def private_folder(self) -> Path:
        """The private test split here; of one in a store, the copy in the work folder."""
        return self.private_place if isinstance(self.private_place, Path) else self.work / "released_private"


class SplitQuotas(Table):
    """``[split]``: studies per split; a whole number counts studies, a fraction is of the cohort."""

    valid: Quota = 0.1
    test: Quota = 0.1
    private_test: Quota = 0.0
    train: Quota | Literal["rest"] = "rest"
    surplus: Literal["reject", "error"] = Field(
        default="reject",
        description="What becomes of studies beyond the quotas: rejected, or the run does not start",
    )
    keep: bool = Field(
        default=True,
        description="Whether patients of the release in place keep their splits; new ones fill what is left",
    )


class Linkage(Table):
    """``[linkage]``: what joins images, reports and patients."""

    number_of_two: Literal["report", "reject"] = Field(
        default="report",
        description="What becomes of a patient number whose headers describe two people (two of name, birth"
        " date and sex differ): listed in the work folder, or its studies rejected",
    )


class Eligibility(Table):
    """``[eligibility]``: which studies and images may be released at all."""

    modalities: tuple[str, ...] = ("CR", "DX")
    body_parts: tuple[str, ...] = Field(default=("chest",), min_length=1)
    views: tuple[Literal["frontal PA", "frontal AP", "lateral", "other", "unknown"], ...] = (
        "frontal PA",
        "frontal AP",
        "lateral",
        "other",
        "unknown",
    )
    required_sections: tuple[Literal["Indication", "Comparison", "Findings", "Impression"], ...] = Field(
        default=("Findings", "Impression"), description="At least one of these must be present"
    )

    @field_validator("body_parts")
    @classmethod
    def _known_body_parts(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(parts) - {"chest"})
        if unknown:
            raise ValueError(f"no vocabulary for {', '.join(unknown)}; this version knows chest")
        return parts


class Sealing(Table):
    """``[sealing]``: for whom the references of the private test split are encrypted."""

    recipient: str | None = Field(
        default=None,
        description='Public half of the sealing key, "age1..."; without it the private test split is left in'
        " the clear, for its owner alone",
    )
    openings_per_team: int | None = Field(
        default=10, ge=1, description="How often a team may be scored in 30 days, by the log of openings"
    )


class SecretSource(Table):
    """``[secret]``: where the key comes from; it is never written anywhere."""

    key_file: LocalPath | None = None
    key_env: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretSource:
        if (self.key_file is None) == (self.key_env is None):
            raise ValueError("give key_file or key_env, and not both")
        return self


class Workers(Table):
    """``[workers]``: how the work is done. Nothing here changes a byte of the release."""

    engine: Literal["local", "ray"] = Field(
        default="local",
        description='"local" for processes of this machine, "ray" for those of a Ray cluster (extra `ray`)',
    )
    address: str = Field(
        default="auto",
        description='Of the Ray cluster: "auto" is the one that this machine is a node of, or host:port',
    )
    processes: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Processes; 0 is one per core, of this machine or of the cluster",
    )
    study_timeout_s: float = Field(default=120.0, gt=0, description="Longest time for one study, s")
    study_memory_mb: int = Field(
        default=4096, ge=0, description="Most memory for one study, beyond what its process holds, MB; 0: all"
    )

    @field_validator("address")
    @classmethod
    def _a_node_of_the_cluster(cls, address: str) -> str:
        if address != "auto" and not re.fullmatch(r"[^\s/:]+:\d+", address):
            raise ValueError('"auto" or host:port of a cluster that this machine is a node of; not ray://')
        return address


class Config(Table):
    """A whole ``release.toml``."""

    release: Release
    source: tuple[Source, ...] = Field(min_length=1)
    split: SplitQuotas = SplitQuotas()
    linkage: Linkage = Linkage()
    eligibility: Eligibility = Eligibility()
    deidentification: Deidentification = Deidentification()
    images: Images = Images()
    dicom: Dicom = Dicom()
    pixel_text: PixelText = PixelText()
    reports: Reports = Reports()
    llm: LanguageModel | None = None
    card: Card = Card()
    sealing: Sealing = Sealing()
    secret: SecretSource
    workers: Workers = Workers()

    @field_validator("source")
    @classmethod
    def _names_differ(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [source.name for source in sources]
        if len(set(names)) != len(names):
            raise ValueError("two sources have one name")
        return sources

    def headers_of(self, source: str) -> tuple[tuple[str, PartKind], ...]:
        """The headers that the source of that name has of its own."""
        return next(one.section_headers.kinds for one in self.source if one.name == source)

    @property
    def pixel_policies(self) -> dict[str, PixelPolicy]:
        """What becomes of identifying text in the pictures of each source, by its name."""
        return {source.name: source.pixel_text or self.pixel_text.policy for source in self.source}

    @property
    def reads_pixels(self) -> bool:
        """Whether text is looked for in any picture."""
        return any(policy != "off" for policy in self.pixel_policies.values())
