"""One file of the export to its picture, and to its file of the layout "dicom".

It is read and decoded once. Text burned into the pixels is looked for on the decoded pixels, at full
size, and what the policy of the source says then decides, before anything is drawn of them
(docs/decisions/0010-burned-in-text.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from radrelease.adapters.dicom_encoding import encode_pixels
from radrelease.adapters.dicom_layout import DicomFile, file_path
from radrelease.adapters.dicom_pixels import decode_image
from radrelease.adapters.dicom_source import is_lossy, raw_header
from radrelease.adapters.dicom_writer import part_10
from radrelease.adapters.files import retrying, write_private
from radrelease.adapters.image_file import ImageFile, image_file_in
from radrelease.adapters.ocr import engine_of
from radrelease.adapters.places import open_input
from radrelease.adapters.png import encode_png, encode_preview, framed
from radrelease.adapters.shard_pictures import KeptPicture
from radrelease.config import Config
from radrelease.locations import Place
from radrelease.profiles.device_regions import load_device_regions
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.profiles.polarity import load_polarity
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.entities import ModelIdentity
from radrelease.records.pixels import (
    Box,
    DecodedImage,
    PictureFacts,
    PixelProblem,
    RenderedImage,
    WrittenImage,
)
from radrelease.records.private import Instance, PixelMask, Study
from radrelease.records.release import ReleaseStudy
from radrelease.rejections import Reason
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.cohort.eligibility import says_burned_in
from radrelease.stages.headers.dicom_header import released_header
from radrelease.stages.headers.dicom_stated import Facts
from radrelease.stages.pictures.burned_in import Found, Search, clean, look
from radrelease.stages.pictures.dicom_written import as_original, as_quarter
from radrelease.stages.pictures.picture_quality import facts_of
from radrelease.stages.pictures.pixel_text import PixelTerms
from radrelease.stages.pictures.pixels import is_inverted, render
from radrelease.stages.pictures.text_search import in_eight_bits

__all__ = ["Attempt", "Drawn", "Studio", "dicom_files", "draw", "search_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What drawing needs beside the file: the settings, who must read, what is known, where to put doubts."""

    config: Config
    reader: ModelIdentity | None
    terms: PixelTerms
    review: Path  # a folder, made when it is needed


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """An instance with its picture and, where DICOM files are asked for, what goes into its file."""

    instance: Instance
    picture: PictureFacts
    png: bytes
    preview: bytes  # of 8 bits, as PNG; b"" where none is asked for
    raw: RawHeader | None = None
    written: WrittenImage | None = None
    earlier: KeptPicture | None = None  # the picture as a committed shard has it, where it comes from there


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one file: what was drawn or why it was not, and the text found in its pixels."""

    outcome: Drawn | PixelProblem
    masks: tuple[PixelMask, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A file's header and pixels; ``raw`` is None where no DICOM files are asked for."""

    header: pydicom.Dataset
    raw: RawHeader | None
    image: DecodedImage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Freed:
    """Pixels without identifying text, or why there are none; ``masked`` is the share painted over."""

    image: DecodedImage | PixelProblem
    masked: float | None = None  # None where no text was looked for
    masks: tuple[PixelMask, ...] = ()


def draw(instance: Instance, studio: Studio) -> Attempt:
    """The picture of one file and what its DICOM file takes, or why it is not published."""
    config = studio.config
    opened = _open(instance, config)
    if isinstance(opened, PixelProblem):
        return Attempt(outcome=opened)
    picture = render(opened.image, config.images)
    if isinstance(picture, PixelProblem):
        return Attempt(outcome=picture)
    freed = _free_of_text(instance, opened.image, studio)
    if isinstance(freed.image, PixelProblem):
        return Attempt(outcome=freed.image, masks=freed.masks)
    if freed.image is not opened.image:
        picture = render(freed.image, config.images)
        if isinstance(picture, PixelProblem):
            return Attempt(outcome=picture, masks=freed.masks)
    picture = replace(picture, masked=freed.masked)
    written = None
    if opened.raw is not None:
        written = _written(freed.image, picture, opened.raw, config, lossy=is_lossy(opened.header))
    facts = facts_of(picture, load_polarity())
    png, small = encode_png(picture.pixels), encode_preview(picture.pixels, config.images.preview)
    drawn = Drawn(instance, facts, png, small, opened.raw, written)
    return Attempt(outcome=drawn, masks=freed.masks)


def search_of(instance: Instance, image: DecodedImage, config: Config) -> Search:
    """How the picture is searched: by the settings, the header's word, and what is known of the device."""
    said = says_burned_in(instance.attributes)
    kind = instance.attributes.get("ImageType", "").upper()
    rows, columns = image.pixels.shape
    return Search(
        everywhere=config.pixel_text.search == "all" or said or "SECONDARY" in kind,
        tiles=config.pixel_text.tiles,
        groups=config.pixel_text.markers,
        inverted=is_inverted(image),
        regions=tuple(
            Box(int(left * columns), int(top * rows), round(right * columns), round(bottom * rows))
            for device in load_device_regions()
            if device.speaks_of(instance.attributes)
            for left, top, right, bottom in device.regions
        ),
    )


def dicom_files(
    study: Study,
    published: ReleaseStudy,
    drawn: Sequence[Drawn],
    codes: Set[str],
    crosswalk: Crosswalk,
    config: Config,
) -> Iterator[DicomFile]:
    """The DICOM files of a study, in the order of ``published.images``; none unless they are asked for.

    ``codes`` are the numbers of the patient that the export states.
    """
    for item, image in zip(drawn, published.images, strict=True):
        if item.raw is None or item.written is None:
            continue
        facts = Facts(
            study=published,
            image=image,
            pixels=item.written,
            study_date=study.study_date,
            shift_days=crosswalk.shift(study.patient_domain, study.patient_id),
            codes=codes,
            cleaned=item.picture.masked is not None,
        )
        elements = released_header(item.raw, facts, load_dicom_profile(), crosswalk)
        pixels = encode_pixels(item.written.pixels, config.dicom.transfer_syntax, item.written.bits_stored)
        yield DicomFile(file_path(published, image), part_10(elements, pixels))


def _open(instance: Instance, config: Config) -> _Opened | PixelProblem:
    file = _read(instance, config)
    if isinstance(file, PixelProblem):
        return file
    raw = raw_header(file.header) if "dicom" in config.release.layouts else None
    if isinstance(raw, PixelProblem):
        return raw
    image = decode_image(file, second_decoder=config.images.second_decoder)
    return image if isinstance(image, PixelProblem) else _Opened(file.header, raw, image)


def _read(instance: Instance, config: Config) -> ImageFile | PixelProblem:
    """The file, if it is still the one that was catalogued."""
    root = next(source.dicom for source in config.source if source.name == instance.source)
    try:
        return retrying(lambda: _read_as_catalogued(root, instance))
    except OSError as error:
        if isinstance(root, Path) and (not root.is_dir() or not any(root.iterdir())):
            raise OSError(error.errno, "the export of a source is gone") from None
        if isinstance(error, FileNotFoundError):
            return PixelProblem(Reason.FILE_CHANGED)
        return PixelProblem(Reason.UNREADABLE_FILE, error.strerror or "")


def _read_as_catalogued(root: Place, instance: Instance) -> ImageFile | PixelProblem:
    """Compared before and after reading, as a file may be written to meanwhile."""
    catalogued = (instance.size_bytes, instance.modified_ns)
    with open_input(root, instance.path, whole=True) as opened:
        if (opened.size, opened.modified_ns) != catalogued:
            return PixelProblem(Reason.FILE_CHANGED)
        file = image_file_in(opened.file)
        return file if opened.now() == catalogued else PixelProblem(Reason.FILE_CHANGED)


def _written(
    image: DecodedImage, picture: RenderedImage, raw: RawHeader, config: Config, *, lossy: bool
) -> WrittenImage:
    if config.dicom.pixels == "quarter":
        return as_quarter(picture, lossy=lossy)
    return as_original(image, raw, lossy=lossy)


def _free_of_text(instance: Instance, image: DecodedImage, studio: Studio) -> _Freed:
    """The picture as the policy of its source lets it pass; itself where nothing was painted over."""
    policy = studio.config.pixel_policies[instance.source]
    if policy == "off":
        return _Freed(image=image)
    return _mask(instance, image, studio) if policy == "mask" else _judge(instance, image, studio)


def _mask(instance: Instance, image: DecodedImage, studio: Studio) -> _Freed:
    """The picture with its identifying text painted over; a problem where it is still read after that."""
    search = search_of(instance, image, studio.config)
    cleaned = clean(image.pixels, studio.terms, search, engine_of(studio.reader))
    masks = tuple(_row(instance, box, found) for box, found in cleaned.masks)
    if cleaned.left:
        problem = PixelProblem(Reason.BURNED_IN_TEXT_LEFT, cleaned.left[0].reading.text)
        return _Freed(image=problem, masks=masks)
    freed = replace(image, pixels=cleaned.pixels) if masks else image
    return _Freed(image=freed, masked=cleaned.share, masks=masks)


def _judge(instance: Instance, image: DecodedImage, studio: Studio) -> _Freed:
    """The picture as it is if it holds no identifying text, and else a problem."""
    search = search_of(instance, image, studio.config)
    seen = look(image.pixels, studio.terms, search, engine_of(studio.reader))
    found = [item for item in seen if item.verdict.identifies]
    if not found:
        return _Freed(image=image, masked=0.0)
    rows = tuple(_row(instance, item.reading.box, item) for item in found)
    if studio.config.pixel_policies[instance.source] == "reject":
        return _Freed(image=PixelProblem(Reason.BURNED_IN_TEXT, found[0].reading.text), masks=rows)
    _show(instance, image, [item.reading.box for item in found], studio.review)
    return _Freed(image=PixelProblem(Reason.BURNED_IN_TEXT_REVIEW), masks=rows)


def _row(instance: Instance, box: Box, found: Found) -> PixelMask:
    return PixelMask(
        study_uid=instance.study_uid,
        source=instance.source,
        path=instance.path,
        left=box.left,
        top=box.top,
        right=box.right,
        bottom=box.bottom,
        kind=found.verdict.kind,
        rule=found.verdict.rule,
        text=found.reading.text,
    )


def _show(instance: Instance, image: DecodedImage, boxes: list[Box], folder: Path) -> None:
    """Leave the picture, the text framed, for a person to look at."""
    folder.mkdir(mode=0o700, exist_ok=True)
    whole = Box(0, 0, image.pixels.shape[1], image.pixels.shape[0])
    shown: NDArray[np.uint8] = in_eight_bits(image.pixels, whole, inverted=is_inverted(image))
    write_private(folder / f"{instance.sop_uid}.png", framed(shown, boxes))
