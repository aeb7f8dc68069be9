"""A hub on loopback for the real client: repositories with commits, large files, tags and settings.

It speaks what ``huggingface_hub`` 2.x asks for when it publishes a dataset. A test can have it fail, be slow or
store other bytes; every request is kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

TOKEN = "hf_a-token-that-no-output-may-show"  # noqa: S105
Tree = dict[str, tuple[str, bytes]]  # path to "lfs" or "regular", and the SHA-256 of the large or the bytes


@dataclass
class Repository:
    private: bool
    gated: str | bool = False
    commits: list[tuple[str, Tree]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> Tree:
        return self.commits[-1][1]

    def commit(self, tree: Tree) -> str:
        oid = hashlib.sha1(f"{len(self.commits)} {sorted(tree)}".encode()).hexdigest()  # noqa: S324
        self.commits.append((oid, tree))
        return oid

    def at(self, revision: str) -> Tree | None:
        revision = self.tags.get(revision, self.commits[-1][0] if revision == "main" else revision)
        return dict(self.commits).get(revision)


@dataclass
class Hub:
    """The state of the emulator. ``spoil`` alters what is stored.

    ``intercept`` may answer in place of it; with the header X-Done, after it has done what was asked.
    """

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    intercept: Callable[[str, int], Response | None] = lambda asked, number: None
    spoil: Callable[[bytes], bytes] = lambda data: data
    xet_store: str = ""

    def asked(self, start: str) -> list[str]:
        return [line for line in self.requests if line.startswith(start)]

    def files(self, name: str, revision: str = "main") -> dict[str, bytes]:
        tree = self.repositories[name].at(revision) or {}
        return {path: self.content(entry) for path, entry in tree.items() if path != ".gitattributes"}

    def content(self, entry: tuple[str, bytes]) -> bytes:
        kind, data = entry
        return self.objects.get(data.decode(), b"") if kind == "lfs" else data

    def wrote(self) -> list[str]:
        """The requests that change something."""
        return [line for line in self.requests if not line.startswith(("GET", "HEAD"))]


def not_found(code: str) -> Response:
    return Response(status_code=404, headers={"X-Error-Code": code, "X-Error-Message": "not found"})


def app(hub: Hub) -> FastAPI:  # noqa: C901 - one small function for each address
    api = FastAPI()
    base = "/api/datasets/{org}/{name}"

    def find(org: str, name: str) -> Repository | None:
        return hub.repositories.get(f"{org}/{name}")

    @api.middleware("http")
    async def guard(request: Request, follow):
        asked = f"{request.method} {request.url.path}"
        number = len(hub.asked(asked))
        hub.requests.append(asked)
        answer = hub.intercept(asked, number)
        if answer is not None and "X-Done" in answer.headers:
            await follow(request)
        if answer is not None:
            return answer
        if "/objects/" not in asked and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(
                status_code=401, headers={"X-Error-Message": "Invalid credentials in Authorization header"}
            )
        return await follow(request)

    @api.post("/api/repos/create")
    async def create(request: Request):
        asked = await request.json()
        name = f"{asked['organization']}/{asked['name']}"
        if name in hub.repositories:
            return JSONResponse({"url": f"{hub.url}/datasets/{name}"}, status_code=409)
        repository = hub.repositories[name] = Repository(private=asked.get("visibility") == "private")
        repository.commit({".gitattributes": ("regular", b"*.parquet filter=lfs\n")})
        return {"url": f"{hub.url}/datasets/{name}"}

    @api.get(base)
    @api.get(base + "/revision/{revision}")
    async def info(org: str, name: str):
        found = find(org, name)
        if found is None:
            return not_found("RepoNotFound")
        about = {"private": found.private, "gated": found.gated, "sha": found.commits[-1][0]}
        return {"id": f"{org}/{name}", "tags": [], "siblings": [], **about}

    @api.put(base + "/settings")
    async def settings(org: str, name: str, request: Request):
        asked, found = await request.json(), find(org, name)
        found.gated = asked.get("gated", found.gated)
        found.private = asked.get("visibility", "private" if found.private else "public") == "private"
        return {}

    @api.get(base + "/refs")
    async def refs(org: str, name: str):
        found = find(org, name)
        tags = [{"name": t, "ref": f"refs/tags/{t}", "targetCommit": c} for t, c in found.tags.items()]
        return {"branches": [], "converts": [], "tags": tags}

    @api.post(base + "/tag/{revision}")
    async def tag(org: str, name: str, revision: str, request: Request):
        found, wanted = find(org, name), (await request.json())["tag"]
        if wanted in found.tags:
            return Response(status_code=409)
        found.tags[wanted] = revision
        return {}

    @api.get(base + "/tree/{revision}")
    async def tree(org: str, name: str, revision: str, request: Request):
        rows = sorted((find(org, name).at(revision) or {}).items())
        start = int(request.query_params.get("cursor", 0))
        listed = [row(path, entry) for path, entry in rows[start : start + 20]]
        more = start + 20 < len(rows)
        link = f'<{request.url.include_query_params(cursor=start + 20)}>; rel="next"'
        return JSONResponse(listed, headers={"Link": link} if more else {})

    def row(path: str, entry: tuple[str, bytes]) -> dict:
        kind, data = entry
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324
        about = {"type": "file", "path": path, "oid": blob, "size": len(data)}
        if kind == "lfs":
            size = len(hub.content(entry))
            about |= {"size": size, "lfs": {"oid": data.decode(), "size": size, "pointerSize": 130}}
        return about

    @api.post(base + "/preupload/{revision}")
    async def preupload(org: str, name: str, revision: str, request: Request):
        found = find(org, name)
        files = []
        for item in (await request.json())["files"]:
            entry = found.head.get(item["path"])
            text = b"\0" not in base64.b64decode(item["sample"]) and item["size"] < 1_000_000
            mode = "regular" if text else "lfs"
            oid = None if entry is None else entry[1].decode() if entry[0] == "lfs" else row("", entry)["oid"]
            files.append({"path": item["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return {"files": files}

    @api.post("/api/validate-yaml")
    async def validate():
        return {"errors": [], "warnings": []}

    @api.get(base + "/xet-write-token/{revision}")
    async def xet_token():
        expires = int(time.time()) + 3600
        token = {"casUrl": hub.xet_store, "exp": expires, "accessToken": "x"}
        names = {"X-Xet-Cas-Url": hub.xet_store, "X-Xet-Token-Expiration": str(expires)}
        return JSONResponse(token, headers={**names, "X-Xet-Access-Token": "x"})

    @api.post("/datasets/{org}/{name}.git/info/lfs/objects/batch")
    async def batch(request: Request):
        rows = []
        for item in (await request.json())["objects"]:
            upload = {"href": f"{hub.url}/objects/{item['oid']}"}
            there = item["oid"] in hub.objects
            rows.append(item if there else item | {"actions": {"upload": upload}})
        return {"transfer": "basic", "objects": rows}

    @api.put("/objects/{oid}")
    async def store(oid: str, request: Request):
        hub.objects[oid] = hub.spoil(await request.body())
        return {}

    @api.post(base + "/commit/{revision}")
    async def commit(org: str, name: str, revision: str, request: Request):
        found = find(org, name)
        changed = dict(found.head)
        for line in (await request.body()).splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                changed[value["path"]] = ("regular", base64.b64decode(value["content"]))
            elif item["key"] == "lfsFile":
                changed[value["path"]] = ("lfs", value["oid"].encode())
            elif item["key"] == "deletedFile" and changed.pop(value["path"], None) is None:
                return not_found("EntryNotFound")
        oid = found.commit(changed)
        url = f"{hub.url}/datasets/{org}/{name}/commit/{oid}"
        return {"success": True, "commitOid": oid, "commitUrl": url, "hookOutput": ""}

    @api.get("/datasets/{org}/{name}/resolve/{revision}/{path:path}")
    async def resolve(org: str, name: str, revision: str, path: str):
        entry = (find(org, name).at(revision) or {}).get(path)
        return not_found("EntryNotFound") if entry is None else Response(hub.content(entry))

    return api


@contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub()
    config = uvicorn.Config(app(hub), host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    hub.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield hub
    server.should_exit = True
    thread.join()
