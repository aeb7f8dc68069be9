"""What is done to a finished release: audited again, attacked, and its smallest cells looked at."""

from __future__ import annotations

from radrelease.accounts import least_cell, write_cells
from radrelease.adapters.files import lease
from radrelease.adapters.parquet import write_records
from radrelease.adapters.receipt import renew_receipt
from radrelease.attacking import attack_release
from radrelease.auditing import FINDINGS, TRUTH, audit_folders, judge_release
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.progress import Progress, Silent
from radrelease.records.exhibits import Finding
from radrelease.stages.audit.attacks import Attack
from radrelease.stages.audit.small_cells import Risk

__all__ = ["attack", "audit", "cells"]


def attack(config: Config) -> tuple[Attack, ...]:
    """Try on the finished release what somebody without the key would try."""
    _check_finished(config)
    with lease(config.release.work):
        return attack_release(config)


def audit(config: Config, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Audit the finished release again; findings are also written to the work folder."""
    _check_finished(config)
    release = config.release
    private = release.private_folder if (release.private_folder / "manifest.json").is_file() else None
    with lease(release.work):
        findings = audit_folders(release.public_folder, private, _here(config), progress or Silent())
        write_records(release.work / FINDINGS, Finding, findings)
        renew_receipt(release.public_folder, release.work, passed=not findings)
    return tuple(findings)


def _here(config: Config) -> Config:
    """The configuration with workers of this machine: a cluster need not see a finished release."""
    return config.model_copy(update={"workers": config.workers.model_copy(update={"engine": "local"})})


def cells(config: Config) -> Risk:
    """The smallest cells of the finished release; also written to the work folder."""
    _check_finished(config)
    with lease(config.release.work):
        risk = judge_release(config.release.public_folder, least_cell(config))
        write_cells(risk, config.release.work)
    return risk


def _check_finished(config: Config) -> None:
    if not (config.release.public_folder / "manifest.json").is_file():
        raise ConfigError("[release] output", "holds no release", "Run `radrelease build` first")
    if not (config.release.work / TRUTH).is_file():
        raise ConfigError(
            "[release] work", "is not the work folder of this release", "Name the one it was built in"
        )
