"""What is measured: pages and verbs, each with the figures of the two Django CRMs it is held against."""

from __future__ import annotations

from dataclasses import dataclass

READERS = ("rep", "executive")
PASSWORD = "loudou-demo"  # noqa: S105 - the demo's public password


@dataclass(frozen=True, slots=True)
class Scene:
    """A page, and a peer's CPU milliseconds per request for it with 100,000 deals: as a rep, and seeing everything."""

    name: str
    path: str
    peer: tuple[int | None, int | None] = (None, None)


def scenes(*, process: int, opportunity: int) -> list[Scene]:
    """Return the pages to measure; `process` has six stages, `opportunity` is an open one of the rep."""
    return [
        Scene("List", "/pipeline/"),
        Scene("List with text search and filter", "/pipeline/?q=%E6%9C%BA%E6%A2%B0&state=all&priority=3", (82, 397)),
        Scene("Board, 6 columns × 40 cards", f"/pipeline/board/?process={process}", (398, 612)),
        Scene("Funnel", f"/pipeline/funnel/?process={process}"),
        Scene("Forecast by month", "/pipeline/forecast/", (76, 297)),
        Scene("Opportunity page", f"/pipeline/{opportunity}/"),
        Scene("Customers", "/customers/"),
    ]


CREATE = Scene("Create by API", "/api/v1/opportunities", (43, 43))
