"""The tables of ``release.toml`` about pictures: how they are drawn, laid out and read for text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from radrelease.config.table import Table

__all__ = ["Dicom", "Images", "PixelPolicy", "PixelText"]

PixelPolicy = Literal["off", "mask", "reject", "review"]
"""What becomes of a picture with identifying text in it."""

MarkerGroup = Literal["side", "view", "position", "technique", "time", "exposure", "distance", "initials"]


class Images(Table):
    """``[images]``: how pictures are drawn."""

    scale: float = Field(default=0.25, gt=0, le=1, description="Size of each side, of the original")
    kernel: Literal["catmull-rom-aa", "skimage-order3-aa"] = Field(
        default="catmull-rom-aa",
        description="How it is reduced: cubic convolution widened by the reduction, or a Gaussian and a "
        "cubic spline, as scikit-image's resize does with order=3 and anti_aliasing",
    )
    window: Literal["full", "dicom"] = Field(
        default="full",
        description='"full" stretches all values of a picture to 16 bits; "dicom" shows what the VOI LUT or '
        "window of its file shows, and a file without one in full",
    )
    percentiles: tuple[float, float] = Field(
        default=(0.0, 100.0),
        description="Between which percentiles of its values a picture is stretched in full: [0.1, 99.9] is "
        "not misled by hot pixels",
    )
    preview: int = Field(
        default=224,
        ge=0,
        le=1024,
        description="Longest side of the 8-bit previews in the native layout, px; 0 for none",
    )
    second_decoder: bool = Field(
        default=False,
        description="Decode compressed pixels by a second library too (GDCM, extra `second-decoder`), and"
        " reject the image where the two differ",
    )

    @field_validator("percentiles")
    @classmethod
    def _percentiles_in_order(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= ends[0] < ends[1] <= 100:
            raise ValueError("two numbers from 0 to 100, the lower one first")
        return ends


class Dicom(Table):
    """``[dicom]``: how the files of the layout "dicom" are written."""

    pixels: Literal["original", "quarter"] = Field(
        default="original",
        description='"original" for the stored pixels without loss, "quarter" for the published picture',
    )
    transfer_syntax: Literal["explicit", "rle", "jpeg_ls", "jpeg_2000"] = Field(
        default="explicit", description='"explicit" is uncompressed; all are lossless'
    )


class PixelText(Table):
    """``[pixel_text]``: text burned into the pictures. Needs the extra ``ocr``."""

    policy: PixelPolicy = Field(
        default="off",
        description='"off" does not look for it, and turns away what says BurnedInAnnotation YES; "mask"'
        ' paints over what may identify, "reject" turns the'
        ' image away, "review" withholds the study and leaves its pictures in the work folder for a person',
    )
    search: Literal["suspicious", "all"] = Field(
        default="suspicious",
        description='"suspicious" reads where strokes are seen and where the device is known to write, and'
        ' the whole picture where the header speaks of burned-in text; "all" reads every picture whole',
    )
    tiles: bool = Field(
        default=False,
        description='Read every area enlarged too, for faint and small text; with search = "all" that takes'
        " some 40 s a picture, so raise [workers] study_timeout_s",
    )
    markers: tuple[MarkerGroup, ...] = Field(
        default=("side", "view", "position", "technique", "time", "exposure", "distance"),
        description='Groups of markers that may stay; "initials" are any two or three letters',
    )
