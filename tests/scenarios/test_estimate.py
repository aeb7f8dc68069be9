"""What a plan says of the build to come."""

from __future__ import annotations

from release_settings import configure

from radrelease.pipeline import build, plan
from radrelease.testing import make_export


def test_a_plan_says_how_much_a_build_will_fill_and_leaves_nothing_behind(tmp_path):
    make_export(tmp_path, patients=6, image_side=640)
    config, secret = configure(tmp_path, release={"name": "planned", "parts": 1})
    planned = plan(config, secret).building
    assert planned.studies == planned.sampled > 5, "the sample is the whole"
    assert planned.seconds > 0
    assert not (tmp_path / "work/estimate").exists()
    made = build(config, secret)
    assert made.description.studies + made.private_studies <= planned.studies
    files = [path for name in ("release", "private_test") for path in (tmp_path / name).rglob("*.par*")]
    assert 2 / 3 < planned.bytes / sum(path.stat().st_size for path in files) < 3 / 2
