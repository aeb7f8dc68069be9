"""The plain text of a report that an information system keeps as Rich Text or HTML.

What a reader of the document sees is its text: no control words and tags, no names of fonts and authors, no
pictures, no header and footer of the printed page, and no comments. Where that is not certain there is no
text: of a document that is cut off or goes on behind its end, of one that has words hidden, struck, or beside
the text, in boxes and footnotes, and of XML, whose elements anybody names.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from striprtf.striprtf import rtf_to_text

__all__ = ["plain_text"]

_RICH = re.compile(r"\{\s*\\rtf")
_XML = re.compile(r"\s*(?:<\?xml\b|<(?:\w+:)?ClinicalDocument\b)")
_BLOCKS = frozenset(
    {
        "address",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
    }
    | {"table", "tbody", "tr", "ul"}
)
_WITHIN = frozenset(
    {
        "a",
        "b",
        "body",
        "center",
        "em",
        "font",
        "html",
        "i",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
    }
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "script", "style", "title"})
_STRUCK = frozenset({"del", "s", "strike"})
_TAGS = _BLOCKS | _WITHIN | _CELLS | _UNSEEN | _STRUCK
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_TAGS))})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)


def plain_text(text: str) -> str | None:
    """The text of a report, with or without mark-up; None where it is not certain."""
    if _RICH.search(text) is not None:
        return _text_of_rich(text.strip(" \t\r\n\0"))
    if _XML.match(text) is not None and "<html" not in text:
        return None
    if _TAG.search(text) is not None:
        return _text_of_html(text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


_SIGN = re.compile(r"\\(?P<word>[a-z]+)(?P<value>-?\d*)|\\[^a-z]|[{}]")
_BESIDE = frozenset(
    {"v", "deleted", "strike", "striked", "footnote", "shptxt", "dptxbxtext", "object", "upr"}
)
"""Control words of what is not seen, or not within the text."""


def _text_of_rich(document: str) -> str | None:
    if _RICH.match(document) is None or not _is_plain_and_whole(document):
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


def _text_of_html(document: str) -> str | None:
    seen = _Seen(breaks_lines=_BLOCK.search(document) is None)
    seen.feed(document)
    seen.close()
    if not seen.is_certain or document.count("<!--") > document.count("-->"):
        return None
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", "".join(seen.pieces))).strip("\n")


class _Seen(HTMLParser):
    """What a browser shows; where no tag breaks lines, line breaks do. What is no tag of HTML is text."""

    def __init__(self, *, breaks_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.is_certain = True
        self._breaks_lines = breaks_lines
        self._unseen = self._as_it_is = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line, leave out what is not shown, and keep "<name>" as it is."""
        if tag in _STRUCK or any(_HIDDEN.search(value or "") for name, value in attrs if name == "style"):
            self.is_certain = False
        self._unseen += tag in _UNSEEN
        self._as_it_is += tag == "pre"
        self._put("\n" if tag in _BLOCKS else "")
        if tag not in _TAGS:
            self._put(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line once at "<br/>"."""
        self.handle_starttag(tag, attrs)
        self._unseen -= tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        """Break the line after a block, and part cells."""
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self._as_it_is -= tag == "pre" and self._as_it_is > 0
        self._put("\t" if tag in _CELLS else "\n" if tag in _BLOCKS else "")
        if tag not in _TAGS:
            self._put(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep the text; line breaks in it say nothing where there are tags for them."""
        if not (self._breaks_lines or self._as_it_is):
            data = re.sub(r"[ \t\r\n]+", " ", data)
            begins = not self.pieces or self.pieces[-1].endswith("\n")
            data = data.lstrip(" ") if begins else data
        self._put(data)

    def unknown_decl(self, data: str) -> None:
        """A section of another language: nobody knows what is shown of it."""
        self.is_certain = self.is_certain and not data

    def close(self) -> None:
        """End the document; what is not shown to its end was cut off."""
        super().close()
        self.is_certain = self.is_certain and not self._unseen

    def _put(self, text: str) -> None:
        if text and not self._unseen:
            self.pieces.append(text)
