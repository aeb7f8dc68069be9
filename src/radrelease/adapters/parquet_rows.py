"""Rows of several Parquet files as one table, each read without those before it."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["ParquetRows"]

_OPEN_FILES = 16

_Wanted = tuple[int, int, Sequence[str] | None]
"""File, row group and columns."""


class ParquetRows:
    """The rows of ``paths``, one file after the other.

    Files are opened when they are asked for, and again in a process that was forked, since two
    processes must not share what a file keeps open. Held are the footers of the last files used, one
    row group, and ``ahead`` rows of it, which are made Python objects together. Raises :class:`OSError`
    and :class:`pyarrow.ArrowException` as pyarrow does.
    """

    _process: int
    _files: dict[int, tuple[pq.ParquetFile, list[int]]]
    _group: tuple[_Wanted, pa.Table] | None
    _made: tuple[_Wanted, int, list[dict[str, Any]]] | None

    def __init__(self, paths: Sequence[Path], *, ahead: int = 1) -> None:
        self._paths = tuple(paths)
        self._ahead = ahead
        self._ends: list[int] = []  # of the files whose footers have been read: the rows up to there
        self._forget()

    def __getstate__(self) -> tuple[tuple[Path, ...], int, list[int]]:
        return self._paths, self._ahead, self._ends

    def __setstate__(self, state: tuple[tuple[Path, ...], int, list[int]]) -> None:
        self._paths, self._ahead, self._ends = state
        self._forget()

    def __len__(self) -> int:
        while len(self._ends) < len(self._paths):
            self._count_next()
        return self._ends[-1] if self._ends else 0

    def row(self, index: int, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """Row ``index``, of which only ``columns`` are read."""
        number, place = self._find(index)
        file, firsts = self._open(number)
        group = bisect_right(firsts, place) - 1
        slice_, within = divmod(place - firsts[group], self._ahead)
        wanted = (number, group, columns)
        if self._made is None or self._made[:2] != (wanted, slice_):
            if self._group is None or self._group[0] != wanted:
                self._group = (wanted, file.read_row_group(group, columns=columns, use_threads=False))
            rows = self._group[1].slice(slice_ * self._ahead, self._ahead).to_pylist()
            self._made = (wanted, slice_, rows)
        return self._made[2][within]

    def rows(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every row in order, of which only ``columns`` are read."""
        for path in self._paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=1024, columns=columns):
                    yield from batch.to_pylist()

    def _find(self, index: int) -> tuple[int, int]:
        """The number of the row's file, and the row in it."""
        while len(self._ends) < len(self._paths) and (not self._ends or index >= self._ends[-1]):
            self._count_next()
        number = bisect_right(self._ends, index)
        if index < 0 or number == len(self._paths):
            raise IndexError(index)
        return number, index - (self._ends[number - 1] if number else 0)

    def _count_next(self) -> None:
        before = self._ends[-1] if self._ends else 0
        self._ends.append(before + pq.read_metadata(self._paths[len(self._ends)]).num_rows)

    def _open(self, number: int) -> tuple[pq.ParquetFile, list[int]]:
        """A file, and the row with which each of its groups begins."""
        if self._process != os.getpid():
            self._forget()
        opened = self._files.pop(number, None)
        if opened is None:
            while len(self._files) >= _OPEN_FILES:
                self._files.pop(next(iter(self._files)))[0].close()
            file = pq.ParquetFile(self._paths[number], pre_buffer=False)
            firsts = [0]
            for group in range(file.num_row_groups - 1):
                firsts.append(firsts[-1] + file.metadata.row_group(group).num_rows)
            opened = (file, firsts)
        self._files[number] = opened  # the last one used is the last
        return opened

    def _forget(self) -> None:
        self._process = os.getpid()
        self._files = {}
        self._group = None
        self._made = None
