"""What the code offers is documented, and what the documents point to exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def documents() -> list[Path]:
    """Every Markdown file of the repository."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_reference_says_what_the_code_does():
    """Settings, commands, permissions, services, refusals and checks: docs/reference is written from the code."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.reference", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_module_has_its_page():
    packages = {path.parent.name for path in (ROOT / "src" / "loudou").glob("*/apps.py")} - {"web", "api", "demo"}
    assert packages <= {path.stem for path in (ROOT / "docs" / "modules").glob("*.md")}


@pytest.mark.parametrize("page", ["cli", "permissions", "refusals", "services", "settings"])
def test_no_entry_of_the_reference_is_without_words(page):
    lines = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    assert [row for row in rows if page != "permissions" and re.search(r"\|\s*\|$", row)] == []


def test_the_makefile_lists_every_command_it_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    listed = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert declared - listed == {"runtime", "dev"}
