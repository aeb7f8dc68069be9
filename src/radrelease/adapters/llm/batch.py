"""Questions through the Batch API, at its lower price; a batch outlives the process that sent it.

A batch is written down before it is sent, and its name goes along as metadata: a process that is killed
in between finds it at the endpoint again, and pays for nothing twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from radrelease.adapters.llm.answers import no_answer
from radrelease.adapters.llm.batch_api import BatchApi, Look, line_of
from radrelease.adapters.llm.client import Client, Unanswered
from radrelease.adapters.llm.label_cache import KEPT_FAULTS, LabelCache, OpenBatch
from radrelease.adapters.llm.spending import NO_TOKENS, Account, is_uncounted
from radrelease.progress import Progress, Step
from radrelease.records.endpoints import Endpoint, Spending
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest, Usage
from radrelease.stages.labels.spending import worst_usage

__all__ = ["ask_in_batches", "finish_batches"]

_MOST_QUESTIONS, _MOST_BYTES = 20_000, 90_000_000
"""Of one batch; endpoints take 50,000 in 100 MB or more."""

_GONE = Look(status="gone", files=(), source=None)
_NOT_FOUND = 404
_FAILED_LOOKS = 8
"""Looks in a row without an answer after which the batch is left to a rerun."""


def ask_in_batches(
    client: Client,
    requests: Mapping[str, LabelRequest],
    waiting: Mapping[str, str],
    endpoint: Endpoint,
    cache: LabelCache,
    spending: Spending | None,
    progress: Progress,
) -> Mapping[str, LabelAnswer]:
    """Ask for each key of ``waiting`` the request of that name; the faults that are not stored come back."""
    with progress.step("asking the language model in batches", len(waiting)) as step:
        run = _Run(client, endpoint, cache, Account(cache, spending, batch=True), progress, step)
        run.finish([run.send(part) for part in run.parts_of(waiting, requests)])
    return run.unkept


def finish_batches(
    client: Client, waiting: Mapping[str, str], endpoint: Endpoint, cache: LabelCache, progress: Progress
) -> Mapping[str, LabelAnswer]:
    """Wait for the batches of earlier runs at this endpoint that hold a key of ``waiting``.

    The faults that are not stored come back; keys of a batch that was never begun have none.
    """
    begun = [
        batch
        for batch in cache.open_batches()
        if batch.home == endpoint.base_url and not waiting.keys().isdisjoint(batch.charges)
    ]
    if not begun:
        return {}
    with progress.step("waiting for earlier batches", sum(len(batch.charges) for batch in begun)) as step:
        run = _Run(client, endpoint, cache, Account(cache, None, batch=True), progress, step)
        run.finish(found for batch in begun if (found := run.find(batch)))
    return run.unkept


class _Run:
    """The batches of one run, all in the driver's thread."""

    def __init__(
        self,
        client: Client,
        endpoint: Endpoint,
        cache: LabelCache,
        account: Account,
        progress: Progress,
        step: Step,
    ) -> None:
        self.unkept: dict[str, LabelAnswer] = {}
        self._client, self._endpoint, self._cache = client, endpoint, cache
        self._account, self._progress, self._step = account, progress, step
        self._api = BatchApi(client)

    def parts_of(
        self, waiting: Mapping[str, str], requests: Mapping[str, LabelRequest]
    ) -> Iterator[dict[str, tuple[bytes, Usage]]]:
        """For each batch its lines by key, and what each takes at worst; what passes the cap is left out."""
        part: dict[str, tuple[bytes, Usage]] = {}
        size = 0
        for key, name in waiting.items():
            worst = worst_usage(requests[name], self._endpoint.max_completion_tokens)
            if not self._account.affords(worst):
                self._leave(key, Fault.SPENT)
                continue
            self._account.reserve(worst)
            line = line_of(key, requests[name], self._endpoint)
            if part and (len(part) == _MOST_QUESTIONS or size + len(line) > _MOST_BYTES):
                yield part
                part, size = {}, 0
            part[key] = (line, worst)
            size += len(line)
        if part:
            yield part

    def send(self, part: Mapping[str, tuple[bytes, Usage]]) -> OpenBatch:
        """Write a batch down and have it begun; where no answer comes, it may still have been."""
        worst = {key: usage for key, (_, usage) in part.items()}
        batch = self._cache.begin_batch(secrets.token_hex(16), self._endpoint.base_url, worst)
        try:
            return self._named(
                batch, self._api.create(batch.name, b"".join(line for line, _ in part.values()))
            )
        except Unanswered:
            return batch

    def find(self, batch: OpenBatch) -> OpenBatch | None:
        """The batch with the endpoint's name for it; one that was never begun is forgotten, and None."""
        if batch.remote is not None:
            return batch
        try:
            remote = self._api.find(batch.name)
        except Unanswered:
            return batch
        if remote is not None:
            return self._named(batch, remote)
        self._end(batch, paid=False)
        return None

    def finish(self, batches: Iterable[OpenBatch]) -> None:
        """Wait for the batches and store their answers."""
        deadline = time.monotonic() + self._endpoint.batch_wait_s
        for batch in list(batches):
            look = self._wait(batch, deadline)
            if look is None or not self._store(batch, look):
                self._leave_all(batch)
                self._progress.say("A batch is not done, or cannot be fetched; a rerun goes on with it.")

    def _named(self, batch: OpenBatch, remote: str) -> OpenBatch:
        self._cache.name_batch(batch.name, remote)
        return replace(batch, remote=remote)

    def _wait(self, batch: OpenBatch, deadline: float) -> Look | None:
        """How the batch ended; None where that is not known in time."""
        failed = 0
        while batch.remote is not None and failed < _FAILED_LOOKS:
            try:
                look = self._api.look(batch.remote)
            except Unanswered as failure:
                if failure.status == _NOT_FOUND:
                    return _GONE
                failed += 1
            else:
                failed = 0
                if look.status:
                    return look
            left = deadline - time.monotonic()
            if left <= 0 or self._client.stop.wait(min(left, self._endpoint.poll_s)):
                break
        return None

    def _store(self, batch: OpenBatch, look: Look) -> bool:
        """Store what a batch that ended holds; False where a file of it cannot be had."""
        try:
            for file in look.files:
                for key, answer in self._api.results(file):
                    self._keep(batch, key, answer)
        except Unanswered:
            return False
        rest = len(batch.charges)
        self._leave_all(batch)
        self._end(batch, paid=look is _GONE)
        self._api.delete(look)
        if rest:
            self._progress.say(
                f"A batch ended as {look.status}, {rest} questions unanswered; a rerun asks them."
            )
        return True

    def _keep(self, batch: OpenBatch, key: str, answer: LabelAnswer) -> None:
        charge = batch.charges.pop(key, None)
        if charge is None:  # not asked in this batch, or answered already
            return
        self._account.settle(charge, key, answer, charge.worst if is_uncounted(answer) else NO_TOKENS)
        if answer.fault not in KEPT_FAULTS:
            self.unkept[key] = answer
        self._step.advance()

    def _end(self, batch: OpenBatch, *, paid: bool) -> None:
        if not paid:
            self._account.release(batch.charges.values())
        self._cache.end_batch(batch.name, paid=paid)

    def _leave_all(self, batch: OpenBatch) -> None:
        for key in batch.charges:
            self._leave(key, Fault.UNAVAILABLE)

    def _leave(self, key: str, fault: Fault) -> None:
        self.unkept[key] = no_answer(fault)
        self._step.advance()
