"""Where known devices burn text into their pictures, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["DeviceRegions", "load_device_regions"]

Share = tuple[float, float, float, float]
"""Left, top, right, bottom, of the picture's width and height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRegions:
    """The regions of one maker's model; both are words in upper case, "" for any."""

    maker: str
    model: str
    regions: tuple[Share, ...]
    source: str

    def speaks_of(self, attributes: Mapping[str, str]) -> bool:
        """Whether the header is of this device."""
        maker = attributes.get("Manufacturer", "").upper()
        return self.maker in maker and self.model in attributes.get("ManufacturerModelName", "").upper()


@cache
def load_device_regions() -> tuple[DeviceRegions, ...]:
    """The rows of ``device_text_regions.toml``."""
    return tuple(
        DeviceRegions(
            maker=row["maker"].upper(),
            model=row["model"].upper(),
            regions=tuple(_share(region) for region in row["regions"]),
            source=row["source"],
        )
        for row in read_profile("device_text_regions.toml")["device"]
    )


def _share(region: list[float]) -> Share:
    left, top, right, bottom = (float(side) for side in region)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(f"no region of a picture: {region}")
    return left, top, right, bottom
