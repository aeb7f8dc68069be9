"""The Jinja templates of cards, pages and figures. Equal numbers give equal bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

__all__ = ["markdown_table", "render", "templates"]


def render(template: str, *, escaped: bool = False, **values: object) -> str:
    """The template with the values in it; ``escaped`` for HTML and SVG."""
    return templates(escaped=escaped).get_template(template).render(**values)


@cache
def templates(*, escaped: bool = False) -> Environment:
    """The templates of this package."""
    environment = Environment(
        loader=PackageLoader("radrelease.adapters", "templates"),
        autoescape=escaped,  # noqa: S701 - Markdown is not HTML; what is HTML or SVG is escaped
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _code
    environment.filters["number"] = _number
    return environment


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; a value that is None is a dash."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: object) -> str:
    return "–" if value is None else str(value).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> Markup:
    """HTML of a text with `code` in it."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _number(value: float) -> str:
    """A number with its thousands set apart."""
    return f"{value:,}"
