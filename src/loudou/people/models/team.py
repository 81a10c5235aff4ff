"""Teams are a tree; people belong to teams for a time."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet


class TeamQuerySet(ScopedQuerySet["Team"]):
    """Teams: the company's shape is no secret, so every role sees them all."""

    def within(self, reach: Reach) -> Q:
        """Have one of these people among its members, now or in the past."""
        return Q(memberships__user_id__in=reach.user_ids)


class Team(Versioned):
    """A group of people who sell together; its leads see what its members and its sub-teams' members own."""

    name = models.CharField(_("team name"), max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    region = blank_text(_("region"), 120)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[TeamQuerySet] = TeamQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="team_name_once",
                violation_error_message=_("There is already a team of this name."),
            ),
            models.CheckConstraint(
                name="team_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message=_("A team cannot be part of itself."),
            ),
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships over time."""

    def on(self, day: dt.date) -> Self:
        """Hold on a day: begun, and not yet ended."""
        return self.filter(started_on__lte=day).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))


class Membership(models.Model):
    """A person in a team from a day until (not including) another; several at once are fine."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("team"))
    is_lead = models.BooleanField(_("leads the team"), default=False)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["team__name", "-is_lead", "user__name"]
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                violation_error_message=_("The last day must come after the first."),
            ),
            models.UniqueConstraint(
                fields=["user", "team"],
                name="membership_open_once",
                condition=Q(ended_on__isnull=True),
                violation_error_message=_("This person is already in the team."),
            ),
        ]
        indexes = [models.Index(fields=["team", "user"], name="membership_team_user")]
        triggers = audit.audited(part_of=("people_team", "team_id"))

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"
