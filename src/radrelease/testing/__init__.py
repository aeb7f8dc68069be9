"""Makers of synthetic raw hospital exports with the truth about them.

    from radrelease.testing import make_export, load_gold, release_toml

    gold = make_export(folder)          # folder/export and folder/gold
    sources = release_toml()      # the [[source]] tables of a release.toml in that folder

Everything is invented. The same seed gives the same bytes.
"""

from radrelease.testing.export import make_export, release_toml
from radrelease.testing.gold import Gold, GoldRejection, GoldStudy, PlantedSpan, load_gold

__all__ = [
    "Gold",
    "GoldRejection",
    "GoldStudy",
    "PlantedSpan",
    "load_gold",
    "make_export",
    "release_toml",
]
