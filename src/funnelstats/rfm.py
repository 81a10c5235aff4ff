"""What the scores of recency, frequency and money say about a customer: one word for each of the 125 cells.

The scores come from `rfm.sql`. The words are ours; the table below is all there is to them.
"""

from __future__ import annotations

from typing import Literal

Standing = Literal["new", "champion", "loyal", "promising", "cannot_lose", "cooling", "asleep", "occasional"]

GOOD, MIDDLE = 4, 3


def standing(recency: int | None, frequency: int | None, money: int | None) -> Standing:
    """Name the cell of a customer; "new" where it is not scored yet. Raises ValueError for a score not in 1-5.

    champion: bought lately, often and much; loyal: lately and often; promising: lately, not often yet;
    cannot_lose: often and much, but long ago; cooling: often or much, not lately; asleep: long ago and rarely;
    occasional: the rest.
    """
    if recency is None or frequency is None or money is None:
        return "new"
    if not all(1 <= score <= 5 for score in (recency, frequency, money)):  # noqa: PLR2004
        raise ValueError("scores are 1 to 5")
    is_strong = frequency >= GOOD and money >= GOOD
    if recency >= GOOD:
        return "champion" if is_strong else "loyal" if frequency >= GOOD else "promising"
    if recency == MIDDLE:
        return "cooling" if max(frequency, money) >= GOOD else "occasional"
    if is_strong:
        return "cannot_lose"
    return "cooling" if max(frequency, money) >= GOOD else "asleep"
