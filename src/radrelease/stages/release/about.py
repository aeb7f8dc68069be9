"""What a release says about itself beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from radrelease.config.card import Card
from radrelease.records.entities import ModelIdentity
from radrelease.records.sealing import Commitment
from radrelease.stages.release.changes import Changes

__all__ = ["About", "GalleryStudy", "PixelTextAbout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelTextAbout:
    """How text burned into the pictures was looked for, and in how many published ones.

    ``policies`` are those of the sources, each once: with "off" among them, some pictures were not read.
    """

    policies: tuple[str, ...]
    search: str
    tiles: bool
    markers: tuple[str, ...]
    reader: ModelIdentity
    pictures_read: int
    pictures_masked: str  # a number, or that it is a small one


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The settings a reader of the release should know. Nothing here names a place or a path."""

    name: str
    version: str
    card: Card
    licence: str  # the text of LICENSE
    changes: Changes | None  # None where no earlier version is on record
    profile: str
    software: str
    id_prefix: str
    scale: float
    kernel: str
    drawn_range: str  # what is stretched to the ends
    date_shift_days: int
    placeholder: str
    sentences: bool  # whether whole sentences were taken out
    vocabulary_k: int
    smallest_cell: int
    institutions: bool  # whether sites are named, by pseudonyms
    layouts: tuple[str, ...]
    parts: int
    dicom_pixels: str
    dicom_syntax: str
    sources: int
    model: ModelIdentity | None  # that looked for names in the reports
    labeller: str | None  # the language model that labelled parts of reports
    labels_all: bool  # whether of all reports, or of those of which the rules were not sure
    pixel_text: PixelTextAbout | None  # None where no picture was searched for text
    sealed_test: Commitment | None  # None where no private test split was sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryStudy:
    """One study to look at: 8-bit previews beside its sections."""

    split: str
    sex: str | None
    age: str | None  # in words
    description: str | None
    sections: tuple[tuple[str, str], ...]
    views: tuple[str, ...]
    previews: tuple[bytes, ...]
    more: int  # pictures that are not shown
