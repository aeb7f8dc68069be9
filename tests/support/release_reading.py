"""All that the audit reads of a release, in this process."""

from __future__ import annotations

from itertools import chain

from radrelease.adapters.checksums import present_digests
from radrelease.adapters.release_parts import ReleaseParts, read_part
from radrelease.adapters.release_pictures import SeenPictures


def read_whole(folder, seen=None):
    """Every exhibit and finding."""
    seen = seen or SeenPictures()
    parts = ReleaseParts(folder, present_digests(folder), seen)
    return [item for part in chain(parts.with_pictures(), parts.others()) for item in read_part(part, seen)]
