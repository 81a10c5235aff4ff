"""Filters of the lists of exports."""

from __future__ import annotations

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import ExportFormat
from loudou.people.choices import ExportOutcome
from loudou.people.models import AuditEntry, User
from loudou.web.frame.filters import ListFilter


class OwnExportFilter(ListFilter):
    """Exports by format, outcome and period."""

    format = filters.ChoiceFilter(label=_("Format"), choices=ExportFormat.choices, field_name="after__format")
    outcome = filters.ChoiceFilter(label=_("Outcome"), choices=ExportOutcome.choices)
    at = filters.DateFromToRangeFilter(label=_("Period"))

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()


class ExportFilter(OwnExportFilter):
    """The same, and by person."""

    actor = filters.ModelChoiceFilter(label=_("Who"), queryset=User.objects.all())

    main = ("actor", "format", "outcome", "at")
    late = ("actor",)
