"""The entry: questions in, answers out, from the cache where they are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from radrelease.adapters.llm.checking import SETTING, check_endpoint, key_of_environment
from radrelease.adapters.llm.label_cache import LabelCache, cache_key
from radrelease.errors import BrokenPromise
from radrelease.progress import Progress
from radrelease.records.endpoints import Endpoint, Spending
from radrelease.records.labels import LabelAnswer, LabelRequest, Usage

__all__ = ["check_endpoint", "label_all", "tokens_used"]


def label_all(
    requests: Mapping[str, LabelRequest],
    endpoint: Endpoint,
    *,
    cache_path: Path,
    spending: Spending | None,
    progress: Progress,
    batch: bool = False,
    where: str = SETTING,
) -> dict[str, LabelAnswer]:
    """An answer, or the fault that stands for it, to every request, under the request's name.

    What is in the cache is not asked again, and then neither the extra nor a key is needed. Equal requests
    are asked once. ``batch`` asks through the Batch API and waits for it; a batch of an earlier run is waited
    for in either way. ``requests`` may read its
    values from a file: they are taken one at a time. The names go nowhere.

    Raises :class:`ConfigError` before anything is sent where :func:`check_endpoint` does. An endpoint that
    fails is no exception: what it left unanswered has ``Fault.UNAVAILABLE``, and a rerun asks for it.
    """
    keys = {name: _key_of(request, endpoint) for name, request in requests.items()}
    with LabelCache(cache_path) as cache:
        waiting = {key: name for name, key in keys.items() if cache.answer(key) is None}
        unkept = _ask(requests, waiting, endpoint, cache, spending, progress, where, batch=batch)
        return {name: _found(key, cache, unkept) for name, key in keys.items()}


def tokens_used(cache_path: Path) -> Usage:
    """All tokens that were used over all runs; those of questions cut off by a kill are counted at worst."""
    with LabelCache(cache_path) as cache:
        alone, batched = cache.used(batch=False), cache.used(batch=True)
    return Usage(prompt=alone.prompt + batched.prompt, completion=alone.completion + batched.completion)


def _ask(
    requests: Mapping[str, LabelRequest],
    waiting: Mapping[str, str],
    endpoint: Endpoint,
    cache: LabelCache,
    spending: Spending | None,
    progress: Progress,
    where: str,
    *,
    batch: bool,
) -> Mapping[str, LabelAnswer]:
    """Ask what waits, a name for each key, and store the answers; what is not stored comes back."""
    if not waiting:
        return {}
    check_endpoint(endpoint, where)
    # The libraries of the extra come in here, and not wherever this module is imported.
    from radrelease.adapters.llm.asking import ask_one_by_one  # noqa: PLC0415
    from radrelease.adapters.llm.batch import ask_in_batches, finish_batches  # noqa: PLC0415
    from radrelease.adapters.llm.client import Client  # noqa: PLC0415

    ask = ask_in_batches if batch else ask_one_by_one
    with Client(endpoint, key_of_environment(endpoint, where)) as client:
        begun = finish_batches(client, waiting, endpoint, cache, progress)
        rest = {key: name for key, name in waiting.items() if key not in begun and cache.answer(key) is None}
        if not rest:
            return begun
        return {**begun, **ask(client, requests, rest, endpoint, cache, spending, progress)}


def _key_of(request: LabelRequest, endpoint: Endpoint) -> str:
    if type(request) is not LabelRequest:
        raise BrokenPromise("something else than a question about a scrubbed report was to be sent")
    return cache_key(request, endpoint)


def _found(key: str, cache: LabelCache, unkept: Mapping[str, LabelAnswer]) -> LabelAnswer:
    answer = unkept.get(key) or cache.answer(key)
    if answer is None:
        raise BrokenPromise("a question was lost")
    return answer
