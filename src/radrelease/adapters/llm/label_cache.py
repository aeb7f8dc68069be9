"""Answers and what was paid for them, in one SQLite file of the private work folder.

An answer is on the disk before the next is waited for, so a process that is killed has lost nothing and
a rerun pays for nothing twice. One process writes, from one thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from radrelease.errors import ConfigError
from radrelease.records.endpoints import Endpoint
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest, Usage

__all__ = ["KEPT_FAULTS", "Charge", "LabelCache", "OpenBatch", "cache_key"]

KEPT_FAULTS = frozenset({None, Fault.OTHER_SCHEMA, Fault.REFUSED, Fault.TRUNCATED})
"""What the model itself said; all else may be otherwise when it is asked again."""

_VERSION = 1
_TABLES = """
CREATE TABLE answers (
    key TEXT PRIMARY KEY, content TEXT NOT NULL, fault TEXT,
    prompt INTEGER NOT NULL, completion INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE charges (
    id INTEGER PRIMARY KEY, prompt INTEGER NOT NULL, completion INTEGER NOT NULL, batch INTEGER NOT NULL
);
CREATE TABLE batches (
    name TEXT PRIMARY KEY, home TEXT NOT NULL, remote TEXT
);
CREATE TABLE questions (
    batch TEXT NOT NULL, key TEXT NOT NULL, charge INTEGER NOT NULL, PRIMARY KEY (batch, key)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Tokens set aside for a question, under a number that settles it."""

    number: int
    worst: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatch:
    """A batch whose results are not here yet.

    ``name`` is ours, ``home`` the endpoint's address, ``remote`` the endpoint's name for it, None as long
    as that is not known. ``charges`` are its questions that are not settled, by their keys.
    """

    name: str
    home: str
    remote: str | None
    charges: dict[str, Charge]


def cache_key(request: LabelRequest, endpoint: Endpoint) -> str:
    """The SHA-256, in hexadecimal, over all that the answer depends on; where it comes from is not in it."""
    parts = (
        *(request.system, request.user, request.schema, endpoint.model, endpoint.json_mode.value),
        *(endpoint.temperature, endpoint.seed, endpoint.max_completion_tokens),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class LabelCache:
    """The file at ``path``, made where it is not there; :class:`ConfigError` where it is another's."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode
        path.chmod(0o600)
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            mend = "Move it away; what it holds is asked for again"
            raise ConfigError("[release] work", f"{path.name} is no cache of answers", mend) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def answer(self, key: str) -> LabelAnswer | None:
        """The answer that was stored under the key."""
        query = "SELECT content, fault, prompt, completion FROM answers WHERE key = ?"
        row = self._database.execute(query, (key,)).fetchone()
        if row is None:
            return None
        fault = None if row[1] is None else Fault[row[1]]
        return LabelAnswer(content=row[0], fault=fault, usage=Usage(prompt=row[2], completion=row[3]))

    def set_aside(self, worst: Usage, *, batch: bool) -> Charge:
        """Count these tokens as used, before they are."""
        values = (worst.prompt, worst.completion, batch)
        row = self._database.execute("INSERT INTO charges VALUES (NULL, ?, ?, ?) RETURNING id", values)
        (number,) = row.fetchone()
        return Charge(number=number, worst=worst)

    def settle(self, charge: Charge, used: Usage, key: str, answer: LabelAnswer) -> None:
        """Replace what was set aside by what was used, and keep the answer if it is one to keep."""
        with self._database:
            self._database.execute("BEGIN")
            values = (used.prompt, used.completion, charge.number)
            self._database.execute("UPDATE charges SET prompt = ?, completion = ? WHERE id = ?", values)
            self._database.execute("DELETE FROM questions WHERE charge = ?", (charge.number,))
            if answer.fault in KEPT_FAULTS:
                self._keep(key, answer)

    def used(self, *, batch: bool) -> Usage:
        """All tokens used or set aside so far, in batches or one by one."""
        query = "SELECT coalesce(sum(prompt), 0), coalesce(sum(completion), 0) FROM charges WHERE batch = ?"
        prompt, completion = self._database.execute(query, (batch,)).fetchone()
        return Usage(prompt=prompt, completion=completion)

    def begin_batch(self, name: str, home: str, worst: Mapping[str, Usage]) -> OpenBatch:
        """Write down a batch and what its questions take at worst, before anything of it is sent."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("INSERT INTO batches VALUES (?, ?, NULL)", (name, home))
            charges = {key: self.set_aside(usage, batch=True) for key, usage in worst.items()}
            rows = ((name, key, charge.number) for key, charge in charges.items())
            self._database.executemany("INSERT INTO questions VALUES (?, ?, ?)", rows)
        return OpenBatch(name=name, home=home, remote=None, charges=charges)

    def name_batch(self, name: str, remote: str) -> None:
        """Write down the endpoint's name of a batch."""
        self._database.execute("UPDATE batches SET remote = ? WHERE name = ?", (remote, name))

    def end_batch(self, name: str, *, paid: bool) -> None:
        """Forget a batch; ``paid`` keeps what is set aside for its other questions counted."""
        with self._database:
            self._database.execute("BEGIN")
            if not paid:
                rest = "SELECT charge FROM questions WHERE batch = ?"
                self._database.execute(f"DELETE FROM charges WHERE id IN ({rest})", (name,))  # noqa: S608
            self._database.execute("DELETE FROM questions WHERE batch = ?", (name,))
            self._database.execute("DELETE FROM batches WHERE name = ?", (name,))

    def open_batches(self) -> list[OpenBatch]:
        """The batches whose results are not here yet, the oldest first."""
        rows = self._database.execute("SELECT name, home, remote FROM batches ORDER BY rowid").fetchall()
        return [
            OpenBatch(name=name, home=home, remote=remote, charges=self._charges(name))
            for name, home, remote in rows
        ]

    def _charges(self, batch: str) -> dict[str, Charge]:
        tables = "questions JOIN charges ON charges.id = questions.charge"
        query = f"SELECT key, id, prompt, completion FROM {tables} WHERE questions.batch = ?"  # noqa: S608
        return {
            key: Charge(number=number, worst=Usage(prompt=prompt, completion=completion))
            for key, number, prompt, completion in self._database.execute(query, (batch,))
        }

    def _keep(self, key: str, answer: LabelAnswer) -> None:
        fault = None if answer.fault is None else answer.fault.name
        values = (key, answer.content, fault, answer.usage.prompt, answer.usage.completion)
        self._database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", values)

    def _prepare(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version not in {0, _VERSION}:
            raise sqlite3.DatabaseError
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if version == 0:
            self._database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
