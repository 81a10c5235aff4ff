"""The wheel runs by itself, outside the checkout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PORT = 8377


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Build the wheel and install it in an environment that knows our dependencies but not the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    site = folder / "venv" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    # A folder named in a .pth file is searched, but the .pth files in it are not read: the checkout stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    [wheel] = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "-q", str(wheel)]
    subprocess.run(install, check=True)
    return python.parent / "loudou"


def test_it_serves_a_page_with_its_assets_in_two_languages(installed, tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOUDOU_", "DJANGO_", "PYTHON"))
    }
    environment |= {"LOUDOU_HOME": str(tmp_path / "home"), "LOUDOU_PORT": str(PORT), "LOUDOU_WORKERS": "1"}
    site = subprocess.Popen(
        [installed, "serve"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(site.stdout), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + 300
        while f"Loudou is ready: http://127.0.0.1:{PORT}\n" not in lines:
            assert site.poll() is None and time.monotonic() < deadline, "".join(lines)
            time.sleep(0.2)
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}/sign-in", headers={"Accept-Language": "zh-CN"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            page = answer.read().decode()
        assert "登录" in page
        assert "/static/vendor/tabler/tabler.min." in page
    finally:
        site.send_signal(signal.SIGINT)
        site.wait(60)
        reader.join(5)
        site.stdout.close()
    assert site.returncode == 0
