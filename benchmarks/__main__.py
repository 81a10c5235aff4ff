"""`python -m benchmarks [TOPIC...] [SIZE...]`: all topics at 10^4, 10^5 and 10^6 opportunities unless told."""

from __future__ import annotations

import sys

from benchmarks.topic import SIZES, topics


def main(arguments: list[str]) -> None:
    """Measure the topics named, at the sizes named."""
    known = topics()
    sizes = [int(float(argument)) for argument in arguments if argument[0].isdigit()]
    names = [argument for argument in arguments if not argument[0].isdigit()]
    if unknown := set(names) - set(known):
        raise SystemExit(f"No topic {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}.")
    for name in names or known:
        known[name].measure(sizes or SIZES)


if __name__ == "__main__":
    main(sys.argv[1:])
