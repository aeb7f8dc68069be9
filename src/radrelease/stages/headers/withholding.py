"""How many studies miss a header value because it was rare, or because its text was not clean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from radrelease.stages.headers.header_values import TOO_FEW, Withheld

__all__ = ["Withholding", "count_withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """One element and one cause; ``studies`` is a number, or that it is a small one."""

    keyword: str
    cause: str
    studies: str


def count_withheld(rows: Iterable[Withheld], k: int) -> tuple[Withholding, ...]:
    """The counts that may be published: none says a number from 1 to ``k`` - 1."""
    studies: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.rule != TOO_FEW:
            cause = "free text that is not clean, left out"
        else:
            cause = f"value of fewer than {k} patients, {'coarsened' if row.published else 'left out'}"
        studies[row.keyword, cause].add(row.study_uid)
    return tuple(
        Withholding(keyword=keyword, cause=cause, studies=_masked(len(who), k))
        for (keyword, cause), who in sorted(studies.items())
    )


def _masked(count: int, k: int) -> str:
    return f"fewer than {k}" if count < k else str(count)
