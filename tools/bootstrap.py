"""Build the environment in `.venv` from hash-pinned requirements; run by any Python 3.11 or newer, needs nothing else.

python3 tools/bootstrap.py        what the product needs
python3 tools/bootstrap.py --dev  also what tests and checks need
python3 tools/bootstrap.py --dev --bench  also the libraries that the statistics are measured beside
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
LAUNCHER = """\
#!{python}
from loudou.config.cli import main

main()
"""


def main() -> int:
    """Make or update the environment; do nothing when it is up to date."""
    interpreter = _interpreter()
    if interpreter is None:
        print("Loudou needs Python 3.11 or newer. Install it, or say where it is: make PYTHON=/path/to/python3.11")
        return 1
    files = ["requirements-dev.txt"] if "--dev" in sys.argv else ["requirements.txt"]
    if shutil.which("npm") is None and "--dev" not in sys.argv:
        files.append("requirements-node.txt")
    if shutil.which("java") and "--dev" in sys.argv:
        # The statistics are then also compared with Spark's answers.
        files.append("requirements-spark.txt")
    if "--bench" in sys.argv:
        files.append("requirements-bench.txt")
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in files)).hexdigest()
    stamps = [VENV / f".{name}.{wanted[:16]}" for name in files]
    if PYTHON.exists() and all(stamp.exists() for stamp in stamps):
        return 0
    if not PYTHON.exists() and not _make_venv(interpreter):
        return 1
    print("Installing Python packages…", flush=True)
    pins = [part for name in files for part in ("-r", str(ROOT / name))]
    # Without --compile each module is compiled when it is first used: most never are.
    install = [PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--no-compile", "--disable-pip-version-check"]
    if subprocess.run([*install, *pins], check=False).returncode:
        return 1
    _make_importable()
    for stamp in stamps:
        stamp.touch()
    return 0


def _interpreter() -> str | None:
    """Find a Python that is new enough: this one, else another on PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    return next((found for minor in range(15, 10, -1) if (found := shutil.which(f"python3.{minor}"))), None)


def _make_venv(interpreter: str) -> bool:
    if subprocess.run([interpreter, "-m", "venv", VENV], check=False, capture_output=True).returncode == 0:
        return True
    # Debian ships Python without the part that makes environments.
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing python3-venv…", flush=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "python3-venv"], check=False, stdout=subprocess.DEVNULL)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([interpreter, "-m", "venv", VENV], check=False, capture_output=True, text=True)
    if made.returncode:
        print(f"{made.stdout}{made.stderr}Python cannot make an environment. On Debian: apt-get install python3-venv")
    return made.returncode == 0


def _make_importable() -> None:
    """Let the environment import the checkout, and give it the command `loudou`."""
    site = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(site) / "loudou-checkout.pth").write_text(f"{ROOT / 'src'}\n")
    launcher = VENV / "bin" / "loudou"
    launcher.write_text(LAUNCHER.format(python=PYTHON))
    launcher.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
