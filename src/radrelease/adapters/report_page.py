"""The HTML report: one file that refers to nothing outside itself."""

from __future__ import annotations

import base64
import dataclasses
import struct
from collections.abc import Sequence

from radrelease.adapters.rendering import render
from radrelease.stages.release import statements
from radrelease.stages.release.about import About, GalleryStudy
from radrelease.stages.release.flow import Flow
from radrelease.stages.release.tables import Description

__all__ = ["render_report"]


def render_report(description: Description, flow: Flow, about: About, gallery: Sequence[GalleryStudy]) -> str:
    """The page: flow, tables, figures, and the studies of the gallery with their pictures."""
    return render(
        "report.html.j2",
        escaped=True,
        description=description,
        flow=flow,
        about=about,
        gallery=[_shown(study) for study in gallery],
        summary=statements.summary(about),
        deidentification=tuple(statements.deidentification(about)),
        limits=tuple(statements.limits(about)),
    )


def _shown(study: GalleryStudy) -> dict[str, object]:
    fields = {field.name: getattr(study, field.name) for field in dataclasses.fields(study)}
    pictures = [
        {"view": view, "data": base64.b64encode(data).decode(), "size": _size(data)}
        for view, data in zip(study.views, study.previews, strict=True)
    ]
    return fields | {"pictures": pictures}


def _size(png: bytes) -> tuple[int, int]:
    """Width and height, from the IHDR chunk (PNG, section 11.2.1), so that the page does not jump."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height
