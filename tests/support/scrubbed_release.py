"""A small release with settings of ``[deidentification]``, and what of its reports is published."""

from __future__ import annotations

import pyarrow.parquet as pq
from release_settings import configure

from radrelease.records.release import SectionName
from radrelease.testing import make_export


def prepare(folder, *, patients, processes=2, **settings):
    """An export in the folder; its truth, the configuration and the key."""
    gold = make_export(folder, patients=patients, image_side=96)
    config, secret = configure(
        folder,
        split={"valid": 2, "test": 2, "private_test": 2},
        deidentification=settings,
        workers={"processes": processes},
    )
    return gold, config, secret


def redactions(folder):
    return pq.read_table(folder / "work/redactions.parquet").to_pylist()


def texts(folder):
    """Every section of every study, the private test split's too."""
    return [
        row[name.value] or ""
        for place in ("release", "private_test")
        for path in sorted((folder / place / "native/studies").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
        for name in SectionName
    ]
