"""Tables whose cells hold nobody or at least k patients.

A cell that is left empty can be computed from totals and from its neighbours, and so can a second one.
So nothing is left empty: groups are merged until each cell of what is left stands for no patient or for
at least k. Whatever is published of one table is then a sum of such cells, and so is each difference
(Hundepool et al., Statistical Disclosure Control, 2012, chapter 4 calls it table redesign).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Cell", "Group", "merged", "redesigned", "shown_count"]

Group = tuple[str, ...]
"""The labels that stand in one row or column."""


@dataclass(slots=True)
class Cell:
    """A count, and up to ``k`` of the patients in it: enough to tell whether there are so many."""

    k: int
    count: int = 0
    patients: set[str] = field(default_factory=set)

    def add(self, patient_id: str, count: int = 1) -> None:
        """Count something of a patient."""
        self.count += count
        if len(self.patients) < self.k:
            self.patients.add(patient_id)

    @property
    def safe(self) -> bool:
        """Whether nobody, or at least ``k`` patients, stand in it."""
        return not self.count or len(self.patients) >= self.k


def total(cells: Iterable[Cell], k: int) -> Cell:
    """The cell of all of them."""
    found = Cell(k)
    for cell in cells:
        found.count += cell.count
        found.patients |= cell.patients
    return found


def merged(cells: Mapping[str, Cell], k: int, *, ordered: bool) -> dict[Group, Cell]:
    """One row of a table, redesigned; empty where fewer than ``k`` patients stand in all of it."""
    rows = redesigned({("all",): cells}, k, ordered=ordered)
    return rows.get(("all",), {})


def redesigned(
    rows: Mapping[Group, Mapping[str, Cell]], k: int, *, ordered: bool
) -> dict[Group, dict[Group, Cell]]:
    """The table with its columns merged, alike in all rows, until every cell is safe.

    ``ordered`` columns merge with a neighbour, others the smallest first. The labels of a group keep the
    order of the columns. No column is left where a row as a whole is not safe.
    """
    labels = list(dict.fromkeys(label for cells in rows.values() for label in cells))
    groups: list[Group] = [(label,) for label in labels]

    def cell(row: Group, group: Group) -> Cell:
        return total((rows[row][label] for label in group if label in rows[row]), k)

    def weight(group: Group) -> tuple[int, int]:
        return sum(cell(row, group).count for row in rows), -labels.index(group[0])

    while unsafe := [group for group in groups if not all(cell(row, group).safe for row in rows)]:
        if len(groups) == 1:
            return {}
        first = min(unsafe, key=weight)
        second = min(_partners(groups, first, unsafe, ordered=ordered), key=weight)
        both = tuple(sorted(first + second, key=labels.index))
        place = min(groups.index(first), groups.index(second))
        groups = [group for group in groups if group not in (first, second)]
        groups.insert(place, both)
    return {row: {group: cell(row, group) for group in groups} for row in rows}


def _partners(
    groups: Sequence[Group], first: Group, unsafe: Sequence[Group], *, ordered: bool
) -> list[Group]:
    """The groups that ``first`` may be merged with; where none stands beside another, unsafe ones if any."""
    place = groups.index(first)
    if ordered:
        return [groups[at] for at in (place - 1, place + 1) if 0 <= at < len(groups)]
    others = [group for group in unsafe if group != first]
    return others or [group for group in groups if group != first]


def shown_count(count: int, k: int) -> str:
    """A number that stands alone, beside no total: "fewer than k" for 1 to ``k`` - 1."""
    return f"fewer than {k}" if 0 < count < k else str(count)
