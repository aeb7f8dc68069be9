"""Whether an endpoint can and may be asked, before any work."""

from __future__ import annotations

import ipaddress
import os
import re
from importlib.util import find_spec

from radrelease.errors import ConfigError, MissingExtra
from radrelease.records.endpoints import Endpoint

__all__ = ["SETTING", "check_endpoint", "host_of", "key_of_environment"]

SETTING = "[sections] llm"

_URL = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[\w.~/-]*)?", re.ASCII)
"""Host, port and path alone: no name, no password, no query, nothing that can be read in two ways."""


def check_endpoint(endpoint: Endpoint, where: str = SETTING) -> None:
    """Raise :class:`ConfigError` where the endpoint may not be asked, :class:`MissingExtra` where it cannot.

    Nothing is sent. No message quotes the key.
    """
    if find_spec("openai") is None:
        raise MissingExtra(where, "openai is not installed", "Install it: pip install 'radrelease[llm]'")
    host = _allowed_host(endpoint, where)
    _check_numbers(endpoint, where)
    key = key_of_environment(endpoint, where)
    if key and not _is_loopback(host) and endpoint.base_url.startswith("http:"):
        raise ConfigError(where, "the key would be sent in the clear", "Write https:// for this host")


def host_of(endpoint: Endpoint, where: str = SETTING) -> str:
    """The host in the endpoint's address, in lower case and without brackets."""
    found = _URL.fullmatch(endpoint.base_url)
    if not found:
        raise ConfigError(
            where, "base_url is no plain http or https address", 'Write "https://HOST/v1", the key not in it'
        )
    return found[2].strip("[]").lower()


def key_of_environment(endpoint: Endpoint, where: str = SETTING) -> str | None:
    """The key from the environment variable that the endpoint names; None where it names none."""
    if endpoint.key_env is None:
        return None
    key = os.environ.get(endpoint.key_env, "")
    if not re.fullmatch(r"[!-~]+", key):
        mend = "Set it to the key of the endpoint, without blanks or line ends"
        raise ConfigError(where, f"the environment variable {endpoint.key_env} holds no key", mend)
    return key


def _allowed_host(endpoint: Endpoint, where: str) -> str:
    host = host_of(endpoint, where)
    if not _is_loopback(host) and host not in {allowed.lower() for allowed in endpoint.allowed_hosts}:
        mend = "Add it to allowed_hosts if de-identified reports may be sent there"
        raise ConfigError(where, f"the host {host} is not allowed", mend)
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_numbers(endpoint: Endpoint, where: str) -> None:
    counts = (endpoint.concurrency, endpoint.max_completion_tokens, endpoint.retries + 1)
    times = (endpoint.timeout_s, endpoint.poll_s, endpoint.batch_wait_s)
    if min(counts) < 1 or not all(0 < seconds < float("inf") for seconds in times) or not endpoint.model:
        raise ConfigError(where, "a number is out of range or the model has no name", "See the reference")
