"""What a page weighs: the HTML of each view, and all that a first visit transfers, compressed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from tests.conftest import ClientOf

from loudou.people.models import User
from loudou.pipeline.models import Opportunity, Stage

KB = 1024
ROWS = 60
HTML = {
    "list": ("/pipeline/", 152 * KB),
    "board": ("/pipeline/board/", 130 * KB),
    "funnel": ("/pipeline/funnel/", 45 * KB),
    "forecast": ("/pipeline/forecast/", 130 * KB),
}
OPPORTUNITY = 40 * KB
FIRST_VISIT, WITH_CHARTS = 250 * KB, 500 * KB
CHARTS, CHOOSERS = "vendor/echarts/", "vendor/tom-select/"
MODULE = re.compile(r"""(?:import|from)\s*["']\./([\w-]+\.js)["']""")


@pytest.fixture
def sixty(make: Callable[..., Opportunity], stages: list[Stage]) -> list[Opportunity]:
    """More open sales than a list shows at once, over all stages and three months."""
    return [
        make(
            subject=f"Two presses and a conveyor line {number:03}",
            amount=Decimal(125_000 + number),
            stage_id=stages[number % 5].pk,
            expected_on=dt.date(2026, 6, 16) + dt.timedelta(days=number),
        )
        for number in range(ROWS)
    ]


def transferred(names: set[str]) -> int:
    """Bytes of static files as they are sent: compressed, with all modules that a module asks for."""
    seen: set[str] = set()
    total = 0
    while names - seen:
        name = (names - seen).pop()
        seen.add(name)
        path = finders.find(name)
        assert path, name
        content = Path(path).read_bytes()
        total += len(brotli.compress(content))
        if name.endswith(".js") and name.startswith("loudou/"):
            names |= {f"loudou/js/{module}" for module in MODULE.findall(content.decode())}
    return total


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_keep_their_weight(
    client: ClientOf, owner: User, sixty: list[Opportunity], frozen: object, language: str
) -> None:
    owner.language = language
    owner.save()
    signed_in = client.as_(owner)
    wanted = HTML | {"opportunity": (f"/pipeline/{sixty[0].pk}/", OPPORTUNITY)}
    weights = {name: len(signed_in.get(address).content) for name, (address, _most) in wanted.items()}
    assert {name: weight for name, weight in weights.items() if weight > wanted[name][1]} == {}


@pytest.mark.parametrize(("address", "most"), [("/pipeline/", FIRST_VISIT), ("/pipeline/distribution/", WITH_CHARTS)])
def test_a_first_visit_transfers_little(
    client: ClientOf, owner: User, sixty: list[Opportunity], frozen: object, address: str, most: int
) -> None:
    page = client.as_(owner).get(address).content
    named = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', page.decode()))
    assert "loudou/js/app.js" in named and "vendor/tabler/tabler.min.css" in named
    later = set(re.findall(r'data-[\w-]+="/static/([^"#?]+)"', page.decode()))
    soon = {name for name in later if name.startswith(CHARTS if b"data-chart" in page else CHOOSERS)}
    assert soon, "packages that load when first used"
    assert transferred(named | soon) + len(brotli.compress(page)) <= most
