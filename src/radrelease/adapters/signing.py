"""Ed25519 signatures (RFC 8032), with keys in the PEM files that any TLS library reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from radrelease.adapters.files import write_private
from radrelease.adapters.sealing_keys import read_key_file
from radrelease.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "SIGNING_KEY",
    "SIGNING_PUB",
    "is_signed",
    "make_signing_key",
    "read_signing_key",
    "read_signing_pub",
    "sign",
]

SIGNING_KEY, SIGNING_PUB = "signing.key", "signing.pub"


def make_signing_key(folder: Path) -> None:
    """Write ``signing.key`` (PKCS #8, mode 0600) and ``signing.pub``; a key that is there stays."""
    _check_extra()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    if (folder / SIGNING_KEY).exists():
        return
    key = Ed25519PrivateKey.generate()
    write_private(folder / SIGNING_KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / SIGNING_PUB).write_bytes(public)


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in the file; :class:`ConfigError` where there is none, or others may read it."""
    _check_extra()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    data = read_key_file(path, "signing key")
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            str(path), "is no Ed25519 key", "Name the signing.key that `radrelease bench keys` made"
        )
    return key


def read_signing_pub(path: Path) -> Ed25519PublicKey:
    """The public key in the file; :class:`ConfigError` where there is none."""
    _check_extra()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(str(path), "is no public Ed25519 key", "Name the organiser's signing.pub")
    return key


def sign(data: bytes, key: Ed25519PrivateKey) -> str:
    """The signature, 64 bytes in hexadecimal."""
    return key.sign(data).hex()


def is_signed(data: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether the signature is that of the key over the data."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    try:
        key.verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_extra() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415
    except ImportError:
        mend = "Install it: pip install 'radrelease[bench]'"
        raise MissingExtra("bench", "signing and checking result cards needs a library", mend) from None
