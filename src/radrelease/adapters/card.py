"""Dataset cards, figures and the HTML report, from Jinja templates. Equal numbers give equal bytes."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from radrelease.entities import ModelIdentity
from radrelease.records import ReleaseImage, ReleaseStudy
from radrelease.stages.about import About, GalleryStudy
from radrelease.stages.flagged_pictures import PictureQuality, count_flags
from radrelease.stages.labels import LabelAccount
from radrelease.stages.residual_risk import ResidualRisk
from radrelease.stages.small_cells import Risk
from radrelease.stages.tables import Description, Flow

__all__ = [
    "render_labels",
    "render_picture_quality",
    "render_report",
    "render_residual_risk",
    "render_small_cells",
    "write_card",
]

_PICTURES_SHOWN = 1000
"""Rows of the page of flagged pictures; the table beside it has them all."""

_LICENSE = """The institution that releases this data states the terms of its use where it grants
access to it. Without such a grant, all rights are reserved.
"""
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)


def write_card(folder: Path, layout: str, description: Description, flow: Flow, about: About) -> None:
    """Write README.md, LICENSE and figures/ of one layout."""
    splits = [size.split.replace("valid", "validation") for size in description.sizes if size.studies]
    category = next((name for limit, name in _SIZES if description.studies < limit), "1M<n<10M")
    text = (
        _templates()
        .get_template("card.md.j2")
        .render(
            layout=layout,
            description=description,
            flow=flow,
            about=about,
            splits=splits,
            size_category=category,
            sizes=_table(
                ["split", "studies", "images", "patients", "institutions", *description.sizes[0].mean_words],
                [
                    [
                        row.split,
                        row.studies,
                        row.images,
                        row.patients,
                        row.institutions,
                        *row.mean_words.values(),
                    ]
                    for row in description.sizes
                ],
            ),
            demographics=_table(
                ["split", *description.demographics[0].ages, *description.demographics[0].sexes],
                [[row.split, *row.ages.values(), *row.sexes.values()] for row in description.demographics],
            ),
            columns=_table(
                ["column", "meaning", "DICOM tag", "unit"],
                [[row[key] for key in ("column", "meaning", "tag", "unit")] for row in _columns()],
            ),
        )
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "LICENSE").write_text(_LICENSE, encoding="utf-8")
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    macros = _templates(escaped=True).get_template("charts.j2").module
    for chart in description.charts:
        (figures / f"{chart.name}.svg").write_text(macros.bars(chart) + "\n", encoding="utf-8")  # type: ignore[attr-defined]
    (figures / "flow.svg").write_text(macros.flow(flow) + "\n", encoding="utf-8")  # type: ignore[attr-defined]


def render_residual_risk(risk: ResidualRisk, model: ModelIdentity | None) -> str:
    """The private page about the report text. It quotes reports."""
    return _templates(escaped=True).get_template("residual_risk.html.j2").render(risk=risk, model=model)


def render_small_cells(risk: Risk) -> str:
    """The private page about the smallest groups of patients. It shows published values only."""
    return _templates(escaped=True).get_template("small_cells.html.j2").render(risk=risk)


def render_labels(account: LabelAccount, model: str) -> str:
    """The private page about the labels of a language model. It holds counts only."""
    return _templates(escaped=True).get_template("labels.html.j2").render(account=account, model=model)


def render_picture_quality(rows: Sequence[PictureQuality]) -> str:
    """The private page about pictures that look out of the ordinary. It shows published values only."""
    template = _templates(escaped=True).get_template("picture_quality.html.j2")
    flagged = [row for row in rows if row.flags]
    return template.render(counts=count_flags(rows), flagged=flagged, shown=_PICTURES_SHOWN)


def render_report(description: Description, flow: Flow, about: About, gallery: Sequence[GalleryStudy]) -> str:
    """The report as one HTML file that refers to nothing outside itself."""
    shown = [
        {
            **{field.name: getattr(study, field.name) for field in dataclasses.fields(study)},
            "pictures": [
                {"view": view, "data": base64.b64encode(data).decode()}
                for view, data in zip(study.views, study.previews, strict=True)
            ],
        }
        for study in gallery
    ]
    return (
        _templates(escaped=True)
        .get_template("report.html.j2")
        .render(description=description, flow=flow, about=about, gallery=shown)
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _columns() -> list[dict[str, str]]:
    fields = [
        field
        for record in (ReleaseStudy, ReleaseImage)
        for field in dataclasses.fields(record)
        if field.name != "images"
    ]
    return [dict(field.metadata) for field in fields]


@cache
def _templates(*, escaped: bool = False) -> Environment:
    return Environment(
        loader=PackageLoader("radrelease.adapters", "templates"),
        autoescape=escaped,  # noqa: S701 - Markdown is not HTML; what is HTML or SVG is escaped
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
