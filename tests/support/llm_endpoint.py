"""An endpoint on the loopback that does as a test says, and the questions it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from radrelease.records.endpoints import Endpoint
from radrelease.records.labels import LabelRequest

LABELS = '{"labels": ["F", "I"]}'
USAGE = {"prompt_tokens": 100, "completion_tokens": 10}
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "labels": {
                "type": "array",
                "items": {"type": "string", "enum": ["F", "I"]},
                "minItems": 2,
                "maxItems": 2,
            }
        },
        "required": ["labels"],
        "additionalProperties": False,
    },
    sort_keys=True,
)


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def report(self) -> str:
        return str(self.json["messages"][1]["content"])


@dataclass(frozen=True)
class Reply:
    """What to send back; ``pause_s`` is waited for before each byte of the body."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    pause_s: float = 0.0
    drop: bool = False


def question(report: str = "1 The lungs are clear.\n2 No acute disease.") -> LabelRequest:
    return LabelRequest(system="Label each line.", user=report, schema=SCHEMA, units=2)


def endpoint_at(url: str, **changes: Any) -> Endpoint:
    usual = {"timeout_s": 5.0, "retries": 0, "concurrency": 2, "max_completion_tokens": 200}
    return Endpoint(base_url=url, model="a-model", **{**usual, **changes})


def said(
    content: object = LABELS, *, finish: object = "stop", usage: object = USAGE, **message: object
) -> bytes:
    """A chat completion as OpenAI writes it."""
    message = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()


class Hostile(ThreadingHTTPServer):
    """An endpoint that answers with what ``behaviour`` makes of a request."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour: Callable[[Asked], Reply] = lambda asked: Reply(said())
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hostile

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        self.server.asked.append(asked)
        reply = self.server.behaviour(asked)
        if reply.drop:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        if not reply.pause_s:
            self.wfile.write(reply.body)
            return
        for at in range(len(reply.body)):
            if self.server.ending.wait(reply.pause_s):
                return
            self.wfile.write(reply.body[at : at + 1])
            self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def running() -> Iterator[Hostile]:
    server = Hostile()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.ending.set()
    server.shutdown()
    thread.join()
    server.server_close()
