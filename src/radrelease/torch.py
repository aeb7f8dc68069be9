"""Releases for ``torch.utils.data.DataLoader``. Needs PyTorch, which no extra of radrelease installs.

Both datasets can be used with any number of workers, forked or spawned: these open files of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

from radrelease.errors import MissingExtra
from radrelease.opening import Image, Release, Study

try:
    import torch
except ImportError as error:
    raise MissingExtra(
        "radrelease.torch", "PyTorch is not installed", "Install it as https://pytorch.org says"
    ) from error

__all__ = ["ImageDataset", "StudyDataset", "image_tensor"]

T_co = TypeVar("T_co", covariant=True)


def image_tensor(image: Image) -> torch.Tensor:
    """The picture as float32, 1 by rows by columns, 0 to 1."""
    return torch.from_numpy(image.to_unit())[None]


class StudyDataset(torch.utils.data.Dataset[T_co], Generic[T_co]):
    """One item per study of ``release``: what ``item`` makes of it.

    Pictures differ in size and studies in their number, so ``item`` has to bring them to one shape, or
    the loader's ``collate_fn`` to put them together.
    """

    def __init__(self, release: Release, item: Callable[[Study], T_co]) -> None:
        self._release = release
        self._item = item

    def __len__(self) -> int:
        return len(self._release)

    def __getitem__(self, index: int) -> T_co:
        return self._item(self._release[index])


class ImageDataset(torch.utils.data.Dataset[T_co], Generic[T_co]):
    """One item per picture of ``release``, or per picture of these views: what ``item`` makes of it."""

    def __init__(
        self,
        release: Release,
        item: Callable[[Study, Image], T_co],
        view: str | Collection[str] | None = None,
    ) -> None:
        self._release = release
        self._item = item
        numbers = enumerate(release.image_numbers(view))
        places = [(study, number) for study, own in numbers for number in own]
        self._places = torch.tensor(places, dtype=torch.int64).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> T_co:
        study, number = self._places[index].tolist()
        opened: Any = self._release[study]
        return self._item(opened, opened.images[number])
