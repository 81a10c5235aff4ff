"""The entry: fill an empty database with the demo company."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Locale = Literal["zh", "en"]

DEFAULT_SEED = 20240601


@dataclass(frozen=True, slots=True)
class Built:
    """What was made, for the line that the command prints: number of rows by noun, and seconds it took."""

    counts: dict[str, int]
    seconds: float


def build(*, locale: Locale, seed: int = DEFAULT_SEED, today: dt.date, scale: int | None = None) -> Built:
    """Simulate three years that end at `today` and load them; with `scale`, about that many opportunities.

    The same arguments give the same rows. Raises DatabaseNotEmpty.
    """
    raise NotImplementedError
