"""The other side of ``bench_pixels.py``: ``pixel_rivals.py usual|dcmj2pnm|start-up``; nothing of radrelease.

``usual`` is the script that most people write, under an interpreter that has its packages; the other two
are DCMTK's program, and what its bare start costs.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from pixel_timing import Prepare, Run, serve

DCMJ2PNM = ("+on2", "+Sxf", ".25", "+i", "4", "+Wm")
"""16-bit PNG, a quarter of each side, the finest of its ways to interpolate, min-max window."""


def usual() -> tuple[str, Prepare]:
    """The decoder that pydicom chooses, float64 min-max stretch, scikit-image, imageio."""
    import imageio.v3 as imageio
    import numpy as np
    import pydicom
    from skimage.transform import resize

    def draw(source: Path, target: Path) -> None:
        dataset = pydicom.dcmread(source)
        pixels = dataset.pixel_array.astype(np.float64)
        pixels = (pixels - pixels.min()) / (pixels.max() - pixels.min())
        if dataset.PhotometricInterpretation == "MONOCHROME1":
            pixels = 1 - pixels
        shape = tuple(int(side * 0.25 + 0.5) for side in pixels.shape)
        small = resize(pixels, shape, order=3, anti_aliasing=True)
        imageio.imwrite(target, (np.clip(small, 0, 1) * 65535 + 0.5).astype(np.uint16))

    def prepare(source: Path) -> Run:
        return lambda target: draw(source, target)

    packages = ("pydicom", "scikit-image", "imageio")
    return ", ".join(f"{package} {version(package)}" for package in packages), prepare


def dcmj2pnm() -> tuple[str, Prepare]:
    """DCMTK's program, start-up and all: that is what its user pays for each image."""
    program, told = _program()

    def run(source: Path, target: Path) -> None:
        command = [program, *DCMJ2PNM, str(source), str(target)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
        if not target.is_file() or ended.returncode:
            lines = [line for line in ended.stderr.splitlines() if line.startswith("E:")] or ["no output"]
            raise OSError(lines[0].removeprefix("E:").strip())

    def prepare(source: Path) -> Run:
        return lambda target: run(source, target)

    return told, prepare


def start_up() -> tuple[str, Prepare]:
    """The program without an image."""
    program, told = _program()

    def prepare(_source: Path) -> Run:
        return lambda _: subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603

    return told, prepare


def _program() -> tuple[str, str]:
    found = shutil.which("dcmj2pnm")
    if found is None:
        raise FileNotFoundError("dcmj2pnm is not on the path")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return found, told.stdout.splitlines()[0].strip("$ ")


if __name__ == "__main__":
    if sys.argv[1] == "usual":
        serve(usual)
    else:
        serve({"dcmj2pnm": dcmj2pnm, "start-up": start_up}[sys.argv[1]], resource.RUSAGE_CHILDREN)
