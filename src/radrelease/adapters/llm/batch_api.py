"""The calls of the Batch API, read so that nothing an endpoint sends raises anything but ``Unanswered``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import openai

from radrelease.adapters.llm.answers import (
    fault_of_error,
    json_lines,
    json_object,
    no_answer,
    read_completion,
)
from radrelease.adapters.llm.client import Client, Unanswered, body_of
from radrelease.records.endpoints import Endpoint
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest

__all__ = ["BatchApi", "Look", "line_of"]

_MARK = "radrelease"
_FINAL = frozenset({"completed", "expired", "cancelled", "failed"})
_PAGES, _PAGE = 100, 100
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far a batch is: ``status`` where it is at its end, else None; its results are in ``files``."""

    status: str | None
    files: tuple[str, ...]
    source: str | None


def line_of(key: str, request: LabelRequest, endpoint: Endpoint) -> bytes:
    """The question as a line of a batch file; ``key`` is the name under which its answer comes."""
    body = body_of(request, endpoint)
    line = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line).encode() + b"\n"


class BatchApi:
    """The Batch API of the client's endpoint."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, name: str, lines: bytes) -> str:
        """Upload the file and begin its batch; the endpoint's name for it."""
        file = ("labels.jsonl", lines, "application/jsonl")
        source = self._id(
            lambda api: api.files.with_raw_response.create(file=file, purpose="batch"), repeat=True
        )
        return self._id(
            lambda api: api.batches.with_raw_response.create(
                completion_window="24h",
                endpoint="/v1/chat/completions",
                input_file_id=source,
                metadata={_MARK: name},
            ),
            repeat=False,  # it may have been begun all the same: ``find`` tells
        )

    def find(self, name: str) -> str | None:
        """The endpoint's name for the batch that was begun under ``name``; None where none was."""
        for batch in self._batches():
            metadata, found = batch.get("metadata"), batch.get("id")
            if isinstance(metadata, dict) and metadata.get(_MARK) == name and isinstance(found, str):
                return found
        return None

    def look(self, remote: str) -> Look:
        """Ask how far the batch is."""
        batch = json_object(self._client.call(lambda api: api.batches.with_raw_response.retrieve(remote)))
        status = batch.get("status")
        if not isinstance(status, str):
            raise Unanswered(Fault.UNAVAILABLE, again=True)
        return Look(
            status=status if status in _FINAL else None,
            files=tuple(
                file
                for part in ("output_file_id", "error_file_id")
                if isinstance(file := batch.get(part), str) and file
            ),
            source=source if isinstance(source := batch.get("input_file_id"), str) else None,
        )

    def results(self, file: str) -> Iterator[tuple[str, LabelAnswer]]:
        """The answers in a file of results, under their questions' keys."""
        content = self._client.call(lambda api: api.files.with_raw_response.content(file))
        for line in json_lines(content):
            if isinstance(key := line.get("custom_id"), str):
                yield key, _answer_in(line.get("response"))

    def delete(self, look: Look) -> None:
        """Have the endpoint delete the batch's files, if it will."""
        for file in filter(None, (*look.files, look.source)):
            with suppress(Unanswered):
                self._client.call(partial(_delete, file), repeat=False)

    def _id(self, send: Callable[[openai.OpenAI], Any], *, repeat: bool) -> str:
        found = json_object(self._client.call(send, repeat=repeat)).get("id")
        if isinstance(found, str) and found:
            return found
        raise Unanswered(Fault.UNAVAILABLE, again=False)

    def _batches(self) -> Iterator[dict[str, Any]]:
        """All batches that the endpoint knows, the newest first."""
        after = ""
        for _ in range(_PAGES):
            page = json_object(self._client.call(partial(_list, after)))
            data = page.get("data")
            if not isinstance(data, list):
                raise Unanswered(Fault.UNAVAILABLE, again=True)
            batches = [batch for batch in data if isinstance(batch, dict)]
            yield from batches
            last = batches[-1].get("id") if batches else None
            if not page.get("has_more") or not isinstance(last, str):
                return
            after = last


def _delete(file: str, api: openai.OpenAI) -> object:
    return api.files.with_raw_response.delete(file)


def _list(after: str, api: openai.OpenAI) -> object:
    batches = api.batches.with_raw_response
    return batches.list(limit=_PAGE, after=after) if after else batches.list(limit=_PAGE)


def _answer_in(response: object) -> LabelAnswer:
    if not isinstance(response, dict):
        return no_answer(Fault.UNAVAILABLE)
    body = response.get("body")
    if response.get("status_code") == _OK:
        return read_completion(body) or no_answer(Fault.UNAVAILABLE)
    return no_answer(fault_of_error(json.dumps(body).encode()) or Fault.UNAVAILABLE)
