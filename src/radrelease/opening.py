"""A finished release as typed studies and pictures, for whoever trains or measures on it.

See :func:`open_release`. Nothing is read before it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.layouts import ImageKey, Layout, find_layout
from radrelease.adapters.png import decode_png
from radrelease.errors import DamagedRelease
from radrelease.records.release import ReleaseImage, ReleaseStudy, Split, View
from radrelease.stages.pictures.gray_levels import pixel_sha256, to_gray8, to_unit
from radrelease.stages.release.released_rows import (
    FILTER_COLUMNS,
    Filter,
    age_years,
    image_values,
    study_values,
)

__all__ = ["Image", "Release", "Study", "open_release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(ReleaseImage):
    """A picture of an opened release: its row, and its pixels when they are asked for.

    Every method raises :class:`radrelease.errors.DamagedRelease` where files are missing or broken.
    """

    read: Callable[[], bytes] = field(repr=False, compare=False)

    def png(self) -> bytes:
        """The bytes of the 16-bit PNG file."""
        return self.read()

    def pixels(self, *, check: bool = False) -> NDArray[np.uint16]:
        """The pixels, uint16, rows by columns, 0 to 65535, air dark; ``check`` compares ``PixelSha256``."""
        try:
            pixels = decode_png(self.read())
        except (OSError, ValueError, SyntaxError) as error:
            raise DamagedRelease(self.image_id, "the picture cannot be decoded") from error
        if check and pixel_sha256(pixels) != self.sha256:
            raise DamagedRelease(self.image_id, "the pixels are not those of PixelSha256")
        return pixels

    def to_unit(self) -> NDArray[np.float32]:
        """The pixels as float32, 0 to 1."""
        return to_unit(self.pixels())

    def to_gray8(self) -> NDArray[np.uint8]:
        """The pixels at the nearest of 256 levels."""
        return to_gray8(self.pixels())


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(ReleaseStudy):
    """A study of an opened release."""

    images: tuple[Image, ...] = field(metadata=ReleaseStudy.__dataclass_fields__["images"].metadata)
    find: Callable[[str], Study] = field(repr=False, compare=False)

    @property
    def age_years(self) -> float | None:
        """PatientAge in years; 90 stands for 90 and over."""
        return age_years(self.age)

    @property
    def prior(self) -> Study | None:
        """The patient's previous study in the release."""
        return None if self.prior_id is None else self.find(self.prior_id)


class Release(Sequence[Study]):
    """The studies of a release, or those that :meth:`where` has left of it, in the order of its tables.

    Can be pickled, and used by workers that were forked or spawned; they share nothing.
    """

    def __init__(self, layout: Layout, indices: Sequence[int] | None = None) -> None:
        self._layout = layout
        self._indices = indices
        self._by_id: dict[str, int] | None = None

    @property
    def path(self) -> Path:
        """The folder of the layout that is read."""
        return self._layout.path

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, key: int | str) -> Study: ...

    @overload
    def __getitem__(self, key: slice) -> Release: ...

    def __getitem__(self, key: int | str | slice) -> Study | Release:
        """The study of a place or of an id; of a slice, a smaller release.

        An id is looked for in the whole release, whatever :meth:`where` has left. Raises
        :class:`IndexError` and :class:`KeyError`.
        """
        if isinstance(key, slice):
            return Release(self._layout, self._all()[key])
        return self._study(self._ids()[key] if isinstance(key, str) else self._all()[key])

    def __iter__(self) -> Iterator[Study]:
        """Every study; one is held at a time."""
        return (self._study(index) for index in self._all())

    def __getstate__(self) -> tuple[Layout, Sequence[int] | None]:
        return self._layout, self._indices

    def __setstate__(self, state: tuple[Layout, Sequence[int] | None]) -> None:
        self._layout, self._indices = state
        self._by_id = None

    def __repr__(self) -> str:
        return f"<Release of {len(self)} studies>"

    def where(
        self,
        *,
        split: str | Collection[str] | None = None,
        view: str | Collection[str] | None = None,
        sex: str | Collection[str] | None = None,
        site: str | Collection[str] | None = None,
        age: tuple[float, float] | None = None,
    ) -> Release:
        """The studies that are all of this; each may be one value or several.

        ``split`` is train, valid (or validation) or test; a ``view`` or ``site`` (InstitutionName) need be
        that of one picture only; ``age`` is from, to before, in years, and leaves out studies without an age.
        Raises :class:`ValueError` for a split or view that there is not.
        """
        splits, views = _several(split), _several(view)
        wanted = Filter(
            splits=None if splits is None else {_split_named(name) for name in splits},
            views=None if views is None else {View(name) for name in views},
            sexes=_several(sex),
            sites=_several(site),
            age=age,
        )
        kept = [index for index, row in enumerate(self._layout.rows(FILTER_COLUMNS)) if wanted.wants(row)]
        if self._indices is not None:
            already = set(self._indices)
            kept = [index for index in kept if index in already]
        return Release(self._layout, kept)

    def image_numbers(self, view: str | Collection[str] | None = None) -> list[list[int]]:
        """For each study, the numbers of its pictures, or of those with one of these views."""
        views = _several(view)
        rows = [
            [number for number, shown in enumerate(row["View"]) if views is None or shown in views]
            for row in self._layout.rows(("View",))
        ]
        return [rows[index] for index in self._all()]

    def _all(self) -> Sequence[int]:
        return range(len(self._layout)) if self._indices is None else self._indices

    def _ids(self) -> dict[str, int]:
        if self._by_id is None:
            self._by_id = {row["id"]: index for index, row in enumerate(self._layout.rows(("id",)))}
        return self._by_id

    def _study(self, index: int) -> Study:
        row = self._layout.row(index)
        images = tuple(self._image(index, number, row) for number in range(len(row["SOPInstanceUid"])))
        return Study(**study_values(row), images=images, find=self.__getitem__)

    def _image(self, index: int, number: int, row: Mapping[str, Any]) -> Image:
        values = image_values(row, number)
        key = ImageKey(index=index, id=row["id"], number=number, image_id=values["image_id"])
        return Image(**values, read=_Reader(self._layout, key))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one picture; a function that can be pickled."""

    layout: Layout
    key: ImageKey

    def __call__(self) -> bytes:
        return self.layout.png(self.key)


def open_release(path: str | os.PathLike[str]) -> Release:
    """The release in a folder: of all its layouts, or of native or rexgradient alone, as downloaded.

    Raises :class:`radrelease.errors.ConfigError` where there is none, and
    :class:`radrelease.errors.DamagedRelease` when something is asked for that cannot be read.
    """
    return Release(find_layout(Path(path)))


def _split_named(name: str) -> Split:
    """The hub calls valid validation."""
    return Split("valid" if name == "validation" else name)


def _several(value: str | Collection[str] | None) -> Collection[str] | None:
    return (value,) if isinstance(value, str) else value
