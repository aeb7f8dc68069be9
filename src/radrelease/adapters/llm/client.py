"""A question, or another call of the API, put to the endpoint until it answers or attempts are used up."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
import openai

from radrelease.adapters.llm.answers import fault_of_error, json_object, no_answer, read_completion
from radrelease.adapters.llm.retrying import Pace, wait_asked
from radrelease.adapters.llm.transport import Guarded
from radrelease.errors import BrokenPromise
from radrelease.records.endpoints import Endpoint, JsonMode
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest

__all__ = ["Asked", "Client", "Unanswered", "body_of"]

Result = TypeVar("Result")

_CONNECT_S = 10.0
_AGAIN = frozenset({408, 409, 425, 429})


class Unanswered(Exception):
    """A call got nothing usable; ``paid`` attempts may cost all the same. It quotes nothing."""

    def __init__(
        self, fault: Fault, *, again: bool, wait_s: float | None = None, paid: int = 0, status: int = 0
    ) -> None:
        super().__init__(fault.value)
        self.fault, self.again, self.wait_s, self.paid, self.status = fault, again, wait_s, paid, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answer, and how many attempts before it may have been paid for without one."""

    answer: LabelAnswer
    lost: int


def body_of(request: LabelRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The JSON body of a chat completion; nothing is in it but the request and the endpoint's parameters."""
    if type(request) is not LabelRequest:
        raise BrokenPromise("something else than a question about a scrubbed report was to be sent")
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.user},
        ],
        "max_completion_tokens": endpoint.max_completion_tokens,
        "response_format": _format_of(request, endpoint.json_mode),
        "temperature": endpoint.temperature,
        "seed": endpoint.seed,
    }
    return {name: value for name, value in body.items() if value is not None}


def _format_of(request: LabelRequest, mode: JsonMode) -> dict[str, Any] | None:
    if mode is JsonMode.NONE:
        return None
    if mode is JsonMode.OBJECT:
        return {"type": "json_object"}
    schema = {"name": "labels", "strict": True, "schema": json.loads(request.schema)}
    return {"type": "json_schema", "json_schema": schema}


class Client:
    """The endpoint; used from several threads. ``stop`` ends the waiting between attempts."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        self.stop = threading.Event()
        self._endpoint = endpoint
        self._pace = Pace(self.stop)
        transport = Guarded(
            endpoint.base_url, key, timeout_s=endpoint.timeout_s, connections=endpoint.concurrency
        )
        timeout = httpx2.Timeout(endpoint.timeout_s, connect=min(_CONNECT_S, endpoint.timeout_s))
        http = httpx2.Client(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)
        # The key is the transport's alone: what the library sends under its own name does not get out.
        self._openai = openai.OpenAI(
            api_key="none", base_url=endpoint.base_url, max_retries=0, timeout=timeout, http_client=http
        )
        for library in ("openai", "httpx2", "httpcore2"):  # they log addresses, some versions also bodies
            logging.getLogger(library).setLevel(logging.WARNING)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._openai.close()

    def ask(self, request: LabelRequest) -> Asked:
        """Put the question; whatever goes wrong is the answer's fault and no exception."""
        body = body_of(request, self._endpoint)
        try:
            answer, lost = self._insist(lambda: self._complete(body), self._endpoint.retries)
        except Unanswered as failure:
            return Asked(answer=no_answer(failure.fault), lost=failure.paid)
        return Asked(answer=answer, lost=lost)

    def call(self, send: Callable[[openai.OpenAI], Any], *, repeat: bool = True) -> bytes:
        """The body of the answer to another call of the API; raises :class:`Unanswered`."""
        return self._insist(lambda: self._once(send), self._endpoint.retries if repeat else 0)[0]

    def _insist(self, attempt: Callable[[], Result], most: int) -> tuple[Result, int]:
        """The first result, and how many attempts before it may have been paid for."""
        paid = 0
        for number in range(most + 1):
            try:
                return attempt(), paid
            except Unanswered as failure:
                paid += failure.paid
                last = failure
                if not failure.again or number == most or not self._pace.wait(failure.wait_s, number):
                    break
        raise Unanswered(last.fault, again=False, paid=paid, status=last.status)

    def _complete(self, body: dict[str, Any]) -> LabelAnswer:
        content = self._once(lambda api: api.chat.completions.with_raw_response.create(**body))
        answer = read_completion(json_object(content))
        if answer is None:
            raise Unanswered(Fault.UNAVAILABLE, again=True, paid=1)
        return answer

    def _once(self, send: Callable[[openai.OpenAI], Any]) -> bytes:
        """The answer's body; errors are told apart and stripped of all that they quote."""
        if not self._pace.hold():
            raise Unanswered(Fault.UNAVAILABLE, again=False)
        try:
            return bytes(send(self._openai).http_response.content)
        except openai.APIStatusError as error:
            failure = _failure_of(error.response)
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            failure = Unanswered(Fault.UNAVAILABLE, again=True, paid=_may_be_paid(error))
        except (openai.OpenAIError, httpx2.InvalidURL, ValueError):
            failure = Unanswered(Fault.UNAVAILABLE, again=True, paid=1)
        raise failure


def _failure_of(response: httpx2.Response) -> Unanswered:
    """What an answer of another status than 2xx means."""
    status = response.status_code
    again = status in _AGAIN or status >= 500
    fault = None if again or status < 400 else fault_of_error(response.content)
    wait_s = wait_asked(response.headers, time.time()) if again else None
    return Unanswered(fault or Fault.UNAVAILABLE, again=again, wait_s=wait_s, status=status)


def _may_be_paid(error: Exception) -> int:
    """1 where the question may have arrived, 0 where no connection came about."""
    cause = error if isinstance(error, httpx2.HTTPError) else error.__cause__
    return 0 if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout) else 1
