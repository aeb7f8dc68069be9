"""What a plan says of the build to come."""

from __future__ import annotations

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build, plan
from radrelease.testing import make_export, release_toml

TOML = """[release]
name = "planned"
output = "release"
work = "work"
parts = 1

{sources}

[secret]
key_file = "key"
"""


def test_a_plan_says_how_much_a_build_will_fill_and_leaves_nothing_behind(tmp_path):
    make_export(tmp_path, patients=6, image_side=640)
    (tmp_path / "key").write_text("0123456789abcdef" * 4)
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "release.toml").write_text(TOML.format(sources=release_toml()))
    config = load_config(tmp_path / "release.toml")
    planned = plan(config, load_secret(config)).building
    assert planned.studies == planned.sampled > 5, "the sample is the whole"
    assert planned.seconds > 0
    assert not (tmp_path / "work/estimate").exists()
    made = build(config, load_secret(config))
    assert made.description.studies + made.private_studies <= planned.studies
    files = [path for name in ("release", "private_test") for path in (tmp_path / name).rglob("*.par*")]
    assert 2 / 3 < planned.bytes / sum(path.stat().st_size for path in files) < 3 / 2
