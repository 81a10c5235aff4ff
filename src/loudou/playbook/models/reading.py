"""Reading lists: which cards a newcomer reads, until when, and who has read which card."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import ScopedQuerySet
from loudou.people.choices import Role
from loudou.people.models import Team, User
from loudou.playbook.models.card import Card
from loudou.playbook.starts import start_of, teams_above
from loudou.playbook.words import said

if TYPE_CHECKING:
    from loudou.core.actors import Actor

MOST_DUE_DAYS = 365
MOST_DRAWN = 50


def _sees_all(user: User) -> bool:
    return user.has_permission("playbook.keep") or user.has_permission("audit.view")


class ReadingListQuerySet(ScopedQuerySet["ReadingList"]):
    """Lists: everybody sees those that they are asked to read; who keeps the playbook, or reads the audit, all."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep what the actor may see."""
        rows = super().visible_to(actor)
        return rows.asked_of(actor) if isinstance(actor, User) and not _sees_all(actor) else rows

    def to_read(self, user: User) -> Self:
        """Lists that one has to read oneself."""
        rows = self.visible_to(user)
        return rows.asked_of(user) if _sees_all(user) else rows

    def asked_of(self, user: User) -> Self:
        """Active lists that are for this person: their role, their team or one above it, and when they started."""
        teams = ReadingListTeam.objects.filter(reading_list=OuterRef("pk"))
        return self.filter(
            Q(roles=[]) | Q(roles__overlap=user.roles),
            Q(started_since__isnull=True) | Q(started_since__lte=start_of(user)),
            ~Exists(teams) | Exists(teams.filter(team_id__in=teams_above(user))),
            is_active=True,
        )


class ReadingList(Versioned):
    """Cards to read in order within days of one's start, and a quiz to pass after that.

    Without roles and teams it is for everybody; with both, for whoever has one of the roles and is in one of the teams
    or below. Who started before `started_since` is not asked. Nobody is late for what did not exist: days count from
    the later of one's own start and `opened_on`.
    """

    name = blank_text(_("name in English"), 120)
    name_zh = blank_text(_("name in Chinese"), 120)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), verbose_name=_("for roles"), default=list, blank=True
    )
    teams = models.ManyToManyField(
        Team, through="ReadingListTeam", related_name="+", blank=True, verbose_name=_("for teams")
    )
    started_since = models.DateField(_("for whoever started on or after"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"))
    due_days = models.PositiveSmallIntegerField(
        _("days to read and pass"), default=30, validators=[MinValueValidator(1), MaxValueValidator(MOST_DUE_DAYS)]
    )
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark in percent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    drawn = models.PositiveSmallIntegerField(
        _("questions in a quiz"), default=8, validators=[MinValueValidator(1), MaxValueValidator(MOST_DRAWN)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[ReadingListQuerySet] = ReadingListQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("reading list")
        verbose_name_plural = _("reading lists")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="reading_list_has_name",
                condition=~Q(name="") | ~Q(name_zh=""),
                violation_error_message=_("Write a name in at least one language."),
            ),
            models.CheckConstraint(
                name="reading_list_figures",
                condition=Q(
                    due_days__range=(1, MOST_DUE_DAYS), pass_mark__range=(1, 100), drawn__range=(1, MOST_DRAWN)
                ),
            ),
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return said(self.name, self.name_zh)

    def due_on(self, start: dt.date) -> dt.date:
        """Last day for somebody who started on a day."""
        return max(start, self.opened_on) + dt.timedelta(days=self.due_days)


class ReadingListTeam(models.Model):
    """That a list is for a team and the teams below it."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="for_teams")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", verbose_name=_("team"))

    class Meta:
        verbose_name = _("team of a reading list")
        verbose_name_plural = _("teams of reading lists")
        constraints = [models.UniqueConstraint(fields=["reading_list", "team"], name="reading_list_team_once")]
        triggers = audit.audited(part_of=("playbook_readinglist", "reading_list_id"))

    def __str__(self) -> str:
        return str(self.team)


class ReadingItem(models.Model):
    """A card on a list. Readings of `edition` or a later one count; it goes up when the keeper asks to read again."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="items")
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+", verbose_name=_("card"))
    position = models.PositiveSmallIntegerField(_("position"))
    edition = models.PositiveIntegerField(_("oldest edition that counts as read"), default=1)

    class Meta:
        verbose_name = _("card of a reading list")
        verbose_name_plural = _("cards of reading lists")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["reading_list", "card"], name="reading_item_once")]
        triggers = audit.audited(part_of=("playbook_readinglist", "reading_list_id"))

    def __str__(self) -> str:
        return str(self.card)


class Reading(models.Model):
    """That a person says to have read a card, in the edition that it had then."""

    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="readings", verbose_name=_("card"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edition = models.PositiveIntegerField(_("edition"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("reading of a card")
        verbose_name_plural = _("readings of cards")
        constraints = [models.UniqueConstraint(fields=["user", "card", "edition"], name="reading_once_an_edition")]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return f"{self.card} {self.edition}"
