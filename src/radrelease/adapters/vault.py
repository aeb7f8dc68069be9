"""The crosswalk, encrypted: the only way back from a pseudonym to a patient.

The file is in the age format (age-encryption.org/v1), for an identity derived from the project's secret
key, so that an institution which holds the key can open it with any age program even when radrelease is
gone (docs/decisions/0003-vault.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyrage

from radrelease.adapters.files import write_private
from radrelease.adapters.parquet import read_records, write_groups
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret

__all__ = ["CrosswalkRow", "read_vault", "vault_identity", "write_vault"]

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PREFIX = "age-secret-key-"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BY_PASSPHRASE = b"age-encryption.org/v1\n-> scrypt "


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """One original and its pseudonym. ``kind`` is patient, accession, study, series or instance."""

    kind: str
    domain: str
    original: str
    pseudonym: str
    shift_days: int | None  # of patients only, as all below
    split: str | None
    split_before: str | None = None  # that of the release before, which the run began from
    shard: int | None = None  # its number within the split
    part: int | None = None  # of the legacy archive
    parts: int | None = None  # into which that was cut
    shard_before: int | None = None  # as the split before
    part_before: int | None = None
    parts_before: int | None = None


def write_vault(path: Path, rows: Iterable[CrosswalkRow], secret: Secret) -> None:
    """Encrypt the crosswalk to ``path``; nothing is written in the clear."""
    clear = BytesIO()
    write_groups(clear, CrosswalkRow, rows)
    recipient = pyrage.x25519.Identity.from_str(vault_identity(secret)).to_public()
    write_private(path, pyrage.encrypt(clear.getvalue(), [recipient]))


def read_vault(path: Path, secret: Secret) -> Iterator[CrosswalkRow]:
    """The rows of the vault at ``path``; :class:`ConfigError` when the key is not the vault's."""
    try:
        clear = _decrypted(path.read_bytes(), secret)
    except OSError as error:
        raise ConfigError(
            "vault", f"cannot be read ({error.strerror})", "Run `radrelease build` first"
        ) from None
    except pyrage.DecryptError:
        raise ConfigError(
            "vault", "does not open with this key", "Use the key the release was built with"
        ) from None
    yield from read_records(BytesIO(clear), CrosswalkRow)


def _decrypted(data: bytes, secret: Secret) -> bytes:
    if data.startswith(_BY_PASSPHRASE):  # as vaults were encrypted before
        return bytes(pyrage.passphrase.decrypt(data, secret.derive("vault")))
    return bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(vault_identity(secret))]))


def vault_identity(secret: Secret) -> str:
    """The age identity that opens the vault, "AGE-SECRET-KEY-1..."; the secret key cannot be had from it."""
    return _bech32(_PREFIX, bytes.fromhex(secret.derive("vault identity"))).upper()


def _bech32(prefix: str, data: bytes) -> str:
    """The data in Bech32 (BIP 173), which age writes keys in."""
    fifths = -(-len(data) * 8 // 5)
    number = int.from_bytes(data) << (fifths * 5 - len(data) * 8)
    values = [number >> 5 * place & 31 for place in reversed(range(fifths))]
    spread = [*(ord(sign) >> 5 for sign in prefix), 0, *(ord(sign) & 31 for sign in prefix)]
    rest = 1
    for value in (*spread, *values, *[0] * 6):
        top, rest = rest >> 25, (rest & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            rest ^= generator if top >> bit & 1 else 0
    values += [(rest ^ 1) >> 5 * place & 31 for place in reversed(range(6))]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"
