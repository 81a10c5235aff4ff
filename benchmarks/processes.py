"""CPU time of process trees, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _FIRST_TIME, _LAST_TIME = 1, 11, 15  # places in /proc/<pid>/stat after the name


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children() -> dict[int, list[int]]:
    """Return the children of every process."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found.setdefault(int(_stat(int(entry.name))[_PARENT]), []).append(int(entry.name))
            except OSError:  # it has just ended
                continue
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all below it, ended children included, in seconds."""
    below, waiting, ticks = children(), [root], 0
    while waiting:
        pid = waiting.pop()
        try:
            ticks += sum(int(value) for value in _stat(pid)[_FIRST_TIME:_LAST_TIME])
        except OSError:
            continue
        waiting += below.get(pid, [])
    return ticks / _TICK


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of the application and of the database at one moment."""

    application: float
    database: float

    @classmethod
    def of(cls, application: int, database: int) -> Cpu:
        """Read both trees."""
        return cls(cpu_seconds(application), cpu_seconds(database))

    def __sub__(self, earlier: Cpu) -> Cpu:
        return Cpu(self.application - earlier.application, self.database - earlier.database)
