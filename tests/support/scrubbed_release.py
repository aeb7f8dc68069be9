"""A small release with settings of ``[deidentification]``, and what of its reports is published."""

from __future__ import annotations

import pyarrow.parquet as pq
from release_settings import configure

from radrelease.finished import audit
from radrelease.pipeline import build
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


def make(folder, **options):
    """The folder, the truth of the export in it, the configuration, and what was built."""
    gold, config, secret = prepare(folder, **options)
    return folder, gold, config, build(config, secret)


def check_that_all_is_released(made):
    """Every good study is in it, and neither the build's audit nor a later one finds anything."""
    _, gold, config, built = made
    assert built.findings == ()
    assert audit(config) == ()
    assert sum(size.studies for size in built.description.sizes) + built.private_studies == len(gold.studies)


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
