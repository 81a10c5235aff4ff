"""What readers make of cards: that they used them, whether they helped, and what should be corrected."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.playbook.choices import SuggestionState
from loudou.playbook.models.card import Card


class CardUse(models.Model):
    """That a person opened a card on a day: counted, never listed by person."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="uses", verbose_name=_("card"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    on = models.DateField(_("day"))

    class Meta:
        verbose_name = _("use of a card")
        verbose_name_plural = _("uses of cards")
        constraints = [models.UniqueConstraint(fields=["card", "user", "on"], name="card_use_once_a_day")]

    def __str__(self) -> str:
        return f"{self.card} {self.on}"


class CardVote(models.Model):
    """Whether a card helped a person; they may change their mind."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="votes", verbose_name=_("card"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_useful = models.BooleanField(_("useful"))
    edition = models.PositiveIntegerField(_("edition"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("vote on a card")
        verbose_name_plural = _("votes on cards")
        constraints = [models.UniqueConstraint(fields=["card", "user"], name="card_vote_once")]
        triggers = audit.audited(part_of=("playbook_card", "card_id"))

    def __str__(self) -> str:
        return f"{self.card}: {self.is_useful}"


class CardSuggestion(Versioned):
    """What somebody who works with a card would change, and what the keeper answered."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="suggestions", verbose_name=_("card"))
    text = models.CharField(_("suggestion"), max_length=1000)
    edition = models.PositiveIntegerField(_("edition"))
    suggested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("suggested by")
    )
    suggested_at = models.DateTimeField(_("suggested"))
    state = models.CharField(
        _("state"), max_length=8, choices=SuggestionState.choices, default=SuggestionState.OPEN, editable=False
    )
    answer = blank_text(_("answer"), 500)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    decided_at = models.DateTimeField(_("answered"), null=True, editable=False)

    objects: ClassVar[models.Manager[CardSuggestion]] = models.Manager()

    class Meta:
        verbose_name = _("suggested correction")
        verbose_name_plural = _("suggested corrections")
        ordering = ["suggested_at", "pk"]
        indexes = [
            models.Index(fields=["card"], condition=models.Q(state="open"), name="card_suggestion_open"),
        ]
        triggers = audit.audited(part_of=("playbook_card", "card_id"))

    def __str__(self) -> str:
        return self.text
