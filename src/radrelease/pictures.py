"""One DICOM file to one published picture: decoded, freed of burned-in text, drawn.

The text is looked for on the decoded pixels, at full size; what the policy of the source says then
decides. See docs/decisions/0010-burned-in-text.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.dicom_files import raw_path
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.files import write_private
from radrelease.adapters.ocr import engine_of
from radrelease.adapters.png import framed
from radrelease.config import Config
from radrelease.entities import ModelIdentity
from radrelease.pixel_records import Box, DecodedImage, PixelProblem, RenderedImage
from radrelease.profiles.device_regions import load_device_regions
from radrelease.records import Instance, PixelMask
from radrelease.rejections import Reason
from radrelease.stages.burned_in import Found, Search, clean, look
from radrelease.stages.pixel_text import PixelTerms
from radrelease.stages.pixels import is_inverted, render
from radrelease.stages.text_search import in_eight_bits

__all__ = ["Drawn", "Studio", "draw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What drawing needs beside the file: the settings, who must read, what is known, where to put doubts."""

    config: Config
    reader: ModelIdentity | None
    terms: PixelTerms
    review: Path  # a folder, made when it is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What became of one file: its picture or why there is none, and the text found in it."""

    outcome: RenderedImage | PixelProblem
    masks: tuple[PixelMask, ...] = ()


def draw(instance: Instance, studio: Studio) -> Drawn:
    """The picture of one file, or why it is not published."""
    decoded = _decode(instance, studio.config)
    if isinstance(decoded, PixelProblem):
        return Drawn(outcome=decoded)
    drawn = render(decoded, scale=studio.config.images.scale)
    policy = studio.config.pixel_policies[instance.source]
    if policy == "off" or isinstance(drawn, PixelProblem):
        return Drawn(outcome=drawn)
    return _mask(instance, decoded, studio) if policy == "mask" else _judge(instance, decoded, drawn, studio)


def search_of(instance: Instance, image: DecodedImage, config: Config) -> Search:
    """How the picture is searched: by the settings, the header's word, and what is known of the device."""
    said = instance.attributes.get("BurnedInAnnotation", "").strip().upper() == "YES"
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


def _decode(instance: Instance, config: Config) -> DecodedImage | PixelProblem:
    root = next(source.dicom for source in config.source if source.name == instance.source)
    path = root / raw_path(instance.path)
    try:
        status = path.stat()
    except OSError:
        return PixelProblem(Reason.FILE_CHANGED)
    if (status.st_size, status.st_mtime_ns) != (instance.size_bytes, instance.modified_ns):
        return PixelProblem(Reason.FILE_CHANGED)
    return decode(path)


def _mask(instance: Instance, image: DecodedImage, studio: Studio) -> Drawn:
    """The picture with its identifying text painted over; a problem where it is still read after that."""
    search = search_of(instance, image, studio.config)
    cleaned = clean(image.pixels, studio.terms, search, engine_of(studio.reader))
    masks = tuple(_row(instance, box, found) for box, found in cleaned.masks)
    if cleaned.left:
        problem = PixelProblem(Reason.BURNED_IN_TEXT_LEFT, cleaned.left[0].reading.text)
        return Drawn(outcome=problem, masks=masks)
    drawn = render(replace(image, pixels=cleaned.pixels), scale=studio.config.images.scale)
    if isinstance(drawn, RenderedImage):
        drawn = replace(drawn, masked=cleaned.share)
    return Drawn(outcome=drawn, masks=masks)


def _judge(instance: Instance, image: DecodedImage, drawn: RenderedImage, studio: Studio) -> Drawn:
    """The picture as it is if it holds no identifying text, and else a problem."""
    search = search_of(instance, image, studio.config)
    seen = look(image.pixels, studio.terms, search, engine_of(studio.reader))
    found = [item for item in seen if item.verdict.identifies]
    if not found:
        return Drawn(outcome=replace(drawn, masked=0.0))
    rows = tuple(_row(instance, item.reading.box, item) for item in found)
    if studio.config.pixel_policies[instance.source] == "reject":
        return Drawn(outcome=PixelProblem(Reason.BURNED_IN_TEXT, found[0].reading.text), masks=rows)
    _show(instance, image, [item.reading.box for item in found], studio.review)
    return Drawn(outcome=PixelProblem(Reason.BURNED_IN_TEXT_REVIEW), masks=rows)


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
