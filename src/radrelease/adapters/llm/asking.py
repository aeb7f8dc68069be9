"""Questions one by one, several at a time; each answer is stored as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from radrelease.adapters.llm.answers import no_answer
from radrelease.adapters.llm.client import Asked, Client
from radrelease.adapters.llm.label_cache import KEPT_FAULTS, Charge, LabelCache
from radrelease.adapters.llm.spending import Account, is_uncounted, times
from radrelease.progress import Progress, Step
from radrelease.records.endpoints import Endpoint, Spending
from radrelease.records.labels import Fault, LabelAnswer, LabelRequest, Usage
from radrelease.stages.labels.spending import worst_usage

__all__ = ["GIVE_UP_AFTER", "ask_one_by_one"]

GIVE_UP_AFTER = 8
"""Questions in a row without an answer, attempts and all, after which the endpoint is taken for dead."""


def ask_one_by_one(
    client: Client,
    requests: Mapping[str, LabelRequest],
    waiting: Mapping[str, str],
    endpoint: Endpoint,
    cache: LabelCache,
    spending: Spending | None,
    progress: Progress,
) -> Mapping[str, LabelAnswer]:
    """Ask for each key of ``waiting`` the request of that name; the faults that are not stored come back."""
    with progress.step("asking the language model", len(waiting)) as step:
        account = Account(cache, spending, batch=False)
        run = _Run(client, account, endpoint, step)
        with ThreadPoolExecutor(endpoint.concurrency, thread_name_prefix="label") as pool:
            try:
                for key, name in waiting.items():
                    run.put(key, requests[name], pool)
                run.drain(0)
            finally:  # also when interrupted: what is under way is paid for, and no more goes out
                client.stop.set()
                run.drain(0)
    if run.dead:
        progress.say("The endpoint does not answer: the rest is left to the rules, and a rerun asks again.")
    return run.unkept


@dataclass(frozen=True, slots=True)
class _Sent:
    key: str
    charge: Charge
    worst: Usage


class _Run:
    """What is under way, all in the driver's thread."""

    def __init__(self, client: Client, account: Account, endpoint: Endpoint, step: Step) -> None:
        self.unkept: dict[str, LabelAnswer] = {}
        self._client, self._account, self._endpoint, self._step = client, account, endpoint, step
        self._sent: dict[Future[Asked], _Sent] = {}
        self._failed = 0

    @property
    def dead(self) -> bool:
        return self._failed >= GIVE_UP_AFTER

    def put(self, key: str, request: LabelRequest, pool: ThreadPoolExecutor) -> None:
        """Send the question once there is room for it, in number and in money."""
        worst = worst_usage(request, self._endpoint.max_completion_tokens)
        aside = times(worst, self._endpoint.retries + 1)
        self.drain(self._endpoint.concurrency - 1)
        if not self._account.affords(aside):
            self.drain(0)  # what is under way mostly costs less than was set aside
        if self.dead:
            self._leave(key, Fault.UNAVAILABLE)
        elif not self._account.affords(aside):
            self._leave(key, Fault.SPENT)
        else:
            charge = self._account.set_aside(aside)
            self._sent[pool.submit(self._client.ask, request)] = _Sent(key, charge, worst)

    def drain(self, most: int) -> None:
        """Store answers until at most ``most`` questions are under way."""
        while len(self._sent) > most:
            for future in wait(self._sent, return_when=FIRST_COMPLETED).done:
                self._store(self._sent.pop(future), future.result())

    def _store(self, sent: _Sent, asked: Asked) -> None:
        answer = asked.answer
        lost = times(sent.worst, asked.lost + is_uncounted(answer))
        self._account.settle(sent.charge, sent.key, answer, lost)
        self._failed = self._failed + 1 if answer.fault is Fault.UNAVAILABLE else 0
        if answer.fault not in KEPT_FAULTS:
            self.unkept[sent.key] = answer
        self._step.advance()

    def _leave(self, key: str, fault: Fault) -> None:
        self.unkept[key] = no_answer(fault)
        self._step.advance()
