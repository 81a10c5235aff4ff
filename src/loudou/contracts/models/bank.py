"""Statements of our bank, whose lines a person turns into receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from loudou.contracts import balances
from loudou.contracts.choices import LineState
from loudou.contracts.guards import posted, starts_empty
from loudou.contracts.models.columns import balance, money
from loudou.contracts.models.receipt import Receipt
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.core.scoping import Reach, ScopedQuerySet


class StatementQuerySet(ScopedQuerySet["BankStatement"]):
    """Bank statements belong to nobody: whoever sees the books sees all of them."""

    def within(self, reach: Reach) -> Q:
        """None: a statement is not of any seller's customers."""
        return Q(pk__in=[])


class BankStatement(models.Model):
    """A file of movements on one of our accounts, as it was read in."""

    account = models.CharField(_("our account"), max_length=100)
    name = models.CharField(_("file"), max_length=255)
    currency = models.CharField(_("currency"), max_length=3)
    imported_at = models.DateTimeField(_("read in"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("read in by")
    )

    objects: ClassVar[StatementQuerySet] = StatementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering = ["-imported_at", "-pk"]
        triggers = audit.audited()

    def __str__(self) -> str:
        return f"{self.account} {self.name}"


class StatementLineQuerySet(ScopedQuerySet["StatementLine"]):
    """Movements on our accounts."""

    def within(self, reach: Reach) -> Q:
        """None: a movement is nobody's before it is a receipt."""
        return Q(pk__in=[])

    def to_match(self) -> Self:
        """Money that came in and was neither wholly posted nor dismissed."""
        return self.filter(state__in=(LineState.OPEN, LineState.PARTLY), amount__gt=0)


class StatementLine(models.Model):
    """One movement on our account; negative when money left. What the bank says never changes.

    `posted_amount` is the sum of the standing receipts made from it, kept by the database: it never exceeds the
    amount, so one transfer is never two receipts.
    """

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(_("our account"), max_length=100)
    position = models.PositiveIntegerField(_("row"))
    booked_on = models.DateField(_("booked"))
    amount = money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    payer = blank_text(_("payer"), 255)
    payer_account = blank_text(_("payer's account"), 100)
    remittance = blank_text(_("remittance information"), 1000)
    reference = blank_text(_("bank reference"), 100)
    identity = models.CharField(max_length=120, editable=False)
    posted_amount = balance(_("posted"))
    is_dismissed = models.BooleanField(_("dismissed"), default=False, editable=False)
    dismissal = blank_text(_("reason for dismissing"), 255)
    state = models.GeneratedField(
        verbose_name=_("state"),
        expression=Case(
            When(Q(posted_amount__gt=0) & Q(posted_amount=F("amount")), then=Value(LineState.POSTED)),
            When(is_dismissed=True, then=Value(LineState.DISMISSED)),
            When(posted_amount__gt=0, then=Value(LineState.PARTLY)),
            default=Value(LineState.OPEN),
        ),
        output_field=models.CharField(max_length=9, choices=LineState.choices),
        db_persist=True,
    )

    objects: ClassVar[StatementLineQuerySet] = StatementLineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        ordering = ["-booked_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "identity"],
                name="statement_line_once",
                violation_error_message=_("This movement was already read in."),
            ),
            models.CheckConstraint(name="statement_line_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="posted_within_statement_line",
                condition=Q(posted_amount=0) | Q(posted_amount__gt=0, posted_amount__lte=F("amount")),
                violation_error_message=_("More would be posted than the bank line brought."),
            ),
            models.CheckConstraint(
                name="statement_line_dismissed_unposted",
                condition=Q(is_dismissed=False) | Q(posted_amount__lt=F("amount")),
            ),
        ]
        indexes = [
            models.Index(fields=["statement", "position"], name="statement_line_statement"),
            models.Index(
                fields=["-booked_on", "-id"],
                condition=Q(state__in=(LineState.OPEN, LineState.PARTLY), amount__gt=0),
                name="statement_line_open",
            ),
        ]
        triggers = [
            *posted(
                "line of a bank statement",
                balances=("posted_amount",),
                generated=("state",),
                changing={"is_dismissed": "true", "dismissal": "true"},
            ),
            starts_empty(posted_amount="0"),
            *audit.audited(exclude=("posted_amount", "state")),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount:f} {self.currency} {self.payer}"

    @property
    def state_label(self) -> str:
        """What people call the state; a column that the database computes has no display of its own."""
        return str(LineState(self.state).label)

    @property
    def to_post(self) -> Decimal:
        """What is not a receipt yet."""
        left: Decimal = self.amount - self.posted_amount
        return max(left, Decimal(0))


class StatementPosting(models.Model):
    """That a bank line became a receipt, or is the money of a bill that was honoured."""

    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="postings")
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="statement_posting")
    amount = money(_("amount"))
    at = models.DateTimeField(_("confirmed"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )

    class Meta:
        verbose_name = _("posting of a bank line")
        verbose_name_plural = _("postings of bank lines")
        ordering = ["pk"]
        triggers = [*posted("posting of a bank line"), *audit.audited(), *balances.statement_postings()]

    def __str__(self) -> str:
        return f"{self.line} → {self.receipt}"
