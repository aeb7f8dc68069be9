"""How long to wait before an attempt: as long as the endpoint asks, or longer each time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

__all__ = ["LONGEST_WAIT_S", "Pace", "pause_s", "wait_asked"]

LONGEST_WAIT_S = 120.0
_FIRST_S, _LONGEST_PAUSE_S = 0.5, 30.0


def wait_asked(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None where it asks nothing."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    return None if math.isnan(seconds) else max(0.0, seconds)


def _until(text: str, now: float) -> float:
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError, OSError):
        return math.nan


def pause_s(attempt: int) -> float:
    """Seconds after failed attempt number ``attempt``, from 0 on: twice as long each time, to a cap."""
    return min(_LONGEST_PAUSE_S, _FIRST_S * 2.0 ** min(attempt, 30))


class Pace:
    """When the next request may go out; what one thread is told to wait, all wait."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait(self, asked_s: float | None, attempt: int) -> bool:
        """Wait after a failure; False, at once, where the endpoint asks for too long or all is to end."""
        if asked_s is None:
            return not self._stop.wait(pause_s(attempt))
        if asked_s > LONGEST_WAIT_S:
            return False
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + asked_s)
        return self.hold()

    def hold(self) -> bool:
        """Wait until the endpoint takes requests again; False where all is to end."""
        with self._lock:
            left = self._free_at - time.monotonic()
        return not self._stop.wait(max(0.0, left))
