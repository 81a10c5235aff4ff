"""What the simulation knows and no statistic may read: the answer to check a statistic against."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class TruthKind(models.TextChoices):
    """What a fact is about."""

    WORLD = "world", _("The whole simulation")
    REP = "rep", _("A sales rep")
    STAGE = "stage", _("A stage")
    EFFECT = "effect", _("What moves the chance of winning")
    SEASON = "season", _("The seasons")
    PAYER = "payer", _("How a customer pays")


class DemoTruth(models.Model):
    """One fact of the simulated world: a rep's real skill and win rate, a stage's real durations, the seasons.

    `about` is a natural key (a sign-in name, a stage's name), `object_id` the row it speaks of where there is one.
    Rates are shares between 0 and 1, durations are in calendar days.
    """

    kind = models.CharField(_("about what"), max_length=8, choices=TruthKind.choices)
    about = models.CharField(_("name"), max_length=200)
    object_id = models.BigIntegerField(_("record"), null=True)
    facts = models.JSONField(_("facts"))

    objects: ClassVar[models.Manager["DemoTruth"]] = models.Manager()

    class Meta:
        verbose_name = _("truth behind the demo")
        verbose_name_plural = _("truths behind the demo")
        ordering = ["kind", "about"]
        constraints = [models.UniqueConstraint(fields=["kind", "about"], name="demo_truth_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"
