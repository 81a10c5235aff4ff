"""Make sure that there is a Chromium for the browser tests: `python -m tools.browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def main() -> int:
    """Find one, else install one where that is possible, else say what to do."""
    if any(shutil.which(name) for name in NAMES):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests…", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=False, **quiet)
    if any(shutil.which(name) for name in NAMES):
        return 0
    print(
        "The browser tests need Chromium. On Debian or Ubuntu: apt-get install chromium fonts-noto-cjk. "
        "To run the other tests: .venv/bin/python -m pytest -m 'not browser'",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
