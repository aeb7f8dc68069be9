"""The crosswalk, encrypted: the only way back from a pseudonym to a patient.

The file is in the age format (age-encryption.org/v1) with a passphrase derived from the project's
secret key, so that an institution which holds the key can open it with any age program even when
radrelease is gone (docs/decisions/0003-vault.md).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pyrage

from radrelease.adapters.files import write_private
from radrelease.adapters.parquet import to_table
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret

__all__ = ["CrosswalkRow", "read_vault", "vault_passphrase", "write_vault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """One original and its pseudonym. ``kind`` is patient, accession, study, series or instance."""

    kind: str
    domain: str
    original: str
    pseudonym: str
    shift_days: int | None  # of patients only
    split: str | None  # of patients only
    split_before: str | None = None  # of patients only: that of the release before, which the run began from


def write_vault(path: Path, rows: Iterable[CrosswalkRow], secret: Secret) -> None:
    """Encrypt the crosswalk to ``path``; nothing is written in the clear."""
    clear = io.BytesIO()
    pq.write_table(to_table(CrosswalkRow, rows), clear, compression="zstd")
    write_private(path, pyrage.passphrase.encrypt(clear.getvalue(), vault_passphrase(secret)))


def read_vault(path: Path, secret: Secret) -> Iterator[CrosswalkRow]:
    """The rows of the vault at ``path``; :class:`ConfigError` when the key is not the vault's."""
    try:
        clear = pyrage.passphrase.decrypt(path.read_bytes(), vault_passphrase(secret))
    except OSError as error:
        raise ConfigError(
            "vault", f"cannot be read ({error.strerror})", "Run `radrelease build` first"
        ) from None
    except pyrage.DecryptError:
        raise ConfigError(
            "vault", "does not open with this key", "Use the key the release was built with"
        ) from None
    for row in pq.read_table(io.BytesIO(clear)).to_pylist():
        yield CrosswalkRow(**row)


def vault_passphrase(secret: Secret) -> str:
    """The passphrase of the vault, from which the secret key cannot be had."""
    return secret.derive("vault")
