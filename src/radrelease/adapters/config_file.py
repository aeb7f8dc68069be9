"""Reads ``release.toml`` and the key, and refuses what cannot be meant."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret

__all__ = ["load_config", "load_secret", "with_line"]

LEAST_KEY_BYTES = 32
"""A key shorter than HMAC-SHA256's output would be the weakest part of every pseudonym."""

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([A-Za-z0-9_.\-\s]+?)\s*\]{1,2}\s*(?:#.*)?$")

Location = tuple[int | str, ...]


def load_config(path: Path) -> Config:
    """The configuration in ``path``; relative paths in it start from the file's own folder.

    Raises :class:`ConfigError`, which names the line, what is wrong there and how to mend it.
    """
    text = _read(path)
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for numbers and nesting beyond all measure
        raise ConfigError(str(path), f"is not TOML ({error})", "Mend that line") from None
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        raise _explain(path, text, error) from None
    return _absolute(config, path.resolve().parent)


def load_secret(config: Config) -> Secret:
    """The secret key, from the file or the environment variable that ``[secret]`` names."""
    source = config.secret
    if source.key_env is not None:
        raw = os.environ.get(source.key_env, "").encode()
        where = f"[secret] key_env = {source.key_env!r}"
        if not raw:
            raise ConfigError(where, "the environment variable is not set", "Export the key in it")
    else:
        assert source.key_file is not None  # noqa: S101 - SecretSource has exactly one
        where = f"[secret] key_file = {str(source.key_file)!r}"
        raw = _read_key(source.key_file, where)
    key = raw.strip()
    if len(key) < LEAST_KEY_BYTES or len(set(key)) < 8:
        raise ConfigError(
            where,
            f"the key is too weak: it needs {LEAST_KEY_BYTES} unguessable bytes or more",
            "Make one with `radrelease init`",
        )
    return Secret(key)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        mend = "Make one with `radrelease init`"
        raise ConfigError(str(path), f"cannot be read ({error.strerror})", mend) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8 text", "Save it as UTF-8") from None


def _read_key(path: Path, where: str) -> bytes:
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes()
    except OSError as error:
        mend = "Make a key with `radrelease init`, or name the right file"
        raise ConfigError(where, f"the key cannot be read ({error.strerror})", mend) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(where, "others than its owner may read the key", f"Run: chmod 600 {path}")
    return raw


def _explain(path: Path, text: str, error: ValidationError) -> ConfigError:
    """The first thing pydantic holds against the file, as one message with its line."""
    first = error.errors(include_url=False, include_input=False)[0]
    location = tuple(part for part in first["loc"] if not _is_union_branch(part))
    line = _line_of(text, location)
    where = f"{path}:{line} {_spell(location)}" if line else f"{path} {_spell(location)}"
    if first["type"] == "extra_forbidden":
        known = list(_settings_at(location[:-1]))
        close = difflib.get_close_matches(str(location[-1]), known, n=1)
        mend = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}"
        return ConfigError(where, "there is no such setting", mend)
    if first["type"] == "missing":
        return ConfigError(where, "is missing", "Add it")
    problem = first["msg"].removeprefix("Value error, ")
    return ConfigError(where, problem[:1].lower() + problem[1:], "Change the value")


def _is_union_branch(part: int | str) -> bool:
    return isinstance(part, str) and bool(re.match(r"(constrained-|literal\[|int$|float$|function-)", part))


def _spell(location: Location) -> str:
    """``('source', 1, 'columns', 'text')`` as ``[[source]] 2 columns.text``."""
    if not location:
        return ""
    table, *rest = location
    if rest and isinstance(rest[0], int):
        return f"[[{table}]] {rest[0] + 1} {'.'.join(str(part) for part in rest[1:])}".strip()
    return f"[{table}] {'.'.join(str(part) for part in rest)}".strip()


def _settings_at(location: Location) -> Iterator[str]:
    """The names of the settings that the table at ``location`` knows."""
    model: type[BaseModel] = Config
    for part in location:
        if isinstance(part, int):
            continue
        annotation: Any = model.model_fields[part].annotation
        model = next(iter(getattr(annotation, "__args__", ())), annotation)
    yield from model.model_fields


def _line_of(text: str, location: Location) -> int | None:
    """The line on which the setting, or else its table, stands; counted from 1."""
    names = [str(part) for part in location if isinstance(part, str)]
    index = next((part for part in location if isinstance(part, int)), 0)
    table_line = None
    for number, table, seen, line in _lines_by_table(text):
        if table != names[: len(table)] or (seen is not None and seen != index):
            continue
        table_line = number if table_line is None or len(table) > 1 else table_line
        rest = names[len(table) :]
        if rest and re.match(rf'^\s*["\']?{re.escape(rest[0])}["\']?\s*[.=]', line):
            return number
    return table_line


def _lines_by_table(text: str) -> Iterator[tuple[int, list[str], int | None, str]]:
    """Each line with the table it stands in and, within an array of tables, the element's index."""
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            name = header[2].replace(" ", "")
            table = name.split(".")
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
        if table:
            yield number, table, counts.get(table[0]), line


def _absolute(config: Config, root: Path) -> Config:
    """The configuration with every path made absolute."""

    def mend(value: Any) -> Any:
        if isinstance(value, Path):
            return root / _at_home(value)
        if isinstance(value, Mapping):
            return {key: mend(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return tuple(mend(item) for item in value)
        return value

    return Config.model_validate(mend(config.model_dump()))


def _at_home(path: Path) -> Path:
    """The path with the home folder for "~" and "~name"."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ConfigError(str(path), "there is no such home folder", "Write the path out") from None


def with_line(path: Path, error: ConfigError) -> ConfigError:
    """The error with the line of ``path`` that it speaks of, where it names a setting."""
    named = re.match(r"\[{1,2}(\w+)\]{1,2} ?(.*)", error.where)
    if named is None:
        return error
    setting = named[2].split(" ")[-1].split(".")[0]
    line = _line_of(path.read_text(encoding="utf-8"), (named[1], setting) if setting else (named[1],))
    return error if line is None else ConfigError(f"{path}:{line} {error.where}", error.problem, error.mend)
