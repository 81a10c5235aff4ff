"""A real Chromium for tests: `page_as(user)` is a signed-in page, `axe(page)` asks for accessibility.

A page that writes an error to its console, or breaks its Content-Security-Policy, fails the test that opened it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from loudou.people.models import User

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")  # fmt: skip
# Generous, for a machine on which the first page of a run takes its time; what is there comes at once all the same.
PATIENCE = 60_000
FIRST_PAGE = 120_000
expect.set_options(timeout=PATIENCE)


def chromium_path() -> str | None:
    """Return the Chromium of this machine, or None when playwright's own is to be used."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    # Playwright's loop runs in this thread; without this Django takes the tests' own queries for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(SWITCHES))
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_as(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open a page: `page_as(owner, language="zh-hans", theme="dark", width=390)`; `page_as(None)` is a stranger's."""
    opened: list[tuple[Page, list[str], set[Any]]] = []

    def open_page(
        user: User | None, *, language: str = "en", theme: str = "light", width: int = 1440, height: int = 900
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="zh-CN" if language.startswith("zh") else "en-US",
            color_scheme="dark" if theme == "dark" else "light",
        )
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=language, theme=theme)
            client = Client()
            client.force_login(user)
            key = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(FIRST_PAGE)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console", lambda line: problems.append(line.text) if line.type == "error" and _is_ours(line.text) else None
        )
        waiting: set[Any] = set()
        # Playwright counts a handler's parameters, which built-in methods hide.
        page.on("request", lambda request: waiting.add(request))  # noqa: PLW0108
        page.on("requestfinished", lambda request: waiting.discard(request))  # noqa: PLW0108
        page.on("requestfailed", lambda request: waiting.discard(request))  # noqa: PLW0108
        opened.append((page, problems, waiting))
        return page

    yield open_page
    for page, _problems, waiting in opened:
        # The database is emptied next; a request that is still being answered would stand in the way.
        for _ in range(100):
            if not waiting:
                break
            page.wait_for_timeout(50)
        page.context.close()
    assert [problem for _page, problems, _waiting in opened for problem in problems] == []


def _is_ours(text: str) -> bool:
    # Chromium notes every answer of 400 and above; refusals are such answers on purpose. htmx notes each request it
    # gives up for a newer one (hx-sync) under the two names below; one the network loses is named htmx:sendError.
    return not text.startswith(
        (
            "Failed to load resource: the server responded with a status of 4",
            "htmx:afterRequest, ",
            "htmx:sendAbort, ",
        )
    )


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail when axe-core finds something serious or critical on the page."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; `npm ci` brings it")
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.evaluate(source)
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        bad = [
            f"{one['impact']} {one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert bad == []

    return check
