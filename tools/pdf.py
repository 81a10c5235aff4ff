"""Make sure that PDF files can be made, in Chinese too: `python -m tools.pdf`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")


def main() -> int:
    """Find what is needed, else install it where that is possible, else say what to do; contracts work without it."""
    if _complete():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing what PDF files need…", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=False, **quiet)
    if not _complete():
        print(
            "Contracts cannot be printed as PDF on this machine until it has: "
            f"apt-get install {' '.join(PACKAGES)} (Debian or Ubuntu). Everything else works.",
            file=sys.stderr,
        )
    return 0


def _complete() -> bool:
    """Ask a fresh process, because a library that was just installed is not found by one that looked before."""
    program = "import weasyprint; from loudou.contracts.fonts import has_chinese_fonts as f; raise SystemExit(not f())"
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
