"""Kinds, states and acts of contracts, and which state follows which."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ContractKind(models.TextChoices):
    """What is sold; decides which clauses a draft starts with."""

    GOODS = "goods", _("Order for goods")
    SERVICES = "services", _("Service contract")
    PROJECT = "project", _("Project contract")


class ContractState(models.TextChoices):
    """Where a contract stands in its life."""

    DRAFT = "draft", _("Draft")
    OFFERED = "offered", _("Offered")
    SIGNED = "signed", pgettext_lazy("contract", "Signed")
    IN_PERFORMANCE = "performing", _("In performance")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Terminated")
    WITHDRAWN = "withdrawn", _("Not concluded")


MOVES: Mapping[str, frozenset[str]] = {
    ContractState.DRAFT: frozenset({ContractState.OFFERED, ContractState.WITHDRAWN}),
    ContractState.OFFERED: frozenset({ContractState.DRAFT, ContractState.SIGNED, ContractState.WITHDRAWN}),
    ContractState.SIGNED: frozenset({ContractState.IN_PERFORMANCE, ContractState.COMPLETED, ContractState.TERMINATED}),
    ContractState.IN_PERFORMANCE: frozenset({ContractState.COMPLETED, ContractState.TERMINATED}),
    ContractState.COMPLETED: frozenset({ContractState.IN_PERFORMANCE}),
    ContractState.TERMINATED: frozenset(),
    ContractState.WITHDRAWN: frozenset(),
}
"""Which states may follow a state; the database refuses every other move. A completed contract goes back into
performance when goods are returned or money is refunded."""

BEFORE_SIGNING = (ContractState.DRAFT, ContractState.OFFERED)
RUNNING = (ContractState.SIGNED, ContractState.IN_PERFORMANCE)


class VersionState(models.TextChoices):
    """Where one version of a contract stands."""

    DRAFT = "draft", _("Draft")
    OFFERED = "offered", _("Offered")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Replaced by a later version")
    WITHDRAWN = "withdrawn", _("Not concluded")


OPEN_VERSION = (VersionState.DRAFT, VersionState.OFFERED)


class Party(models.TextChoices):
    """Which side acts."""

    US = "us", _("Us")
    CUSTOMER = "customer", _("The customer")


class ActKind(models.TextChoices):
    """What was done with a contract; each act is kept for ever."""

    OFFERED = "offered", _("Offered")
    COUNTERED = "countered", _("Answered with a counter-offer")
    TAKEN_BACK = "taken_back", _("Offer taken back")
    DECLINED = "declined", _("Offer declined")
    SIGNED = "signed", _("Accepted and signed")
    PERFORMANCE_BEGAN = "began", _("Performance began")
    AMENDMENT_DRAFTED = "amendment", _("Amendment drafted")
    AMENDMENT_OFFERED = "amendment_offered", _("Amendment offered")
    AMENDMENT_TAKEN_BACK = "amendment_back", _("Amendment taken back")
    AMENDMENT_DROPPED = "amendment_dropped", _("Amendment not concluded")
    AMENDED = "amended", _("Amendment accepted")
    COMPLETED = "completed", _("Completed")
    RESUMED = "resumed", _("Back in performance")
    TERMINATED = "terminated", _("Terminated")


class ClauseKey(models.TextChoices):
    """What a clause regulates. Main clauses must be there before a contract is signed (`is_main` of the template)."""

    PARTIES = "parties", _("Parties")
    SUBJECT = "subject", _("Subject matter")
    QUANTITY = "quantity", _("Quantity and quality")
    PRICE = "price", _("Price or fee")
    PAYMENT = "payment", _("Payment")
    PERFORMANCE = "performance", _("Term, place and manner of performance")
    ACCEPTANCE = "acceptance", _("Acceptance")
    WARRANTY = "warranty", _("Warranty")
    BREACH = "breach", _("Liability for breach and settlement of disputes")
    CONFIDENTIALITY = "confidentiality", _("Confidentiality")
    INTELLECTUAL_PROPERTY = "intellectual", _("Intellectual property")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    FINAL = "final", _("Final provisions")
    OTHER = "other", _("Other")


class FileKind(models.TextChoices):
    """What a document kept with a contract is."""

    SIGNED_SCAN = "signed", _("Signed contract")
    OFFER = "offer", _("Offer")
    ACCEPTANCE = "acceptance", _("Acceptance of an offer")
    DELIVERY_NOTE = "delivery", _("Delivery note")
    ACCEPTANCE_RECORD = "accepted", _("Acceptance record")
    OTHER = "other", _("Other")


class DeliveryKind(models.TextChoices):
    """Whether goods or services went to the customer or came back."""

    DELIVERY = "delivery", _("Delivery")
    RETURN = "return", _("Return")


class AcceptanceOutcome(models.TextChoices):
    """What the customer said of a delivery; the latest answer counts."""

    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Not accepted")


class ApprovalOutcome(models.TextChoices):
    """How a request for an approval was decided."""

    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    DROPPED = "dropped", _("Taken back")


class DocumentKind(models.TextChoices):
    """Documents that bear a number of ours."""

    CONTRACT = "contract", _("Contract")
    DELIVERY = "delivery", _("Delivery")
    INVOICE = "invoice", _("Invoice")
    RECEIPT = "receipt", _("Receipt")
    REFUND = "refund", _("Refund")


class NumberReset(models.TextChoices):
    """When a series of numbers starts again from the beginning."""

    NEVER = "never", _("Never")
    YEARLY = "yearly", _("Every year")
    MONTHLY = "monthly", _("Every month")


class NumberedAt(models.TextChoices):
    """When a contract gets its number."""

    DRAFT = "draft", _("When it is drafted")
    SIGNING = "signing", _("When it is signed")


class PlanState(models.TextChoices):
    """Where a payment plan is in its life."""

    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    REPLACED = "replaced", _("Replaced")


class DueBasis(models.TextChoices):
    """What makes an instalment due: a day of the calendar, or something that happens."""

    DATE = "date", _("On a date")
    SIGNING = "signing", _("On signing")
    FIRST_DELIVERY = "first_delivery", _("On the first delivery")
    DELIVERY = "delivery", _("On complete delivery")
    ACCEPTANCE = "acceptance", _("On acceptance")
    INVOICE = "invoice", _("On the first invoice")


ON_TERMS = frozenset({DueBasis.FIRST_DELIVERY, DueBasis.DELIVERY, DueBasis.ACCEPTANCE, DueBasis.INVOICE})
"""Events after which a customer has its payment days. A deposit on signing is due at once."""


class ReceiptKind(models.TextChoices):
    """In what form the customer paid."""

    TRANSFER = "transfer", _("Bank transfer")
    BILL = "bill", _("Bill of exchange")
    CASH = "cash", _("Cash")
    ASSET = "asset", _("Asset settlement")


class BillStep(models.TextChoices):
    """What became of a bill of exchange; the first three turn it into money."""

    HONOURED = "honoured", _("Honoured")
    DISCOUNTED = "discounted", _("Discounted at a bank")
    ENDORSED = "endorsed", _("Endorsed to somebody else")
    DISHONOURED = "dishonoured", _("Dishonoured")


BECAME_MONEY = (BillStep.HONOURED, BillStep.DISCOUNTED, BillStep.ENDORSED)


class AllocationCause(models.TextChoices):
    """Why money was put on an instalment, or taken off it."""

    AUTOMATIC = "automatic", _("Oldest due first")
    MANUAL = "manual", _("By hand")
    REPLANNED = "replanned", _("The payment plan was replaced")
    REVERSED = "reversed", _("The receipt was reversed")
    REFUNDED = "refunded", _("The money was refunded")


class InvoiceKind(models.TextChoices):
    """Which of the two VAT invoices it is."""

    SPECIAL = "special", _("Special VAT invoice")
    ORDINARY = "ordinary", _("Ordinary VAT invoice")


class LineState(models.TextChoices):
    """What became of a line of a bank statement."""

    OPEN = "open", _("To be matched")
    PARTLY = "partly", _("Partly posted")
    POSTED = "posted", _("Posted")
    DISMISSED = "dismissed", _("Dismissed")
