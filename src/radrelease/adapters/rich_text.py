"""Reports in Rich Text Format, in which information systems keep what was dictated into a word processor.

What a reader of the document sees is its text: no control words, no names of fonts and authors, no pictures,
no header and footer of the printed page, and no comments. Where that is not certain there is no text: of a
document that is cut off or goes on behind its end, or that has words hidden, struck, or beside the text, in
boxes and footnotes.
"""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

__all__ = ["plain_text"]

_BEGINS = re.compile(r"\{\s*\\rtf")
_SIGN = re.compile(r"\\(?P<word>[a-z]+)(?P<value>-?\d*)|\\[^a-z]|[{}]")
_BESIDE = frozenset(
    {"v", "deleted", "strike", "striked", "footnote", "shptxt", "dptxbxtext", "object", "upr"}
)
"""Control words of what is not seen, or not within the text."""


def plain_text(text: str) -> str | None:
    """The text of a report, with or without mark-up as Rich Text; None where it is not certain."""
    if _BEGINS.search(text) is None:
        return text
    document = text.strip(" \t\r\n\0")
    if _BEGINS.match(document) is None or not _is_plain_and_whole(document):
        return None
    try:
        plain: str = rtf_to_text(document)  # type: ignore[no-untyped-call]
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except (ValueError, OverflowError, LookupError, TypeError):  # what striprtf gives on broken documents
        return None


def _is_plain_and_whole(document: str) -> bool:
    """Whether the group that the document begins with ends where that does, and all is seen, in one text."""
    depth = 0
    for sign in _SIGN.finditer(document):
        if sign["word"] in _BESIDE and sign["value"] != "0":
            return False
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        if not depth:
            return sign.end() == len(document)
    return False
