"""Drawing a quiz and marking it: pure, so that the same seed draws the same and an answer is worth the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Askable:
    """An edition of a question that may be drawn, with its answers in the order in which they were written."""

    edition_id: int
    choice_ids: tuple[int, ...]
    is_shuffled: bool = True
    """False where the order says something, as "true" before "false" does."""


def draw(askable: Sequence[Askable], *, count: int, seed: int) -> list[Askable]:
    """Choose `count` questions (all, when there are fewer) and the order of their answers, by chance from a seed."""
    random = Random(seed)  # noqa: S311 - chance, not secrecy
    ordered = sorted(askable, key=lambda each: each.edition_id)
    chosen = random.sample(ordered, min(count, len(ordered)))
    return [
        Askable(each.edition_id, tuple(random.sample(each.choice_ids, len(each.choice_ids))))
        if each.is_shuffled
        else each
        for each in chosen
    ]


def is_right(chosen: Collection[int], right: Collection[int]) -> bool:
    """Whether exactly the right answers were chosen: half an answer is none."""
    return set(chosen) == set(right)


def is_passed(right: int, total: int, *, pass_mark: int) -> bool:
    """Whether `right` of `total` reach a mark in percent, in whole numbers: 80 % of 10 is 8 and not a hair more."""
    return right * 100 >= pass_mark * total
