"""The HTML pages of the work folder, which never leave it."""

from __future__ import annotations

from radrelease.adapters.rendering import render
from radrelease.records.entities import ModelIdentity
from radrelease.stages.audit.small_cells import Risk
from radrelease.stages.labels.labels import LabelAccount
from radrelease.stages.pictures.flagged_pictures import QualityAccount
from radrelease.stages.release.residual_risk import ResidualRisk

__all__ = ["render_labels", "render_picture_quality", "render_residual_risk", "render_small_cells"]


def render_residual_risk(risk: ResidualRisk, model: ModelIdentity | None) -> str:
    """The private page about the report text. It quotes reports."""
    return render("residual_risk.html.j2", escaped=True, risk=risk, model=model)


def render_small_cells(risk: Risk) -> str:
    """The private page about the smallest groups of patients. It shows published values only."""
    return render("small_cells.html.j2", escaped=True, risk=risk)


def render_labels(account: LabelAccount, model: str) -> str:
    """The private page about the labels of a language model. It holds counts only."""
    return render("labels.html.j2", escaped=True, account=account, model=model)


def render_picture_quality(account: QualityAccount) -> str:
    """The private page about pictures that look out of the ordinary. It shows published values only."""
    return render("picture_quality.html.j2", escaped=True, account=account)
