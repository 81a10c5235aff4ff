"""What tests of pages share."""

from __future__ import annotations

from typing import Any

import pytest

from loudou.web.frame.filters import ListFilter


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The filters that each set of filters has built since."""
    built: list[list[str]] = []
    begin = ListFilter.__init__

    def noting(self: ListFilter, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        built.append(list(self.filters))

    monkeypatch.setattr(ListFilter, "__init__", noting)
    return built
