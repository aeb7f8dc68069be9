"""What a whole export knows, in a tenth of the memory that sets of Python strings take.

A short string costs fifty bytes beside its letters, and its place in a set as many again. Here texts lie end
to end in bundles, which are searched as bytes are. Nothing is rounded: what was put in is found, and
nothing else.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any, Generic, TypeVar
from zlib import crc32

__all__ = ["AllOfKind", "DigestMap", "Either", "NumberSet", "PhraseMap", "TextSet"]

Value = TypeVar("Value", bound=tuple[Any, ...])

_BUNDLES = 1 << 15
_END = b"\xff"
"""A byte that is in no text of UTF-8."""

_MOST_READ = 1 << 14
"""Rows that are kept taken apart."""


class TextSet(Set[str]):
    """Texts; it only grows."""

    __slots__ = ("_bundles", "_count", "_lengths")

    def __init__(self) -> None:
        self._bundles: dict[int, bytearray] = {}
        self._lengths: set[int] = set()
        self._count = 0

    @property
    def longest(self) -> int:
        """The signs of the longest text, 0 where there is none."""
        return max(self._lengths, default=0)

    def add(self, text: str) -> None:
        """Put the text in."""
        row = text.encode("utf-8", "surrogatepass")
        bundle = self._bundles.setdefault(crc32(row) % _BUNDLES, bytearray(_END))
        if b"\xff%b\xff" % row not in bundle:
            bundle += row + _END
            self._lengths.add(len(text))
            self._count += 1

    def update(self, texts: Iterable[str]) -> None:
        """Put texts in."""
        for text in texts:
            self.add(text)

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str) or len(text) not in self._lengths:
            return False
        row = text.encode("utf-8", "surrogatepass")
        return b"\xff%b\xff" % row in self._bundles.get(crc32(row) % _BUNDLES, b"")

    def __iter__(self) -> Iterator[str]:
        for bundle in self._bundles.values():
            yield from (row.decode("utf-8", "surrogatepass") for row in bundle[1:-1].split(_END))

    def __len__(self) -> int:
        return self._count


class AllOfKind(Mapping[str, str]):
    """The texts of a set, each with the same kind."""

    def __init__(self, texts: TextSet, kind: str) -> None:
        self._texts, self._kind = texts, kind

    def __getitem__(self, text: str) -> str:
        if text not in self._texts:
            raise KeyError(text)
        return self._kind

    def get(self, text: str, default: object = None) -> object:  # type: ignore[override]
        """The kind of the text; not by an exception, since most are not there."""
        return self._kind if text in self._texts else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class Either(Set[str]):
    """What is in one of two sets; it asks, and does not go through them."""

    def __init__(self, one: Set[str], other: Set[str]) -> None:
        self._one, self._other = one, other

    def __contains__(self, word: object) -> bool:
        return word in self._other or word in self._one

    def __iter__(self) -> Iterator[str]:
        yield from self._other
        yield from (word for word in self._one if word not in self._other)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PhraseMap(Mapping[str, tuple[Value, ...]], Generic[Value]):
    """Rows of words by their first word, as what ``made`` makes of them, in the order of that.

    No word may hold a blank or a line break. Rows are taken apart when they are asked for.
    """

    def __init__(self, made: Callable[[tuple[str, ...]], Value]) -> None:
        self._made = made
        self._rows: dict[str, str] = {}
        self._read: dict[str, tuple[Value, ...]] = {}
        self._count_read = 0

    def update(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Put rows in, each once."""
        for row in rows:
            written, held = f"{' '.join(row)}\n", self._rows.get(row[0], "\n")
            if f"\n{written}" not in held:
                self._rows[row[0]] = held + written

    def __contains__(self, word: object) -> bool:
        return word in self._rows

    def __getitem__(self, word: str) -> tuple[Value, ...]:
        read = self._read.get(word)
        if read is None:
            rows = [tuple(row.split(" ")) for row in self._rows[word][1:-1].split("\n")]
            self._count_read += len(rows)
            if self._count_read > _MOST_READ:
                self._read, self._count_read = {}, len(rows)
            read = self._read[word] = tuple(sorted(map(self._made, rows)))
        return read

    def get(self, word: str, default: object = None) -> object:  # type: ignore[override]
        """The rows of the word; not by an exception, since most words begin none."""
        return self[word] if word in self._rows else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class NumberSet:
    """Numbers from 1 to 2^64 - 1, at 16 to 32 bytes each; it only grows."""

    def __init__(self) -> None:
        self._places = array("Q", (0,)) * (1 << 10)
        self._count = 0

    def __contains__(self, number: int) -> bool:
        return self._places[self._place_of(number)] == number

    def add(self, number: int) -> None:
        """Put the number in."""
        place = self._place_of(number)
        if self._places[place] == number:
            return
        self._places[place] = number
        self._count += 1
        if 2 * self._count > len(self._places):
            held, self._places = self._places, array("Q", (0,)) * (2 * len(self._places))
            for each in filter(None, held):
                self._places[self._place_of(each)] = each

    def _place_of(self, number: int) -> int:
        """Where it is, or would be put: from the place that its last bits name, the first that is free."""
        places = self._places
        last = len(places) - 1
        place = number & last
        while places[place] and places[place] != number:
            place = (place + 1) & last
        return place


class DigestMap:
    """Rows of so many bytes by digests of so many, of at least 8, at 6 to 12 bytes more each."""

    def __init__(self, digest: int, row: int) -> None:
        self._digest, self._row = digest, row
        self._rows = bytearray()
        self._places = array("I", (0,)) * (1 << 10)
        """At each place the number of a row, from 1; 0 where there is none."""

    def __len__(self) -> int:
        return len(self._rows) // (self._digest + self._row)

    def get(self, digest: bytes) -> bytes | None:
        """The row of the digest, or None."""
        number = self._places[self._place_of(digest)]
        if not number:
            return None
        start = (number - 1) * (self._digest + self._row) + self._digest
        return bytes(self._rows[start : start + self._row])

    def __setitem__(self, digest: bytes, row: bytes) -> None:
        if (len(digest), len(row)) != (self._digest, self._row):
            raise ValueError("a digest or a row of another length")
        place = self._place_of(digest)
        if number := self._places[place]:
            end = number * (self._digest + self._row)
            self._rows[end - self._row : end] = row
            return
        self._rows += digest + row
        self._places[place] = len(self)
        if 2 * len(self) > len(self._places):
            self._places = array("I", (0,)) * (2 * len(self._places))
            for number, (held, _) in enumerate(self.items(), start=1):
                self._places[self._place_of(held)] = number

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Every digest with its row, in the order in which they came."""
        size = self._digest + self._row
        for start in range(0, len(self._rows), size):
            middle = start + self._digest
            yield bytes(self._rows[start:middle]), bytes(self._rows[middle : start + size])

    def _place_of(self, digest: bytes) -> int:
        """The place of the digest's row, or that where it would be."""
        size, last = self._digest + self._row, len(self._places) - 1
        place = int.from_bytes(digest[:8]) & last
        while number := self._places[place]:
            start = (number - 1) * size
            if self._rows[start : start + self._digest] == digest:
                break
            place = (place + 1) & last
        return place
