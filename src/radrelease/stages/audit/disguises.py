"""Texts as somebody might have written or encoded them so that a plain search misses them."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from radrelease.stages.text.tokens import without_hidden

__all__ = ["undisguised"]

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,400}={0,2}(?![A-Za-z0-9+/])")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){4,200}(?![0-9A-Fa-f])")
_LEAST_PRINTABLE, _LEAST_ENCODED = 4, 8


def undisguised(text: str) -> Iterator[str]:
    """The text without signs that do not show, and, where they differ, with entities and escapes resolved.

    Then what its words say in base64 and in hexadecimal, where that is text.
    """
    plain = without_hidden(text)
    yield plain
    resolved = unquote(html.unescape(plain)) if "&" in plain or "%" in plain else plain
    if resolved != plain:
        yield without_hidden(resolved)
    for found in _BASE64.findall(plain):
        parts = found.split("/") if "/" in found else ()  # a stroke is also what parts the names of folders
        for word in (found, *(part for part in parts if len(part) >= _LEAST_ENCODED)):
            yield from _printable(_from_base64(word))
    for found in _HEX.findall(plain):
        yield from _printable(binascii.unhexlify(found))


def _from_base64(word: str) -> bytes:
    padded = word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        return b""


def _printable(data: bytes) -> Iterator[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if len(text) >= _LEAST_PRINTABLE and text.isprintable():
        yield text
