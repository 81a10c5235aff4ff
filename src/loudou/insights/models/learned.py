"""What history taught about a stage and a process; recomputed, never edited."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import kept
from loudou.pipeline.models import SalesProcess, Stage


class Learned(models.Model):
    """Win rate and time from history, as of a moment; empty figures mean that history is too short.

    Rates are shares between 0 and 1 with a 90 % interval; `undecided` is the share still open at `horizon_days`, the
    age at which the rate is read. `sample` opportunities were observed, `won` and `lost` of them decided.
    """

    as_of = models.DateTimeField(_("as of"))
    sample = models.PositiveIntegerField(_("opportunities observed"))
    won = models.PositiveIntegerField(_("won"))
    lost = models.PositiveIntegerField(_("lost"))
    win_rate = models.FloatField(_("learned win rate"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    undecided = models.FloatField(_("still undecided"), null=True)
    horizon_days = models.PositiveIntegerField(null=True)
    median_days = models.PositiveIntegerField(_("median days"), null=True)
    p80_days = models.PositiveIntegerField(_("80th percentile of days"), null=True)
    stays = models.PositiveIntegerField(_("stays observed"))
    stays_finished = models.PositiveIntegerField(_("stays finished"))

    class Meta:
        abstract = True


class LearnedStage(Learned):
    """From first entering a stage: how often it led to a win; how long opportunities stay in it."""

    stage = models.OneToOneField(Stage, on_delete=models.CASCADE, related_name="learned")

    class Meta:
        verbose_name = _("learned stage")
        verbose_name_plural = _("learned stages")
        triggers = kept.noted()

    def __str__(self) -> str:
        return f"{self.stage} {self.win_rate}"


class LearnedProcess(Learned):
    """From opening: how often an opportunity of the process is won; the sales cycle, from opening to either close."""

    process = models.OneToOneField(SalesProcess, on_delete=models.CASCADE, related_name="learned")

    class Meta:
        verbose_name = _("learned process")
        verbose_name_plural = _("learned processes")
        triggers = kept.noted()

    def __str__(self) -> str:
        return f"{self.process} {self.win_rate}"
