"""A small release whose private test split is sealed."""

from __future__ import annotations

from pathlib import Path

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.sealing_keys import make_sealing_key
from radrelease.pipeline import build
from radrelease.testing import make_export, release_toml

TOML = """[release]
name = "sealed"
output = "release"
work = "work"
layouts = ["native", "dicom"]
id_prefix = "TEST"

{sources}
[split]
valid = 1
test = 1
private_test = 10

[sealing]
recipient = "{recipient}"
openings_per_team = 3

[secret]
key_file = "key"
"""


def make_sealed_release(folder: Path):
    """The settings of a release in ``folder``, built, with ``sealing.key`` beside it."""
    make_export(folder, patients=24, image_side=96)
    (folder / "key").write_text("0123456789abcdef" * 4)
    (folder / "key").chmod(0o600)
    text = TOML.format(sources=release_toml(), recipient=make_sealing_key(folder))
    (folder / "release.toml").write_text(text, encoding="utf-8")
    return build_sealed(folder)


def build_sealed(folder: Path):
    config = load_config(folder / "release.toml")
    built = build(config, load_secret(config))
    assert not built.findings, built.findings[:3]
    return built
