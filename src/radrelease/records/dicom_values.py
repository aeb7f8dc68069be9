"""DICOM value representations as Python values (PS3.5 section 6.2)."""

from __future__ import annotations

from datetime import date

__all__ = ["parse_date"]


def parse_date(value: str) -> date | None:
    """A DA, the form of ACR-NEMA with dots included; None when it is not one."""
    digits = value.strip().replace(".", "")
    if not (len(digits) == 8 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
