"""A small release whose private test split is sealed."""

from __future__ import annotations

from pathlib import Path

from release_settings import read_settings, write_settings

from radrelease.adapters.sealing_keys import make_sealing_key
from radrelease.pipeline import build
from radrelease.testing import make_export


def make_sealed_release(folder: Path):
    """The settings of a release in ``folder``, built, with ``sealing.key`` beside it."""
    make_export(folder, patients=24, image_side=96)
    write_settings(
        folder,
        release={"name": "sealed", "layouts": ["native", "dicom"], "id_prefix": "TEST"},
        split={"valid": 1, "test": 1, "private_test": 10},
        sealing={"recipient": make_sealing_key(folder), "openings_per_team": 3},
    )
    return build_sealed(folder)


def build_sealed(folder: Path):
    built = build(*read_settings(folder))
    assert not built.findings, built.findings[:3]
    return built
