"""Answers for choosers that search while the user types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, JsonResponse

from loudou.web.frame.pages import Page

MOST = 20


class LookupPage(Page):
    """Up to twenty rows that match what was typed; `rows(query)` returns them from a selector."""

    def rows(self, query: str) -> Iterable[Any]:
        """Return matching rows, visible to the user, best first."""
        raise NotImplementedError

    def label(self, row: Any) -> str:
        """Text of a row in the chooser."""
        return str(row)

    def hint(self, row: Any) -> str:
        """Small text that tells rows of the same label apart."""
        return ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer with value, text and hint of each row."""
        found = list(self.rows(request.GET.get("q", "")[:200]))[:MOST]
        results = [{"value": str(row.pk), "text": self.label(row), "hint": self.hint(row)} for row in found]
        return JsonResponse({"results": results})
