"""Write docs/openapi.json from the code, or with --check tell whether the committed file is up to date."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "openapi.json"


def described() -> str:
    """Return the description of the API as it is in the code."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loudou.config.settings")
    import django
    from django.utils import translation

    django.setup()
    with translation.override("en"):
        from loudou.api.v1.routes import schema

        return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    arguments = parser.parse_args()
    fresh = described()
    if not arguments.check:
        TARGET.write_text(fresh, encoding="utf-8")
        return 0
    kept = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if kept == fresh:
        return 0
    difference = difflib.unified_diff(
        kept.splitlines(), fresh.splitlines(), "docs/openapi.json", "the code", lineterm=""
    )
    print("\n".join(list(difference)[:60]))
    print("\nThe API changed. If that is meant, run: python -m tools.openapi")
    return 1


if __name__ == "__main__":
    sys.exit(main())
