"""What the wheel needs besides the tree: front-end assets and compiled translations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GeneratedFiles(BuildHookInterface):
    """Bring the front-end packages in and compile the translations before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run the tools; an editable install uses the checkout as it is."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root)))
        from tools import assets, messages

        if assets.main():
            raise RuntimeError("The front-end packages could not be fetched; the lines above say why.")
        messages.compile_all()
