"""Every module and every query of the library has its line on the page that says which question it answers."""

import re
from pathlib import Path

from funnelstats import queries, schemas

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/modules/funnelstats.md"


def named() -> set[str]:
    """Words in code style on the page."""
    return set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))


def test_every_module_is_named():
    modules = {path.stem for path in (ROOT / "src/funnelstats").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules - {"__init__", "__pycache__", "sql"} - named() == set()


def test_every_query_is_named():
    assert set(queries.names()) - named() == set()


def test_every_page_that_is_linked_exists():
    pages = re.findall(r"\]\((\.\./[^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(pages) > 15
    assert [page for page in pages if not (PAGE.parent / page).resolve().is_file()] == []


def test_input_tables_are_described():
    text = (ROOT / "docs/reference/input-tables.md").read_text(encoding="utf-8")
    assert [name for name in schemas.TABLES if name not in text] == []
