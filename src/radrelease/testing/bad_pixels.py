"""Pictures that cannot be released: each function makes a good one into one of its kind."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from radrelease.testing.frames import encode_frame

__all__ = ["colour", "corrupt", "flatten", "mislabel", "stack", "truncate", "understate"]


def truncate(dataset: Dataset) -> None:
    """Keep a third of the pixels."""
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 3 // 2 * 2]


def flatten(dataset: Dataset) -> None:
    """Give all pixels one value."""
    dataset.PixelData = np.full(dataset.Rows * dataset.Columns, 700, np.uint16).tobytes()


def corrupt(dataset: Dataset) -> None:
    """A codestream that begins as one, and goes on with nonsense."""
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(range(256)) * 4])
    dataset["PixelData"].is_undefined_length = True


def mislabel(dataset: Dataset) -> None:
    """A codestream of another size than the header says."""
    native = np.frombuffer(dataset.PixelData, np.uint16).reshape(dataset.Rows, dataset.Columns)
    dataset.PixelData = encapsulate([encode_frame("jpeg_2000", native, int(dataset.BitsStored))])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.Rows -= 2


def understate(dataset: Dataset) -> None:
    """State fewer bits than the pixels have."""
    dataset.BitsStored -= 2
    dataset.HighBit -= 2


def stack(dataset: Dataset) -> None:
    """Two frames."""
    dataset.NumberOfFrames = 2
    dataset.PixelData = dataset.PixelData * 2


def colour(dataset: Dataset) -> None:
    """Three samples a pixel."""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = bytes(dataset.Rows * dataset.Columns * 3 + dataset.Rows * dataset.Columns * 3 % 2)
