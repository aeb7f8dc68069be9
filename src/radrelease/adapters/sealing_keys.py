"""The key pair that seals a private test split: age X25519, in the files that ``age-keygen`` makes."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pyrage

from radrelease.adapters.files import write_private
from radrelease.errors import ConfigError

__all__ = [
    "SEALING_KEY",
    "SEALING_PUB",
    "check_recipient",
    "make_sealing_key",
    "read_key_file",
    "read_sealing_key",
]

SEALING_KEY, SEALING_PUB = "sealing.key", "sealing.pub"


def make_sealing_key(folder: Path) -> str:
    """Write ``sealing.key`` (mode 0600) and ``sealing.pub``; gives the public half, "age1...".

    A key that is there is left as it is: what was sealed with it must stay open to it.
    """
    path = folder / SEALING_KEY
    if path.exists():
        return str(read_sealing_key(path).to_public())
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    write_private(path, f"# public key: {recipient}\n{identity}\n".encode())
    (folder / SEALING_PUB).write_text(f"{recipient}\n", encoding="ascii")
    return recipient


def read_sealing_key(path: Path) -> Any:
    """The identity in the file; :class:`ConfigError` where there is none, or others may read it."""
    text = read_key_file(path, "sealing key").decode("ascii", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0])
    except (IndexError, pyrage.IdentityError):
        mend = "Name the sealing.key that `radrelease bench keys` made"
        raise ConfigError(str(path), "is no sealing key", mend) from None


def read_key_file(path: Path, what: str) -> bytes:
    """The bytes of a private key's file, which nobody but its owner may be able to read."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        problem = f"the {what} cannot be read ({error.strerror})"
        raise ConfigError(
            str(path), problem, "Name its file, or make one with `radrelease bench keys`"
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(str(path), f"others than its owner may read the {what}", f"Run: chmod 600 {path}")
    return data


def check_recipient(recipient: str | None) -> None:
    """Raise :class:`ConfigError` for what nothing can be sealed for."""
    try:
        if recipient is not None:
            pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        mend = "Copy the line of sealing.pub, which `radrelease bench keys` makes"
        raise ConfigError("[sealing] recipient", "is no public key of age", mend) from None
