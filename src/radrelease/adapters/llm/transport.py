"""The one way out: to the endpoint's host alone, with these headers alone, and with an end.

The environment has no say in where a request goes or what it carries: no proxies, no redirects, no
headers or keys of other programs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import httpx2

from radrelease.errors import BrokenPromise

__all__ = ["Guarded"]

_KEPT = ("host", "content-type", "content-length", "transfer-encoding", "accept", "connection")
_LARGEST_ANSWER, _LARGEST_FILE = 4 << 20, 1 << 30
_FILE_SECONDS = 3600.0


class Guarded(httpx2.BaseTransport):
    """Carries requests to one host; ``timeout_s`` is from the request to the last byte of its answer.

    For the headers of an answer it begins anew with each byte: that is as far as the library goes.
    """

    def __init__(self, base_url: str, key: str | None, *, timeout_s: float, connections: int) -> None:
        self._home = httpx2.URL(base_url)
        self._key = key
        self._timeout_s = timeout_s
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._inner = httpx2.HTTPTransport(trust_env=False, limits=limits)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request; raises what the library raises, also for an answer too long or too slow."""
        if _origin(request.url) != _origin(self._home):
            raise BrokenPromise("a request was to go to another host than the endpoint's")
        is_file = request.method == "GET" and request.url.path.endswith("/content")
        deadline = time.monotonic() + (_FILE_SECONDS if is_file else self._timeout_s)
        response = self._inner.handle_request(self._stripped(request))
        if (
            response.headers.get("content-encoding", "identity").lower() != "identity"
        ):  # may unpack to anything
            response.close()
            raise httpx2.ReadError("the answer is packed, which was not asked for")
        response.stream = _Bounded(response.stream, deadline, _LARGEST_FILE if is_file else _LARGEST_ANSWER)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()

    def _stripped(self, request: httpx2.Request) -> httpx2.Request:
        """The request with these headers alone; the library still reads its own from the one it made."""
        headers = [(name, request.headers[name]) for name in _KEPT if name in request.headers]
        headers += [("user-agent", "radrelease"), ("accept-encoding", "identity")]
        if self._key:
            headers.append(("authorization", f"Bearer {self._key}"))
        return httpx2.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
        )


class _Bounded(httpx2.SyncByteStream):
    """A body that fails when it is too long or takes too long, however many bytes it sends in between."""

    def __init__(self, inner: object, deadline: float, limit: int) -> None:
        assert isinstance(inner, httpx2.SyncByteStream)  # noqa: S101 - for the type checker
        self._inner, self._deadline, self._limit = inner, deadline, limit

    def __iter__(self) -> Iterator[bytes]:
        left = self._limit
        inner: Iterable[bytes] = self._inner
        for part in inner:
            left -= len(part)
            if left < 0:
                raise httpx2.ReadError("the answer is too long")
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer takes too long")
            yield part

    def close(self) -> None:
        self._inner.close()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
