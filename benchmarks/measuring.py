"""Asking a page often, alone and together, and adding up what it cost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.browser import Browser
from benchmarks.server import Running

ALONE, TOGETHER, CLIENTS, WARM_UP = 20, 4, 8, 4

Act = Callable[[Browser], float]


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds: percentiles of the answer time at one and eight clients, CPU per request of both process trees."""

    p50: float
    p95: float
    p50_of_8: float
    p95_of_8: float
    application_cpu: float
    database_cpu: float

    @property
    def cpu(self) -> float:
        """CPU of application and database together."""
        return self.application_cpu + self.database_cpu


def measure(server: Running, person: Browser, act: Act) -> Figures:
    """Do `act` as one client, then as eight at once; CPU is that of the first part."""
    for _ in range(WARM_UP):
        act(person)
    before = server.cpu()
    alone = [act(person) for _ in range(ALONE)]
    used = server.cpu() - before
    crowd = [person.twin() for _ in range(CLIENTS)]
    for client in crowd:
        act(client)
    with ThreadPoolExecutor(CLIENTS) as pool:
        rounds = pool.map(lambda one: [act(one) for _ in range(TOGETHER)], crowd)
        together = [taken for one_round in rounds for taken in one_round]
    return Figures(
        p50=percentile(alone, 0.5) * 1000,
        p95=percentile(alone, 0.95) * 1000,
        p50_of_8=percentile(together, 0.5) * 1000,
        p95_of_8=percentile(together, 0.95) * 1000,
        application_cpu=used.application / ALONE * 1000,
        database_cpu=used.database / ALONE * 1000,
    )


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
