"""The scores of a submission over the resamples, kept to compare it with later ones. Private."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from radrelease.adapters.files import write_private
from radrelease.errors import ConfigError
from radrelease.records.benchmark import Metric, Replicates

__all__ = ["read_replicates", "replicates_path", "write_replicates"]


def replicates_path(folder: Path, submission_sha256: str) -> Path:
    """Where the replicates of a submission lie."""
    return folder / f"{submission_sha256}.npz"


def write_replicates(path: Path, replicates: Replicates) -> None:
    """Write them whole or not at all, for their owner alone. Equal ones give equal bytes."""
    metrics = sorted(replicates.values)
    held = io.BytesIO()
    np.savez(
        held,
        drawn=np.array(replicates.drawn),
        metrics=np.array([metric.value for metric in metrics]),
        scores=np.array([replicates.scores[metric] for metric in metrics]),
        values=np.array([replicates.values[metric] for metric in metrics]),
    )
    write_private(path, held.getvalue())


def read_replicates(path: Path) -> Replicates:
    """What :func:`write_replicates` wrote.

    Raises :class:`radrelease.errors.ConfigError` for anything else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            metrics = [Metric(name) for name in held["metrics"].tolist()]
            return Replicates(
                drawn=str(held["drawn"]),
                scores=dict(zip(metrics, held["scores"].tolist(), strict=True)),
                values=dict(zip(metrics, held["values"], strict=True)),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise ConfigError(
            str(path), "holds no replicates", "Name the folder that bench score writes to"
        ) from None
