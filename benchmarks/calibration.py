"""Two fixed pieces of work, timed in every run: figures of two runs compare after division by them."""

from __future__ import annotations

import hashlib
import time

import psycopg

LOOPS = 200_000
STATEMENT = "SELECT sum(sqrt(number) * 2) FROM generate_series(1, 1000000) AS number"


def python_ms() -> float:
    """Milliseconds of CPU for a fixed loop in pure Python, best of three."""
    return min(_loop() for _ in range(3))


def _loop() -> float:
    began = time.process_time()
    value, text = 0, b"loudou"
    for number in range(LOOPS):
        value = (value * 31 + number) % 1_000_003
        if number % 1000 == 0:
            text = hashlib.sha256(text).digest()
    return (time.process_time() - began) * 1000


def sql_ms(conninfo: str) -> float:
    """Milliseconds for a fixed statement, best of three."""
    with psycopg.connect(conninfo) as connection:
        timings = []
        for _ in range(3):
            began = time.perf_counter()
            connection.execute(STATEMENT).fetchone()
            timings.append(time.perf_counter() - began)
    return min(timings) * 1000
