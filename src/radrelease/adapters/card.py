"""What stands beside the data of one layout: README.md, LICENSE, DATASHEET.md, CITATION.cff, figures."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import escape

from radrelease.adapters.croissant import write_croissant
from radrelease.adapters.rendering import markdown_table, render, templates
from radrelease.adapters.rexgradient import CSV_COLUMNS
from radrelease.config.card import Card
from radrelease.errors import ConfigError
from radrelease.records.release import ReleaseImage, ReleaseStudy
from radrelease.stages.release import statements
from radrelease.stages.release.about import About
from radrelease.stages.release.flow import Flow
from radrelease.stages.release.tables import Description

__all__ = ["DESCRIPTIONS", "licence_of", "stated_texts", "write_card"]

DESCRIPTIONS = (
    *("README.md", "DATASHEET.md", "CITATION.cff", "LICENSE"),
    *("croissant.json", "report.html", "manifest.json"),
)
"""The files that describe a release; each ends so."""

_LEAST_STATED = 4
"""Signs of the shortest text that is taken for a statement of its own."""

_OWN_TERMS = """The institution that releases this data states the terms of its use where it grants
access to it. Without such a grant, all rights are reserved.
"""
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)


def licence_of(card: Card) -> str:
    """The text of LICENSE. Raises :class:`ConfigError` where the file that holds it cannot be read."""
    if card.license_file is not None:
        try:
            return card.license_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            where = "[card] license_file"
            raise ConfigError(where, "is no text that can be read", "Name a file in UTF-8") from None
    if card.license == "other":
        return f"{card.license_link}\n" if card.license_link else _OWN_TERMS
    return f"{card.license}\n{licence_url(card) or ''}".strip() + "\n"


def stated_texts(card: Card, name: str) -> tuple[str, ...]:
    """What the institution itself says of the release called ``name``, as the templates write it.

    The longest come first, so that none is cut by a shorter one.
    """
    texts = (*card.texts, *map(str.strip, licence_of(card).splitlines()), name)
    forms = {form for text in texts for form in _written(text)}
    return tuple(sorted((form for form in forms if len(form) >= _LEAST_STATED), key=len, reverse=True))


def _written(text: str) -> Iterator[str]:
    """The text as Markdown, JSON, YAML and HTML have it."""
    yield text
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield str(htmlsafe_json_dumps(text))[1:-1]
    yield str(escape(text))


def licence_url(card: Card) -> str | None:
    """Where the terms can be read; None where that is nowhere but in LICENSE."""
    if card.license_link is not None:
        return card.license_link
    spdx = spdx_of(card)
    return f"https://spdx.org/licenses/{spdx}.html" if spdx else None


def spdx_of(card: Card) -> str | None:
    """The SPDX identifier of a Creative Commons licence, whose capitals the hub's name does not have."""
    return card.license.upper() if card.license.startswith(("cc0-", "cc-by")) else None


def write_card(
    folder: Path,
    layout: str,
    description: Description,
    flow: Flow,
    about: About,
    known: Mapping[str, str],
) -> dict[str, str]:
    """Describe one layout. Its data must be complete: croissant.json states the digests of the files.

    Returns these, by the names of the files in ``folder``; those that are ``known`` are believed.
    """
    values = _values(layout, description, flow, about)
    for name, template in (
        ("README.md", "card.md.j2"),
        ("DATASHEET.md", "datasheet.md.j2"),
        ("CITATION.cff", "citation.cff.j2"),
    ):
        (folder / name).write_text(render(template, **values), encoding="utf-8")
    (folder / "LICENSE").write_text(about.licence, encoding="utf-8")
    _write_figures(folder / "figures", description, flow)
    return write_croissant(folder, layout, about, licence_url(about.card) or "LICENSE", known)


def _values(layout: str, description: Description, flow: Flow, about: About) -> dict[str, Any]:
    sizes, demographics = description.sizes, description.demographics
    return {
        "layout": layout,
        "description": description,
        "flow": flow,
        "about": about,
        "card": about.card,
        "legacy_columns": CSV_COLUMNS,
        "spdx": spdx_of(about.card),
        "licence_url": licence_url(about.card),
        "statements": statements,
        "splits": [size.split.replace("valid", "validation") for size in sizes if size.studies],
        "size_category": next((name for limit, name in _SIZES if description.studies < limit), "1M<n<10M"),
        "sizes": markdown_table(
            ["split", "studies", "images", "patients", "institutions", *sizes[0].mean_words],
            [
                [row.split, row.studies, row.images, row.patients, row.institutions, *row.mean_words.values()]
                for row in sizes
            ],
        ),
        "demographics": markdown_table(
            ["split", *demographics[0].ages, *demographics[0].sexes],
            [[row.split, *row.ages.values(), *row.sexes.values()] for row in demographics],
        )
        if demographics
        else "",
        "columns": markdown_table(
            ["column", "meaning", "DICOM tag", "unit"],
            [
                [field.metadata[key] for key in ("column", "meaning", "tag", "unit")]
                for record in (ReleaseStudy, ReleaseImage)
                for field in dataclasses.fields(record)
                if field.name != "images"
            ],
        ),
    }


def _write_figures(folder: Path, description: Description, flow: Flow) -> None:
    folder.mkdir(exist_ok=True)
    macros = templates(escaped=True).get_template("charts.j2").module
    for chart in description.charts:
        (folder / f"{chart.name}.svg").write_text(macros.bars(chart) + "\n", encoding="utf-8")  # type: ignore[attr-defined]
    (folder / "flow.svg").write_text(macros.flow(flow) + "\n", encoding="utf-8")  # type: ignore[attr-defined]
