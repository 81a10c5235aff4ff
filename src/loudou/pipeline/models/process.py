"""Sales processes: three to seven open stages each, with what must be true before a stage is left."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import ProductLine
from loudou.core import audit, kept
from loudou.core.models.base import Versioned, blank_text
from loudou.customers.choices import CustomerKind
from loudou.pipeline.choices import CriteriaMode, RequiredField

FEWEST_STAGES, MOST_STAGES = 3, 7


class Bilingual(models.Model):
    """Something an administrator names in both languages; the Chinese name may be left out."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = blank_text(_("Chinese name"), 120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language that is active."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class SalesProcess(Versioned, Bilingual):
    """A way of selling: an ordered set of three to seven open stages; won and lost are states, not stages."""

    description = models.TextField(_("description"), blank=True, default="")
    customer_kinds = ArrayField(
        models.CharField(max_length=12, choices=CustomerKind.choices),
        verbose_name=_("for kinds of customers"),
        default=list,
        blank=True,
    )
    product_line = models.ForeignKey(
        ProductLine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for product line"),
    )
    key_action = blank_text(_("key follow-up action"), 120)
    criteria_mode = models.CharField(
        _("unmet exit criteria"), max_length=5, choices=CriteriaMode.choices, default=CriteriaMode.WARN
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_default = models.BooleanField(_("used for new opportunities"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sales process")
        verbose_name_plural = _("sales processes")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="process_name_once",
                violation_error_message=_("There is already a sales process of this name."),
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                name="process_one_default",
                condition=Q(is_default=True),
                violation_error_message=_("Another process is already used for new opportunities."),
            ),
        ]
        triggers = [
            *audit.audited(),
            *kept.noted(),
            pgtrigger.Trigger(
                name="three_to_seven_stages",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="PERFORM loudou_check_stage_count(NEW.id); RETURN NULL;",
            ),
        ]


class StagesInUse(models.Manager["Stage"]):
    """Stages that opportunities may be in; those merged into another are left to the history that speaks of them."""

    def get_queryset(self) -> models.QuerySet[Stage]:
        """Leave out merged stages."""
        return super().get_queryset().filter(merged_into__isnull=True)


class Stage(Versioned, Bilingual):
    """One open stage of a process: how often it has led to a win, how long it should take, what it asks for.

    `Stage.objects` and `process.stages` hold the stages in use; a stage that was merged into another stays on record
    for the history (`Stage.with_merged`), because history is never rewritten.
    """

    process = models.ForeignKey(
        SalesProcess, on_delete=models.CASCADE, related_name="stages", verbose_name=_("sales process")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    prior_win_rate = models.DecimalField(
        _("prior win rate"),
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share between 0 and 1 that you expect to win from here; history replaces it in time."),
    )
    expected_days = models.PositiveSmallIntegerField(_("expected days"), default=14)
    required_fields = ArrayField(
        models.CharField(max_length=20, choices=RequiredField.choices),
        verbose_name=_("required fields"),
        default=list,
        blank=True,
    )
    colour = models.CharField(_("colour"), max_length=20, default="blue")
    is_folded = models.BooleanField(_("folded on the board"), default=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged into"),
    )

    objects: ClassVar[StagesInUse] = StagesInUse()
    with_merged: ClassVar[models.Manager[Stage]] = models.Manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["process", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "position"], name="stage_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="stage_win_rate_is_a_share",
                condition=Q(prior_win_rate__range=(0, 1)),
                violation_error_message=_("A win rate is a share between 0 and 1."),
            ),
        ]
        triggers = [
            *audit.audited(part_of=("pipeline_salesprocess", "process_id")),
            *kept.noted(),
            pgtrigger.Trigger(
                name="three_to_seven_stages",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                func="""
                    IF TG_OP <> 'INSERT' THEN PERFORM loudou_check_stage_count(OLD.process_id); END IF;
                    IF TG_OP <> 'DELETE' THEN PERFORM loudou_check_stage_count(NEW.process_id); END IF;
                    RETURN NULL;
                """,
            ),
        ]


# Put together from constants.
CREATE_STAGE_COUNT_FUNCTION = f"""
CREATE OR REPLACE FUNCTION loudou_check_stage_count(process bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stages integer;
BEGIN
    PERFORM 1 FROM pipeline_salesprocess WHERE id = process FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT count(*) INTO stages FROM pipeline_stage WHERE process_id = process AND merged_into_id IS NULL;
    IF stages NOT BETWEEN {FEWEST_STAGES} AND {MOST_STAGES} THEN
        RAISE EXCEPTION 'a sales process has {FEWEST_STAGES} to {MOST_STAGES} stages, not %', stages
            USING ERRCODE = 'check_violation', CONSTRAINT = 'process_three_to_seven_stages';
    END IF;
END
$$
"""  # noqa: S608


class StageCriterion(Bilingual):
    """A key action that should be done, with evidence, before an opportunity leaves the stage."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("stage"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    needs_evidence = models.BooleanField(_("asks for evidence"), default=True)

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        ordering = ["stage", "position", "pk"]
        triggers = audit.audited(part_of=("pipeline_stage", "stage_id"))


class CriterionCheck(models.Model):
    """That a criterion is met for an opportunity: who says so, when, and on what evidence."""

    opportunity = models.ForeignKey("pipeline.Opportunity", on_delete=models.CASCADE, related_name="criterion_checks")
    criterion = models.ForeignKey(StageCriterion, on_delete=models.CASCADE, related_name="checks")
    evidence = blank_text(_("evidence"), 500)
    met_at = models.DateTimeField(_("met"))
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("met criterion")
        verbose_name_plural = _("met criteria")
        constraints = [models.UniqueConstraint(fields=["opportunity", "criterion"], name="criterion_met_once")]
        triggers = audit.audited(part_of=("pipeline_opportunity", "opportunity_id"))

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.criterion}"
