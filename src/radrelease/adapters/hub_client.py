"""The hub's client: who asks, how patiently, and what is said when it fails.

The token is the client's own: ``HF_TOKEN``, or what ``hf auth login`` has stored. No message holds it, nor an
address, which may be signed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, TypeVar

import radrelease
from radrelease.errors import ConfigError, HubFailed, MissingExtra

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["connect", "patiently"]

Result = TypeVar("Result")

_WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_LONGEST_WAIT_S = 600.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})


def connect() -> HfApi:
    """The client, with the token that it knows by itself; raises :class:`ConfigError` where it knows none."""
    try:
        import huggingface_hub as client  # noqa: PLC0415 - an extra
        from huggingface_hub.utils import disable_progress_bars  # noqa: PLC0415
        from huggingface_hub.utils.logging import CRITICAL, set_verbosity  # noqa: PLC0415
    except ImportError:
        mend = "Run: pip install 'radrelease[hub]'"
        raise MissingExtra("publish", "the hub's client is not installed", mend) from None
    set_verbosity(CRITICAL)  # it logs addresses, some of them signed
    disable_progress_bars()
    token = client.get_token()
    if not token:
        raise ConfigError("publish", "the hub does not know you", "Run `hf auth login`, or set HF_TOKEN")
    return client.HfApi(
        endpoint=os.environ.get("HF_ENDPOINT"),
        token=token,
        library_name="radrelease",
        library_version=radrelease.__version__,
    )


def patiently(doing: str, ask: Callable[[], Result]) -> Result:
    """What ``ask`` gives; where the hub is busy or away, it is asked again, as late as it wishes."""
    for wait_s in _WAITS_S:
        with _failures(doing):
            try:
                return ask()
            except _errors() as error:
                pause_s = _pause(error, wait_s)
                if pause_s is None:
                    raise
        time.sleep(pause_s)
    with _failures(doing):
        return ask()


def _pause(error: Exception, wait_s: float) -> float | None:
    """Seconds to wait before asking again, None where that is of no use."""
    answer = getattr(error, "response", None)
    if answer is None:
        return wait_s
    if answer.status_code not in _PASSING:
        return None
    asked = str(answer.headers.get("Retry-After", ""))
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else wait_s


@contextmanager
def _failures(doing: str) -> Iterator[None]:
    """Errors of the client without their text, which holds addresses."""
    try:
        yield
    except _errors() as error:
        answer = getattr(error, "response", None)
        status = getattr(answer, "status_code", None)
        if status in {401, 403}:
            problem = f"the hub refuses this token ({status}) while {doing}"
            mend = "Log in with one that may write to the repository: `hf auth login`, or HF_TOKEN"
            raise ConfigError("publish", problem, mend) from None
        raise HubFailed(doing, str(status or type(error).__name__)) from None
    except (RuntimeError, ValueError) as error:  # what the client makes of a failed upload
        raise HubFailed(doing, type(error).__name__) from None


def _errors() -> tuple[type[Exception], ...]:
    """What the client raises of a hub that is away, or where a proxy answers for it, not in JSON."""
    from httpx2 import TransportError  # noqa: PLC0415 - an extra
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    return (HfHubHTTPError, TransportError, JSONDecodeError)
