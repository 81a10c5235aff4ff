"""Filters of the register of requests."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.privacy.choices import RequestKind
from loudou.privacy.models import PersonalDataRequest
from loudou.web.frame.filters import ListFilter

STATES = (("open", _("Open")), ("late", _("Late")), ("done", _("Answered")))


class RequestFilter(ListFilter):
    """Requests by kind, state and day."""

    kind = filters.ChoiceFilter(label=_("What is asked for"), choices=RequestKind.choices)
    state = filters.ChoiceFilter(label=_("State"), choices=STATES, method="by_state")
    asked_on = filters.DateFromToRangeFilter(label=_("Asked on"))

    class Meta:
        model = PersonalDataRequest
        fields: tuple[str, ...] = ()

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Open, late or answered."""
        if value == "done":
            return rows.filter(done_at__isnull=False)
        return rows.late(today=clock.today()) if value == "late" else rows.open()
