"""Filters of the lists of people and of the audit."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loudou.core.searchtext import matches
from loudou.people.choices import EventCode, Operation, Role
from loudou.people.models import AuditEntry, Team, User
from loudou.people.selectors import audited_models
from loudou.web.frame.filters import ListFilter
from loudou.web.people.history import SOURCES


class UserFilter(ListFilter):
    """Users by text, role, team and state."""

    q = filters.CharFilter(label=_("Search"), method="search")
    role = filters.ChoiceFilter(label=_("Role"), choices=Role.choices, method="has_role")
    team = filters.ModelChoiceFilter(label=_("Team"), queryset=Team.objects.all(), method="in_team")
    is_active = filters.ChoiceFilter(
        label=_("State"), choices=[("true", _("May sign in")), ("false", _("Deactivated"))], method="state"
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    main = ("role", "team", "is_active")
    late = ("team",)

    def search(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Name, sign-in name or mail."""
        return rows.filter(matches(value))

    def has_role(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Have the role, maybe among others."""
        return rows.filter(roles__contains=[value])

    def in_team(self, rows: QuerySet[User], name: str, value: Team) -> QuerySet[User]:
        """Belong to the team now."""
        return rows.filter(memberships__team=value, memberships__ended_on__isnull=True).distinct()

    def state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """May sign in, or may not."""
        return rows.filter(is_active=value == "true")


def subjects() -> list[tuple[str, str | Promise]]:
    """Choices of what an entry speaks of: events, then tables by their names."""
    events = [(code.value, code.label) for code in EventCode]
    names = ((table, model._meta.verbose_name) for table, model in audited_models().items())
    return [*events, *((table, capfirst(name)) for table, name in names if name is not None)]


class AuditFilter(ListFilter):
    """Audit entries by person, subject, record, kind, source, period and text."""

    q = filters.CharFilter(label=_("Search in values"), method="mentioning")
    actor = filters.ModelChoiceFilter(label=_("Who"), queryset=User.objects.all())
    subject = filters.MultipleChoiceFilter(label=_("Concerning"), choices=subjects(), field_name="table_name")
    operation = filters.ChoiceFilter(label=_("What happened"), choices=Operation.choices)
    at = filters.DateFromToRangeFilter(label=_("Period"))
    source = filters.ChoiceFilter(label=_("From where"), choices=SOURCES)
    record = filters.CharFilter(label=_("Record number"), field_name="object_id")
    ip = filters.CharFilter(label=_("Address"), method="from_address")
    request = filters.CharFilter(label=_("Request"), field_name="request_id")

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    main = ("actor", "subject", "operation", "at")
    late = ("actor",)

    def mentioning(self, rows: Any, name: str, value: str) -> Any:
        """Have the text among the old or new values."""
        return rows.mentioning(value)

    def from_address(self, rows: Any, name: str, value: str) -> Any:
        """Come from an address, or one that begins like this."""
        return rows.filter(ip_address__startswith=value)
