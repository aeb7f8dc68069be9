"""What data loaders of the tests make of a study; in a module of its own, which spawned workers can import."""

from __future__ import annotations


def first_picture(study):
    """The first picture of a study as a tensor, and its id."""
    from radrelease.torch import image_tensor

    return study.id, image_tensor(study.images[0])
