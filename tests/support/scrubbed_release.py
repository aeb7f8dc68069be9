"""A small release with settings of ``[deidentification]``, and what of its reports is published."""

from __future__ import annotations

import pyarrow.parquet as pq

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.records.release import SectionName
from radrelease.testing import make_export, release_toml

TOML = """[release]
name = "t"
output = "release"
work = "work"

{sources}
[split]
valid = 2
test = 2
private_test = 2

[deidentification]
{setting}

[secret]
key_file = "key"

[workers]
processes = {processes}
"""


def prepare(folder, setting, *, patients, processes=2):
    """An export in the folder; its truth, the configuration and the key."""
    gold = make_export(folder, patients=patients, image_side=96)
    (folder / "key").write_text("0123456789abcdef" * 4)
    (folder / "key").chmod(0o600)
    text = TOML.format(sources=release_toml(), setting=setting, processes=processes)
    (folder / "release.toml").write_text(text)
    config = load_config(folder / "release.toml")
    return gold, config, load_secret(config)


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
