"""The OCR engine: RapidOCR's detector and recogniser, on one thread, with the weights in its wheel.

Nothing is fetched: the wheel of ``rapidocr-onnxruntime`` carries its models, and their SHA-256 is part
of the identity that goes into every shard's digest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.files import sha256_of
from radrelease.config import Config
from radrelease.errors import BrokenPromise, ConfigError, MissingExtra
from radrelease.records.entities import ModelIdentity
from radrelease.records.pixels import Box

__all__ = ["SETTING", "RapidEngine", "engine_of", "load_engine", "ocr_identity"]

SETTING = "[pixel_text] policy"

_PACKAGE = "rapidocr_onnxruntime"
_DISTRIBUTION = "rapidocr-onnxruntime"


def ocr_identity(config: Config) -> ModelIdentity | None:
    """Which engine with which weights reads, None where nothing is read; raises as :func:`load_engine`."""
    return load_engine().identity if config.reads_pixels else None


def engine_of(expected: ModelIdentity | None) -> RapidEngine:
    """The engine of this process; raises :class:`BrokenPromise` when it is not the ``expected`` one."""
    engine = load_engine()
    if engine.identity != expected:
        raise BrokenPromise("the OCR changed while the release was made")
    return engine


@cache
def load_engine() -> RapidEngine:
    """The engine, loaded once per process and tried.

    Raises :class:`ConfigError` where the extra is not installed or does not work.
    """
    for library in (_PACKAGE, "onnxruntime", "cv2"):
        if find_spec(library) is None:
            problem = f"{library} is not installed, so text in pictures cannot be looked for"
            raise MissingExtra(SETTING, problem, "Install it: pip install 'radrelease[ocr]'")
    try:
        engine = RapidEngine()
        engine.detect(np.zeros((64, 64), np.uint8))
    except Exception as error:  # whatever the library holds against its files or this machine
        mend = "Reinstall it: pip install 'radrelease[ocr]'"
        raise ConfigError(SETTING, f"the OCR cannot be loaded ({type(error).__name__})", mend) from error
    return engine


class RapidEngine:
    """PP-OCRv4's detector and recogniser as ``rapidocr-onnxruntime`` ships them."""

    def __init__(self) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        import_module("cv2").setNumThreads(1)
        rapid = import_module(_PACKAGE)
        reader = rapid.RapidOCR(
            intra_op_num_threads=1, inter_op_num_threads=1, det_limit_side_len=32, text_score=0.0
        )
        self._detector: Any = reader.text_det
        self._recogniser: Any = reader.text_rec
        self.identity = ModelIdentity(
            name=_DISTRIBUTION,
            version=version(_DISTRIBUTION),
            engine=f"onnxruntime {version('onnxruntime')}",
            sha256=_digest_of(Path(str(rapid.__file__)).parent / "models"),
        )

    def detect(self, picture: NDArray[np.uint8]) -> Sequence[Box]:
        """The upright boxes around all text found, px."""
        corners, _ = self._detector(np.repeat(picture[:, :, None], 3, axis=2))
        if corners is None:
            return ()
        return tuple(_box(quad) for quad in corners)

    def recognise(self, lines: Sequence[NDArray[np.uint8]]) -> Sequence[tuple[str, float]]:
        """The text of each line and its mean score."""
        pictures = [np.repeat(line[:, :, None], 3, axis=2) for line in lines]
        read, _ = self._recogniser(pictures) if pictures else ([], 0.0)
        return tuple((str(text), float(score)) for text, score, *_ in read)


def _box(corners: NDArray[np.float32]) -> Box:
    left, top = (int(side) for side in np.floor(corners.min(axis=0)))
    right, bottom = (int(side) + 1 for side in np.ceil(corners.max(axis=0)))
    return Box(left, top, right, bottom)


def _digest_of(folder: Path) -> str:
    """The SHA-256 over the lines of ``sha256sum *.onnx`` in the folder."""
    lines = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.glob("*.onnx"))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
