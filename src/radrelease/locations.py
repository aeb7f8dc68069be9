"""Where inputs and outputs lie: paths of this machine, and addresses in a store that speaks S3."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NewType

from pydantic import PlainValidator

__all__ = ["AnyPlace", "LocalPath", "ObjectUrl", "Place", "as_place"]

ObjectUrl = NewType("ObjectUrl", str)
"""``s3://bucket/prefix``, without a slash at the end."""

_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\0]+)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def as_place(value: object) -> Path | ObjectUrl:
    """A folder or file here, or an address in a store; raises :class:`ValueError` for what is neither."""
    if isinstance(value, str) and value.startswith("s3://"):
        if not _URL.fullmatch(value.rstrip("/")):
            raise ValueError("not an address like s3://bucket/prefix")
        return ObjectUrl(value.rstrip("/"))
    return _local(value)


def _local(value: object) -> Path:
    if isinstance(value, str) and _SCHEME.match(value):
        raise ValueError("this must be a folder or file here, and only inputs and outputs may be s3://...")
    if not isinstance(value, str | Path) or "\0" in str(value):
        raise ValueError("not a path")
    return Path(value)


LocalPath = Annotated[Path, PlainValidator(_local)]
"""A setting that can only be a path."""

Place = Path | ObjectUrl
"""Where an input or an output lies: here, or in an object store."""
AnyPlace = Annotated[Place, PlainValidator(as_place)]
"""A setting that can be either."""
