"""What can be measured by name: every module of this package that has a `TOPIC`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import benchmarks

SIZES = [10_000, 100_000, 1_000_000]
"""Opportunities at which topics measure unless told."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A name to call it by, and the function that measures at the sizes asked for and writes its section."""

    name: str
    measure: Callable[[list[int]], None]


def topics() -> dict[str, Topic]:
    """All topics by name, found by looking."""
    found: dict[str, Topic] = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            topic = getattr(importlib.import_module(f"benchmarks.{module.name}"), "TOPIC", None)
            if isinstance(topic, Topic):
                found[topic.name] = topic
    return found
