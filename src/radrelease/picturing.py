"""One file of the export to its picture, and to its file of the layout "dicom"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import pydicom

from radrelease.adapters.dicom_encoding import encode_pixels
from radrelease.adapters.dicom_files import raw_path
from radrelease.adapters.dicom_layout import DicomFile, file_path
from radrelease.adapters.dicom_pixels import decode_dataset, read_dataset
from radrelease.adapters.dicom_source import is_lossy, raw_header
from radrelease.adapters.dicom_writer import part_10
from radrelease.config import Config
from radrelease.dicom_elements import RawHeader
from radrelease.pixel_records import DecodedImage, PixelProblem, RenderedImage, WrittenImage
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.records import Instance, ReleaseStudy, Study
from radrelease.rejections import Reason
from radrelease.stages.crosswalk import Crosswalk
from radrelease.stages.dicom_header import released_header
from radrelease.stages.dicom_stated import Facts
from radrelease.stages.dicom_written import as_original, as_quarter
from radrelease.stages.pixels import render

__all__ = ["Drawn", "dicom_files", "draw"]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """An instance with its picture and, where DICOM files are asked for, what goes into its file."""

    instance: Instance
    picture: RenderedImage
    raw: RawHeader | None
    written: WrittenImage | None
    cleaned: bool  # burned-in text was looked for and masked


def draw(instance: Instance, config: Config) -> Drawn | PixelProblem:
    """Read and decode the instance's file once, for every layout."""
    dataset = _read(instance, config)
    if isinstance(dataset, PixelProblem):
        return dataset
    raw = raw_header(dataset) if "dicom" in config.release.layouts else None
    if isinstance(raw, PixelProblem):
        return raw
    decoded = decode_dataset(dataset)
    if isinstance(decoded, PixelProblem):
        return decoded
    # Masking of burned-in text is a function from DecodedImage to DecodedImage, and belongs here: every
    # layout is drawn from what stands in `decoded` below, and `cleaned` says that it ran.
    picture = render(decoded, scale=config.images.scale)
    if isinstance(picture, PixelProblem):
        return picture
    written = None if raw is None else _written(decoded, picture, raw, config, lossy=is_lossy(dataset))
    return Drawn(instance, picture, raw, written, cleaned=False)


def _read(instance: Instance, config: Config) -> pydicom.Dataset | PixelProblem:
    """The file, if it is still the one that was catalogued."""
    root = next(source.dicom for source in config.source if source.name == instance.source)
    path = root / raw_path(instance.path)
    try:
        status = path.stat()
    except OSError:
        return PixelProblem(Reason.FILE_CHANGED)
    if (status.st_size, status.st_mtime_ns) != (instance.size_bytes, instance.modified_ns):
        return PixelProblem(Reason.FILE_CHANGED)
    return read_dataset(path)


def _written(
    decoded: DecodedImage, picture: RenderedImage, raw: RawHeader, config: Config, *, lossy: bool
) -> WrittenImage:
    if config.dicom.pixels == "quarter":
        return as_quarter(picture, lossy=lossy)
    return as_original(decoded, raw, lossy=lossy)


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
            cleaned=item.cleaned,
        )
        elements = released_header(item.raw, facts, load_dicom_profile(), crosswalk)
        pixels = encode_pixels(item.written.pixels, config.dicom.transfer_syntax, item.written.bits_stored)
        yield DicomFile(file_path(published, image), part_10(elements, pixels))
