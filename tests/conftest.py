"""A synthetic export and its release, made once per test process."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from release_settings import configure

from radrelease.config import Config
from radrelease.identifiers import Secret
from radrelease.pipeline import Built, build
from radrelease.testing import Gold, make_export

settings.register_profile("untimed", deadline=None)  # how long a test takes says nothing on a busy machine
settings.load_profile("untimed")


@dataclass(frozen=True, eq=False)
class Place:
    """A folder like the one that the demo leaves."""

    folder: Path
    gold: Gold
    config: Config
    secret: Secret
    built: Built

    @property
    def release(self) -> Path:
        return self.folder / "release"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An export of 64 patients, and its release."""
    folder = tmp_path_factory.mktemp("demo")
    gold = make_export(folder, image_side=160)
    config, secret = configure(
        folder,
        release={"name": "test release", "id_prefix": "TEST", "parts": 4},
        split={"valid": 0.1, "test": 0.1, "private_test": 0.1},
        workers={"processes": 2},
    )
    return Place(folder, gold, config, secret, build(config, secret))


@pytest.fixture
def own(place: Place, tmp_path: Path) -> Config:
    """The release's settings, over a copy of release and work folder that a test may spoil."""
    for name in ("release", "private_test"):
        shutil.copytree(place.folder / name, tmp_path / name)
    (tmp_path / "work").mkdir()
    shutil.copyfile(place.folder / "work/audit_receipt.json", tmp_path / "work/audit_receipt.json")
    moved = place.config.release.model_copy(
        update={"output": tmp_path / "release", "work": tmp_path / "work", "private_output": None}
    )
    return place.config.model_copy(update={"release": moved})
