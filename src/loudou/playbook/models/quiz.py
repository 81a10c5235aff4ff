"""Questions about cards, and attempts at answering them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.playbook.choices import QuestionKind
from loudou.playbook.models.card import Card
from loudou.playbook.models.reading import ReadingList
from loudou.playbook.words import said


class Question(Versioned):
    """Something to ask about a card. Its words are in its editions; `edition` is the number of the present one."""

    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="questions", verbose_name=_("card"))
    edition = models.PositiveIntegerField(_("edition"), default=1, editable=False)
    is_active = models.BooleanField(_("asked"), default=True)

    objects: ClassVar[models.Manager[Question]] = models.Manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["pk"]
        indexes = [models.Index(fields=["card"], condition=Q(is_active=True), name="question_asked")]
        triggers = audit.audited()

    def __str__(self) -> str:
        return f"{self.card} {self.pk}"


class QuestionEdition(models.Model):
    """The words of a question, never changed: an attempt keeps what was asked."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField(_("edition"))
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind.choices)
    text = blank_text(_("question in English"), 300)
    text_zh = blank_text(_("question in Chinese"), 300)

    class Meta:
        verbose_name = _("edition of a question")
        verbose_name_plural = _("editions of questions")
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_edition_once"),
            models.CheckConstraint(
                name="question_has_words",
                condition=~Q(text="") | ~Q(text_zh=""),
                violation_error_message=_("Write the question in at least one language."),
            ),
        ]
        triggers = [*audit.audited(part_of=("playbook_question", "question_id")),
                    *audit.append_only(blackens=("text", "text_zh"))]  # fmt: skip

    def __str__(self) -> str:
        return said(self.text, self.text_zh)


class Choice(models.Model):
    """A possible answer of an edition."""

    edition = models.ForeignKey(QuestionEdition, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(_("position"))
    text = blank_text(_("answer in English"), 200)
    text_zh = blank_text(_("answer in Chinese"), 200)
    is_right = models.BooleanField(_("right"))

    class Meta:
        verbose_name = _("possible answer")
        verbose_name_plural = _("possible answers")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["edition", "position"], name="choice_position_once")]
        triggers = audit.append_only(blackens=("text", "text_zh"))

    def __str__(self) -> str:
        return said(self.text, self.text_zh)


class AttemptQuerySet(ScopedQuerySet["Attempt"]):
    """Attempts: one's own; a lead's people's; all for who looks after or watches the company."""

    def within(self, reach: Reach) -> Q:
        """Be made by one of these people."""
        return Q(user_id__in=reach.user_ids)


class Attempt(models.Model):
    """That somebody began a quiz. What was drawn follows from `seed`; it is kept all the same, with its editions."""

    reading_list = models.ForeignKey(
        ReadingList, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("reading list")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    started_at = models.DateTimeField(_("begun"))
    seed = models.BigIntegerField(_("seed"))
    pass_mark = models.PositiveSmallIntegerField(_("pass mark in percent"))

    objects: ClassVar[AttemptQuerySet] = AttemptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("attempt at a quiz")
        verbose_name_plural = _("attempts at quizzes")
        ordering = ["pk"]
        indexes = [models.Index(fields=["user", "reading_list"], name="attempt_user_list")]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return str(self.reading_list)


class AttemptQuestion(models.Model):
    """A question of an attempt: which edition was asked, and its answers in the order in which they were shown."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="asked")
    position = models.PositiveSmallIntegerField(_("position"))
    edition = models.ForeignKey(QuestionEdition, on_delete=models.PROTECT, related_name="+")
    choice_ids = ArrayField(models.BigIntegerField(), verbose_name=_("answers in order"))

    class Meta:
        verbose_name = _("question of an attempt")
        verbose_name_plural = _("questions of attempts")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="attempt_position_once")]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return str(self.edition)


class AttemptAnswer(models.Model):
    """What was answered to a question of an attempt."""

    asked = models.OneToOneField(AttemptQuestion, on_delete=models.CASCADE, related_name="answer")
    choice_ids = ArrayField(models.BigIntegerField(), verbose_name=_("chosen answers"))
    is_right = models.BooleanField(_("right"))

    class Meta:
        verbose_name = _("given answer")
        verbose_name_plural = _("given answers")
        triggers = audit.append_only()

    def __str__(self) -> str:
        return str(self.is_right)


class AttemptResult(models.Model):
    """How an attempt ended: questions answered rightly, of how many; written once, when it is handed in."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="result")
    right = models.PositiveSmallIntegerField(_("right answers"))
    total = models.PositiveSmallIntegerField(_("questions"))
    is_passed = models.BooleanField(_("passed"))
    finished_at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("result of an attempt")
        verbose_name_plural = _("results of attempts")
        constraints = [
            models.CheckConstraint(name="attempt_right_of_total", condition=Q(right__lte=F("total"), total__gt=0))
        ]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return f"{self.right}/{self.total}"
