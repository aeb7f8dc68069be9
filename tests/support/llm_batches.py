"""OpenAI's Batch API on the loopback, as far as it is used, and with the faults that a test wants."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from llm_endpoint import Asked, Hostile, Reply, said


class Batches:
    """The behaviour of a :class:`Hostile` endpoint that takes files and batches.

    ``status`` and ``line`` say how batches end and what they answer to a question; ``fault`` may
    answer to a request in their place.
    """

    def __init__(self, server: Hostile) -> None:
        self.server = server
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.status = "completed"
        self.line: Callable[[dict[str, Any]], dict[str, Any] | bytes | None] = answered
        self.fault: Callable[[Asked], Reply | None] = lambda asked: None
        server.behaviour = self

    def __call__(self, asked: Asked) -> Reply:
        return self.fault(asked) or self.usual(asked)

    def usual(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/v1").partition("?")[0]
        for method, pattern, act in (
            ("POST", "/files", self._upload),
            ("POST", "/batches", self._create),
            ("GET", "/batches", self._list),
            ("GET", "/batches/([^/]+)", self._look),
            ("GET", "/files/([^/]+)/content", self._content),
            ("DELETE", "/files/([^/]+)", self._delete),
        ):
            if asked.method == method and (found := re.fullmatch(pattern, path)):
                return act(asked, *found.groups())
        return Reply(b"{}", status=404)

    def lines(self, batch: str = "batch-0") -> list[dict[str, Any]]:
        """The questions of a batch."""
        return [json.loads(line) for line in self.files[self.batches[batch]["input_file_id"]].splitlines()]

    def asked_for(self, method: str, start: str) -> int:
        return sum(asked.method == method and asked.path.startswith(start) for asked in self.server.asked)

    def _upload(self, asked: Asked) -> Reply:
        boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
        parts = asked.body.split(b"--" + boundary)
        (content,) = (part.partition(b"\r\n\r\n")[2][:-2] for part in parts if b'name="file"' in part)
        return _json({"id": self._store(content), "object": "file"})

    def _create(self, asked: Asked) -> Reply:
        name = f"batch-{len(self.batches)}"
        self.batches[name] = {**asked.json, "id": name, "object": "batch", "status": "validating"}
        return _json(self.batches[name])

    def _list(self, asked: Asked) -> Reply:
        newest = list(self.batches.values())[::-1]
        after = re.search("after=([^&]+)", asked.path)
        rest = newest[[batch["id"] for batch in newest].index(after[1]) + 1 :] if after else newest
        return _json({"object": "list", "data": rest[:2], "has_more": len(rest) > 2})

    def _look(self, asked: Asked, name: str) -> Reply:  # noqa: ARG002
        if name not in self.batches:
            return Reply(b"{}", status=404)
        batch = self.batches[name]
        batch["status"] = self.status
        if self.status in {"completed", "expired", "cancelled"} and "output_file_id" not in batch:
            found = [self.line(line) for line in self.lines(name)]
            raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in found if line]
            batch["output_file_id"] = self._store(b"\n".join(raw))
        return _json(batch)

    def _content(self, asked: Asked, file: str) -> Reply:  # noqa: ARG002
        return Reply(self.files[file]) if file in self.files else Reply(b"{}", status=404)

    def _delete(self, asked: Asked, file: str) -> Reply:  # noqa: ARG002
        self.deleted.append(file)
        return _json({"id": file, "deleted": True})

    def _store(self, content: bytes) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return name


def answered(line: dict[str, Any], body: object = None, status: int = 200) -> dict[str, Any]:
    """The usual line of results: the answer tells which report was asked about."""
    report = line["body"]["messages"][1]["content"]
    body = json.loads(said(json.dumps({"labels": [report]}))) if body is None else body
    return {"custom_id": line["custom_id"], "response": {"status_code": status, "body": body}, "error": None}


def _json(value: object) -> Reply:
    return Reply(json.dumps(value).encode())
