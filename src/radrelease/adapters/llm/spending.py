"""Keeps the cap: what a question may cost at worst is set aside, on the disk, before it is sent."""

from __future__ import annotations

from collections.abc import Iterable

from radrelease.adapters.llm.label_cache import KEPT_FAULTS, Charge, LabelCache
from radrelease.records.endpoints import Spending
from radrelease.records.labels import LabelAnswer, Usage
from radrelease.stages.labels.spending import cost_of

__all__ = ["NO_TOKENS", "Account", "is_uncounted", "times"]

NO_TOKENS = Usage(prompt=0, completion=0)


class Account:
    """What was spent, in all runs on this cache, and what may still be; without ``spending`` anything may."""

    def __init__(self, cache: LabelCache, spending: Spending | None, *, batch: bool) -> None:
        self._cache, self._spending, self._batch = cache, spending, batch
        self._spent = sum(self._cost(cache.used(batch=each), batch=each) for each in (False, True))

    def affords(self, worst: Usage) -> bool:
        """Whether the cap holds even if all of ``worst`` is used."""
        return self._spending is None or self._spent + self._cost(worst) <= self._spending.cap

    def set_aside(self, worst: Usage) -> Charge:
        """Count ``worst`` as spent until it is settled."""
        self.reserve(worst)
        return self._cache.set_aside(worst, batch=self._batch)

    def reserve(self, worst: Usage) -> None:
        """Count ``worst`` as spent, what is written down of it aside."""
        self._spent += self._cost(worst)

    def settle(self, charge: Charge, key: str, answer: LabelAnswer, lost: Usage = NO_TOKENS) -> None:
        """Count what was used instead of what was set aside, and store the answer.

        ``lost`` are the attempts without an answer that may have been paid for.
        """
        used = Usage(
            prompt=answer.usage.prompt + lost.prompt, completion=answer.usage.completion + lost.completion
        )
        self._spent += self._cost(used) - self._cost(charge.worst)
        self._cache.settle(charge, used, key, answer)

    def release(self, charges: Iterable[Charge]) -> None:
        """Take back what was set aside for questions that were never answered."""
        self._spent -= sum(self._cost(charge.worst) for charge in charges)

    def _cost(self, usage: Usage, *, batch: bool | None = None) -> float:
        if self._spending is None:
            return 0.0
        return cost_of(usage, self._spending, batch=self._batch if batch is None else batch)


def times(usage: Usage, count: int) -> Usage:
    """``count`` times these tokens."""
    return Usage(prompt=usage.prompt * count, completion=usage.completion * count)


def is_uncounted(answer: LabelAnswer) -> bool:
    """Whether the model answered and the endpoint does not say with how many tokens."""
    return answer.fault in KEPT_FAULTS and not (answer.usage.prompt and answer.usage.completion)
