"""Everything that can be said about the tree without running the product: `make check`.

Name some to run only those: `python -m tools.check lint types`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = str(sys.executable)

CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy"],
    "layers": ["lint-imports", "--no-cache"],
    "templates": ["djlint", "src/loudou/web", "--lint", "--quiet"],
    "messages": [PYTHON, "-m", "tools.messages", "--check"],
    "reference": [PYTHON, "-m", "tools.reference", "--check"],
    "openapi": [PYTHON, "-m", "tools.openapi", "--check"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "dependencies": ["deptry", "src"],
    "structure": [PYTHON, "-m", "pytest", "-q", "tests/test_architecture.py", "tests/test_docs.py"],
}


def main(names: list[str]) -> int:
    """Run the checks, two at a time; show what the failing ones said."""
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(_run, names or CHECKS))
    failed = [name for name, is_good in results if not is_good]
    print(f"{len(results) - len(failed)} of {len(results)} checks passed in {time.monotonic() - began:.0f} s.")
    return 1 if failed else 0


def _run(name: str) -> tuple[str, bool]:
    program, *arguments = CHECKS[name]
    command = [program if program == PYTHON else str(BIN / program), *arguments]
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    words = "ok" if done.returncode == 0 else f"FAILED\n{done.stdout}{done.stderr}".rstrip()
    print(f"{name} ({time.monotonic() - began:.1f} s): {words}", flush=True)
    return name, done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
