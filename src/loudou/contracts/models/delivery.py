"""What went to the customer, what came back, and what the customer said of it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import AcceptanceOutcome, DeliveryKind
from loudou.contracts.models.attachment import ContractFile
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.contracts.models.line import ContractLine
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.customers.models import Contact


class DeliveryQuerySet(PartQuerySet["Delivery"]):
    """Deliveries and returns."""


class Delivery(models.Model):
    """Goods that went to the customer or services performed on a day, or what came back of them. Posted for ever.

    A return is an entry of its own with negative quantities that names the delivery it takes back.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="deliveries")
    number = models.CharField(_("delivery number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=DeliveryKind.choices, default=DeliveryKind.DELIVERY)
    returns = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="returned_by", verbose_name=_("takes back")
    )
    on = models.DateField(_("delivered"))
    place = blank_text(_("place"), 255)
    carrier = blank_text(_("carrier and consignment number"), 255)
    reason = blank_text(_("reason for the return"), 500)
    note = blank_text(_("note"), 1000)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    document = models.ForeignKey(
        ContractFile, on_delete=models.PROTECT, null=True, related_name="deliveries", verbose_name=_("document")
    )
    key = blank_text(_("key"), 200, editable=False)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(_("posted"))

    objects: ClassVar[DeliveryQuerySet] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="delivery_number_once",
                violation_error_message=_("Another delivery has this number."),
            ),
            models.UniqueConstraint(fields=["key"], name="delivery_key_once", condition=~Q(key="")),
            models.CheckConstraint(
                name="return_names_its_delivery",
                condition=Q(kind=DeliveryKind.DELIVERY, returns__isnull=True, amount__gte=0)
                | Q(kind=DeliveryKind.RETURN, returns__isnull=False, amount__lte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "on", "id"], name="delivery_contract"),
            models.Index(fields=["on", "id"], name="delivery_day"),
        ]
        triggers = [
            *audit.audited(),
            *audit.append_only(),
            pgtrigger.Trigger(
                name="delivery_needs_supply",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="PERFORM loudou_check_supply(NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.number


# Checked when the transaction ends, because the use of a release names the delivery that it lets through.
CREATE_CHECK_SUPPLY = """
CREATE OR REPLACE FUNCTION loudou_check_supply(posted bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held timestamptz;
BEGIN
    SELECT customer.held_since INTO held
        FROM contracts_delivery delivery JOIN contracts_contract contract ON contract.id = delivery.contract_id
        JOIN customers_customer customer ON customer.id = contract.customer_id
        WHERE delivery.id = posted AND delivery.kind = 'delivery' FOR SHARE OF customer;
    IF held IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM customers_releaseuse WHERE subject_model = 'contracts.delivery' AND subject_id = posted
    ) THEN
        RAISE EXCEPTION 'nothing is delivered to a customer on supply hold without a release'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_needs_supply';
    END IF;
END
$$
"""


class DeliveryLine(models.Model):
    """How much of a contract line was delivered (positive) or came back (negative), and what it is worth with tax.

    Each posting moves the figures of the contract line (`ContractLine.delivered`), whose checks refuse to deliver more
    than was ordered or to take back more than was delivered, however many post at once.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(ContractLine, on_delete=models.PROTECT, related_name="deliveries")
    returns = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="returned_by")
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("line of a delivery")
        verbose_name_plural = _("lines of deliveries")
        ordering = ["delivery", "line__number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "line"], name="delivery_line_once"),
            models.CheckConstraint(
                name="delivery_line_sign",
                condition=Q(returns__isnull=True, quantity__gt=0, amount__gte=0)
                | Q(returns__isnull=False, quantity__lt=0, amount__lte=0),
            ),
        ]
        triggers = [
            *audit.audited(),
            *audit.append_only(),
            pgtrigger.Trigger(
                name="post_delivery",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="PERFORM loudou_post_delivery(NEW.id); RETURN NULL;",
            ),
            # Taking an import back removes lines all at once, so that only what is left must fit the order.
            pgtrigger.Trigger(
                name="take_delivery_back",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="entries"),
                func="""
                UPDATE contracts_contractline line
                SET delivered = line.delivered - gone.quantity, delivered_amount = line.delivered_amount - gone.amount
                FROM (
                    SELECT line_id, sum(quantity) AS quantity, sum(amount) AS amount FROM entries GROUP BY line_id
                ) gone
                WHERE line.id = gone.line_id;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.quantity.normalize():f}"


CREATE_POST_DELIVERY = """
CREATE OR REPLACE FUNCTION loudou_post_delivery(posted bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    entry record;
    origin record;
    returned numeric;
BEGIN
    SELECT d.*, h.contract_id, h.returns_id AS returned_delivery_id, c.state INTO entry
        FROM contracts_deliveryline d
        JOIN contracts_delivery h ON h.id = d.delivery_id JOIN contracts_contract c ON c.id = h.contract_id
        WHERE d.id = posted FOR SHARE OF c;
    IF entry.returned_delivery_id IS NULL AND entry.state NOT IN ('signed', 'performing') THEN
        RAISE EXCEPTION 'nothing is delivered against a contract that is %', entry.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_needs_running_contract';
    END IF;
    UPDATE contracts_contractline
        SET delivered = delivered + entry.quantity, delivered_amount = delivered_amount + entry.amount
        WHERE id = entry.line_id AND contract_id = entry.contract_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a delivery has lines of its own contract only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_line_of_contract';
    END IF;
    IF (entry.returns_id IS NULL) <> (entry.returned_delivery_id IS NULL) THEN
        RAISE EXCEPTION 'the lines of a return name the lines they take back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'return_names_its_line';
    END IF;
    IF entry.returns_id IS NOT NULL THEN
        SELECT * INTO origin FROM contracts_deliveryline WHERE id = entry.returns_id;
        SELECT sum(quantity) INTO returned FROM contracts_deliveryline WHERE returns_id = entry.returns_id;
        IF origin.line_id <> entry.line_id OR origin.delivery_id <> entry.returned_delivery_id
            OR origin.returns_id IS NOT NULL OR origin.quantity + returned < 0 THEN
            RAISE EXCEPTION 'no more comes back than the delivery brought'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'returned_within_delivered';
        END IF;
    END IF;
END
$$
"""


class AcceptanceQuerySet(models.QuerySet["DeliveryAcceptance"]):
    """Answers of customers about deliveries."""


class DeliveryAcceptance(models.Model):
    """What the customer said of a delivery on a day; the latest answer counts. Never edited."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="acceptances")
    outcome = models.CharField(_("answer"), max_length=8, choices=AcceptanceOutcome.choices)
    on = models.DateField(_("date"))
    person = blank_text(_("person"), 120)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(ContractFile, on_delete=models.PROTECT, null=True, related_name="acceptances")
    note = blank_text(_("note"), 1000)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects: ClassVar[AcceptanceQuerySet] = AcceptanceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("acceptance of a delivery")
        verbose_name_plural = _("acceptances of deliveries")
        ordering = ["id"]
        triggers = [*audit.audited(), *audit.append_only()]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.get_outcome_display()}"
