"""Kinds of belongings, and what becomes of plans and letters."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody may hold; `belongings` says of each how it is found and moved."""

    CUSTOMER = "customer", _("Customers")
    OPPORTUNITY = "opportunity", _("Open opportunities")
    CONTRACT = "contract", _("Contracts")
    CONTACT = "contact", _("Contacts")
    CUSTOMER_MEMBER = "customer_member", _("Work on colleagues' customers")
    OPPORTUNITY_MEMBER = "sale_member", _("Work on colleagues' opportunities")
    SAVED_VIEW = "saved_view", _("Shared views")


class HandoverPlanState(models.TextChoices):
    """What became of a prepared handover."""

    OPEN = "open", _("Being prepared")
    DONE = "done", _("Carried out")
    DROPPED = "dropped", _("Given up")


class SplitBy(models.TextChoices):
    """What several successors get equally much of."""

    COUNT = "count", _("Number of customers")
    AMOUNT = "amount", _("Open amount")


class LetterState(models.TextChoices):
    """What became of a letter to a customer."""

    DRAFT = "draft", _("To be copied")
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
