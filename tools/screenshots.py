"""Takes the pictures of the README: starts the demo in a folder of its own, in both languages, and drives a browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LARGEST = 300 * 1024
PASSWORD = "loudou-demo"  # noqa: S105 - the demo's public password
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]

SHOTS = (
    # (name, who, address, what to click first)
    ("board", "rep", "/pipeline/board/", ""),
    ("list", "manager", "/pipeline/", ""),
    ("funnel", "executive", "/pipeline/funnel/", ""),
    ("forecast", "executive", "/pipeline/forecast/", ""),
    ("opportunity", "rep", "/pipeline/", "a.row-link"),
    ("customer", "rep", "/customers/?phase=signed", "a.row-link"),
    ("customer-funnel", "executive", "/customers/funnel/", ""),
    ("contract", "finance", "/contracts/?state=performing&sort=-amount", "a.row-link"),
    ("import", "operations", "/import/new/", ""),
)


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for locale in ("en", "zh"):
        with demo(locale) as address, sync_playwright() as playwright:
            path = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            for name, who, page_address, click in SHOTS:
                context = browser.new_context(
                    viewport={"width": 1440, "height": 900}, locale="zh-CN" if locale == "zh" else "en-GB"
                )
                page = context.new_page()
                sign_in(page, address, who)
                take(page, address + page_address, IMAGES / f"{name}-{locale}.png", click)
                context.close()
            browser.close()


def sign_in(page: Page, address: str, who: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=username][type=text]", who)
    page.fill("input[name=password][type=password]", PASSWORD)
    page.press("input[name=password][type=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def take(page: Page, address: str, path: Path, click: str) -> None:
    """Open a page, perhaps its first record, and keep a picture of it."""
    page.goto(address)
    if click:
        target = page.locator(click).first.get_attribute("href")
        page.goto(address.split("/", 3)[0] + "//" + address.split("/", 3)[2] + (target or ""))
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.name}: {size // 1024} KB")
    if size > LARGEST:
        raise SystemExit(f"{path.name} is larger than {LARGEST // 1024} KB")


@contextmanager
def demo(locale: str) -> Iterator[str]:
    """Serve the demo company from a new folder, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="loudou-screenshots-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOUDOU_")}
    environment = kept | {"LOUDOU_HOME": str(home), "LOUDOU_PORT": str(port), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "loudou", "demo", "--serve", "--locale", locale]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{address}/readyz", server)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers that it is ready."""
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the demo ended before it was ready")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("the demo did not become ready")


if __name__ == "__main__":
    main()
