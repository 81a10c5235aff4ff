"""A case in a process of its own, so that its peak memory is its own too."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case answered, how long it took, and the most memory its process held, in megabytes.

    `seconds` are the case's own when it answers with a pair (seconds, value): what it needs to make its data is not
    part of the work.
    """

    value: Any
    seconds: float
    peak_mb: float


def apart(case: Callable[..., Any], *arguments: Any) -> Outcome:
    """Run a case of a module of this package in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_run, case, arguments).result()


def _run(case: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    began = time.perf_counter()
    value = case(*arguments)
    seconds = time.perf_counter() - began
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], float):
        seconds, value = value
    return Outcome(value, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
