"""What the product tells a person."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core.actors import Actor
from loudou.people.choices import NotificationCode
from loudou.people.notices import sentence


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications: each is seen by its recipient alone, whatever anybody's role."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep what was told to the actor."""
        return self.none() if actor.pk is None else self.filter(recipient_id=actor.pk)

    def unread(self) -> Self:
        """Not looked at yet."""
        return self.filter(read_at=None)


class Notification(models.Model):
    """One thing that somebody else, or a worker in the background, did and that concerns the recipient.

    Kept as a code and its facts; `record_id` is the record it leads to. The sentence is made when it is shown, in the
    language of whoever reads it.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    code = models.CharField(max_length=30, choices=NotificationCode.choices)
    facts = models.JSONField(_("facts"), default=dict)
    record_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read"), null=True)

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "-at", "-id"], name="notification_latest"),
            models.Index(fields=["recipient"], name="notification_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return sentence(NotificationCode(self.code), {**self.facts, "actor": str(self.actor or _("Loudou"))})
