"""Pin the Python packages with hashes: `make requirements`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--group", "dev", "-c", "requirements.txt"],
    "requirements-node.txt": ["--group", "node", "-c", "requirements-dev.txt"],  # npm for machines without it
    "requirements-spark.txt": ["--group", "spark", "-c", "requirements-dev.txt"],  # only where Java is present
    "requirements-bench.txt": ["--group", "bench", "-c", "requirements-dev.txt"],  # peers to measure beside
}
COMPILE = [
    *("-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
    *("--custom-compile-command", "make requirements"),
]


def main() -> int:
    """Write the files that `tools/bootstrap.py` installs from; `--upgrade` moves to newer versions."""
    for name, options in FILES.items():
        command = [sys.executable, *COMPILE, *options, *sys.argv[1:], "--output-file", name]
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
