"""Running a participant's program on the inputs of a sealed split. The references are not touched."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from radrelease.adapters.files import write_private
from radrelease.adapters.png import decode_png, encode_png
from radrelease.adapters.predictions_file import largest_file
from radrelease.adapters.sandbox import Confined, Limits, check_sandbox, nobody, run_confined
from radrelease.adapters.sealed_folder import clear_part, read_sealed_manifest
from radrelease.errors import ConfigError
from radrelease.stages.sealed.program_input import picture_paths, program_input

__all__ = ["run_program"]


def run_program(
    sealed: Path,
    command: Sequence[str],
    output: Path,
    limits: Limits,
    *,
    programs: Sequence[Path] = (),
    devices: Sequence[Path] = (),
    eight_bit: bool = False,
) -> None:
    """Run ``command`` on every study, and write what it predicts to ``output``, its messages beside it.

    Raises :class:`ConfigError` before anything is run, and :class:`radrelease.errors.ProgramFailed`.
    """
    read_sealed_manifest(sealed)
    check_sandbox()
    _check_programs(sealed, programs)
    with tempfile.TemporaryDirectory(prefix="radrelease-") as held:
        inputs = Path(held)
        studies = _lay_out(sealed, inputs, eight_bit=eight_bit)
        _hand_over(inputs)
        confined = Confined(
            command=command,
            inputs=inputs,
            programs=programs,
            devices=devices,
            limits=limits,
            output_bytes=largest_file(studies),
        )
        write_private(output, run_confined(confined, output.with_name(output.name + ".log")))


def _check_programs(sealed: Path, programs: Sequence[Path]) -> None:
    """No folder that is shown may hold the sealed split, or be in it."""
    secret = sealed.resolve()
    for folder in (path.resolve() for path in programs):
        if secret.is_relative_to(folder) or folder.is_relative_to(secret):
            mend = "Name a folder that holds the program and nothing else"
            raise ConfigError("--program", "would show the sealed split to the program", mend)


def _lay_out(sealed: Path, inputs: Path, *, eight_bit: bool) -> int:
    """Write the pictures and ``input.json``; how many studies there are."""
    entries = {}
    for row in _rows(sealed):
        entries[row["id"]] = program_input(row)
        for path, picture in zip(picture_paths(row), row["images"], strict=True):
            target = inputs / "images" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_eight_bit(picture["bytes"]) if eight_bit else picture["bytes"])
    (inputs / "input.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")
    return len(entries)


def _rows(sealed: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((clear_part(sealed) / "native" / "data").glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=4):
                yield from batch.to_pylist()


def _eight_bit(data: bytes) -> bytes:
    """The picture for programs that know 8 bits only."""
    return encode_png((decode_png(data) >> 8).astype(np.uint8))


def _hand_over(folder: Path) -> None:
    """Give the folder to the user that the program runs as, if that is another one."""
    user = nobody()
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user)
