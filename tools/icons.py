"""Draw the icon sprite: one SVG file with exactly the icons that templates and Python name."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

_NAMED = re.compile(r"""(?:\{%\s*icon\s+|\bicon\s*=\s*|"?icon"?\s*:\s*|\bicon\(\s*)["']([a-z0-9-]+)["']""")
_SVG = "http://www.w3.org/2000/svg"


def names_used(package: Path) -> set[str]:
    """Names in `{% icon "name" %}` of templates, `icon="name"` of declarations and tags."""
    sources = (*package.rglob("*.html"), *package.rglob("*.py"))
    return {name for path in sources for name in _NAMED.findall(path.read_text(encoding="utf-8"))}


def sprite(names: Iterable[str], source: Path) -> tuple[str, list[str]]:
    """Return the sprite as text, and the names that the icon set does not have."""
    symbols, unknown = [], []
    for name in sorted(set(names)):
        is_filled = name.endswith("-filled")
        file = source.parent / "filled" / f"{name.removesuffix('-filled')}.svg" if is_filled else source / f"{name}.svg"
        if not file.exists():
            unknown.append(name)
            continue
        shapes = "".join(
            ET.tostring(child, encoding="unicode").replace(f' xmlns:ns0="{_SVG}"', "").replace("ns0:", "")
            for child in ET.parse(file).getroot()  # noqa: S314 - files of a pinned package
        )
        ink = 'fill="currentColor" stroke="none"' if is_filled else 'fill="none" stroke="currentColor" stroke-width="2"'
        symbols.append(
            f'<symbol id="tabler-{name}" viewBox="0 0 24 24" {ink} stroke-linecap="round" stroke-linejoin="round">'
            f"{shapes}</symbol>"
        )
    return f'<svg xmlns="{_SVG}">{"".join(symbols)}</svg>\n', unknown
