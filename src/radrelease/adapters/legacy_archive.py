"""One picture of the legacy archive, through its index, without reading the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from radrelease.adapters.rexgradient import archived_picture
from radrelease.errors import DamagedRelease

__all__ = ["LegacyArchive"]

_UNREADABLE = (OSError, KeyError, ValueError, pa.ArrowException)


class LegacyArchive:
    """The parts in ``folder``. Of the index, 90 bytes per picture are held."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: tuple[NDArray[np.bytes_], NDArray[np.int64]] | None = None

    def __getstate__(self) -> Path:
        return self._folder

    def __setstate__(self, folder: Path) -> None:
        self._folder, self._index = folder, None

    def png(self, image_id: str) -> bytes:
        """The bytes of the picture's file. Raises :class:`DamagedRelease`."""
        try:
            part, offset, length = self._place(image_id)
            with self._parts()[part].open("rb") as file:
                file.seek(offset)
                data = archived_picture(file.read(length))
        except _UNREADABLE as error:
            raise DamagedRelease("deid_png", "a part or the index is missing or cannot be read") from error
        if not data:
            raise DamagedRelease(f"deid_png.part{part:02d}", "a picture of it cannot be read")
        return data

    def _parts(self) -> dict[int, Path]:
        paths = self._folder.glob("deid_png.part*")
        return {int(path.suffix.removeprefix(".part")): path for path in paths}

    def _place(self, image_id: str) -> tuple[int, int, int]:
        """Part, offset and length of the picture's frame."""
        if self._index is None:
            self._index = _read_index(self._folder / "deid_png_index.csv")
        names, places = self._index
        wanted = np.bytes_(image_id.encode())
        row = int(np.searchsorted(names, wanted))
        if row == len(names) or names[row] != wanted:
            raise DamagedRelease("deid_png_index.csv", "it has no place for a picture of the tables")
        part, offset, length = (int(value) for value in places[row])
        return part, offset, length


def _read_index(path: Path) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """SOPInstanceUids in order, and part, offset and length of each."""
    table = csv.read_csv(path)
    paths = table["ImagePath"].combine_chunks()
    names = pc.replace_substring_regex(paths, r"^.*/|\.png$", "").to_numpy(zero_copy_only=False)
    names = names.astype(np.bytes_)
    order = np.argsort(names)
    places = np.column_stack([table[name].to_numpy() for name in ("part", "offset", "length")])
    return names[order], places[order]
