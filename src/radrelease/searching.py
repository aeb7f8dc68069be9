"""What a worker does of an audit: reads a part of a release, and looks in it for what may not be there."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.card import DESCRIPTIONS
from radrelease.adapters.compiled_knowledge import Compiled, read_compiled
from radrelease.adapters.release_parts import Part, PictureTable, read_part
from radrelease.adapters.release_pictures import Held, SeenPictures
from radrelease.adapters.workers import in_batches
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.stages.audit.rows import search_private
from radrelease.stages.audit.search import search, shown_dates
from radrelease.stages.audit.words import find_unlisted
from radrelease.stages.knowledge.audit_vocabulary import Vocabulary
from radrelease.stages.knowledge.compact import NumberSet

__all__ = ["SearchTask", "Searched", "Sought", "clean_texts", "search_part", "searched_as"]

_AT_ONCE = 4096
"""Texts that are searched at once."""

_DIGIT = re.compile("[0-9]")
_KEYS = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for, and what may be there."""

    vocabulary: Vocabulary
    allowed: Set[str]  # words outside the lexicon that may be published
    hidden: Set[str]  # what studies and patients of the private test split are called
    stated: Sequence[str]  # what the institution says of its release


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTask:
    """A part of a release to be searched."""

    part: Part
    public: bool
    sought: Compiled[Sought]
    clean: Path | None  # sorted keys of texts in which nothing was found
    work: Path | None  # where an earlier audit has left what pictures hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found in a part.

    ``of_nobody`` was found in pages that know no patient, where a date that a patient's own text shows
    (``shown``) is nobody's birth date.
    """

    findings: tuple[Finding, ...]
    of_nobody: tuple[Finding, ...]
    shown: frozenset[str]
    texts: int
    clean: bytes  # of a table of pictures, the keys of texts in which nothing was found, uint64 each
    held: tuple[Held, ...]  # what its pictures hold


def search_part(batch: tuple[SearchTask, ...]) -> Searched:
    """Read the part, of which a batch holds one, and search it; a text found clean is not searched again."""
    (task,) = batch
    sought, seen, known = _sought(task.sought), _earlier(task.work), _known(task.clean)
    findings: list[Finding] = []
    of_nobody: list[Finding] = []
    shown: set[str] = set()
    clean, keys = NumberSet(), array("Q")
    texts = 0
    for some in in_batches(read_part(task.part, seen), _AT_ONCE):
        findings += (item for item in some if isinstance(item, Finding))
        exhibits = [_without_stated(item, sought.stated) for item in some if isinstance(item, Exhibit)]
        texts += len(exhibits)
        for exhibit, key in _unknown(exhibits, known, public=task.public):
            if key in clean:
                continue
            shown |= shown_dates(exhibit, sought.vocabulary)
            found = list(search([exhibit], sought.vocabulary))
            (findings if exhibit.patient_id else of_nobody).extend(found)
            more = list(find_unlisted([exhibit], sought.allowed))
            more += search_private([exhibit], sought.hidden) if task.public else ()
            findings += more
            if not found and not more:
                clean.add(key)
                keys.append(key)
    has_pictures = isinstance(task.part, PictureTable)
    return Searched(
        findings=tuple(findings),
        of_nobody=tuple(of_nobody),
        shown=frozenset(shown),
        texts=texts,
        clean=keys.tobytes() if has_pictures else b"",
        held=seen.found() if has_pictures else (),
    )


@lru_cache(maxsize=1)
def _sought(sought: Compiled[Sought]) -> Sought:
    """What is looked for, read once per process."""
    return read_compiled(sought)


@lru_cache(maxsize=1)
def _earlier(work: Path | None) -> SeenPictures:
    """What an earlier audit has left of pictures, read once per process."""
    return SeenPictures(work)


@lru_cache(maxsize=1)
def _known(clean: Path | None) -> NDArray[np.uint64]:
    """The keys as the file has them: it is mapped, and in memory once for all processes."""
    return np.empty(0, np.uint64) if clean is None else np.load(clean, mmap_mode="r")


def clean_texts(keys: Sequence[bytes], folder: Path) -> Path | None:
    """Write what ``Searched.clean`` gave of several parts to a file of ``folder``; None for nothing."""
    every = np.unique(np.frombuffer(b"".join(keys), np.uint64))
    if not every.size:
        return None
    path = folder / f"{hashlib.sha256(every.tobytes()).hexdigest()}.npy"
    np.save(path, every)
    return path


def _unknown(
    exhibits: Sequence[Exhibit], known: NDArray[np.uint64], *, public: bool
) -> Iterator[tuple[Exhibit, int]]:
    """Those whose keys are not ``known``, with their keys."""
    keys = [searched_as(exhibit, public=public) for exhibit in exhibits]
    if known.size:
        asked = np.array(keys, np.uint64)
        places = np.minimum(np.searchsorted(known, asked), known.size - 1)
        is_known = (known[places] == asked).tolist()
    else:
        is_known = [False] * len(keys)
    return ((exhibit, key) for exhibit, key, old in zip(exhibits, keys, is_known, strict=True) if not old)


def searched_as(exhibit: Exhibit, *, public: bool) -> int:
    """The same for exhibits in which the same would be found: each text is in several tables.

    Whose it is matters for a report, and for what may be a date. 64 bits and not 0, the same in every
    process, so that all that were searched are held in little memory: among ten million texts, two are taken
    for one with a chance of 3 in a million.
    """
    whose = exhibit.free_text or not exhibit.text.isascii() or _DIGIT.search(exhibit.text) is not None
    patient = exhibit.patient_id if whose else str(bool(exhibit.patient_id))
    kinds = f"{exhibit.free_text:d}{public:d}"
    data = f"{kinds}{patient}\0{exhibit.text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest()) % _KEYS + 1


def _without_stated(exhibit: Exhibit, stated: Sequence[str]) -> Exhibit:
    """The exhibit without what the institution states of its release, in the files that describe it.

    A radiologist who is an author is staff whom no report may name, and whom the card must.
    """
    if exhibit.patient_id or exhibit.free_text or not exhibit.path.endswith(DESCRIPTIONS):
        return exhibit
    text = exhibit.text
    for words in stated:
        text = text.replace(words, " ")
    return replace(exhibit, text=text)
