"""Kinds of customers and ways to reach people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    """What the customer is to us."""

    END_USER = "end_user", _("End user")
    DEALER = "dealer", _("Dealer or distributor")
    AGENT = "agent", _("Agent")
    CONTRACTOR = "contractor", _("General contractor")
    OWNER = "owner", _("Owner or designer")


class LegalForm(models.TextChoices):
    """Whether the customer is a company or persons."""

    COMPANY = "company", _("Company")
    PERSON = "person", _("Household or person")


class ChannelPlace(models.TextChoices):
    """Where the customer stands between the maker and the user."""

    MAKER = "maker", _("Maker")
    WHOLESALER = "wholesaler", _("Wholesaler")
    RETAILER = "retailer", _("Retailer")
    END_USER = "end_user", _("End user")


class SizeBand(models.TextChoices):
    """Number of employees."""

    MICRO = "micro", _("1-9 people")
    SMALL = "small", _("10-49 people")
    MEDIUM = "medium", _("50-249 people")
    LARGE = "large", _("250-999 people")
    HUGE = "huge", _("1,000 people and more")


class LineRole(models.TextChoices):
    """What a party does for one product line at a customer."""

    PAYS = "pays", _("Pays")
    DECIDES = "decides", _("Decides")
    BENEFITS = "benefits", _("Benefits")


class Channel(models.TextChoices):
    """How a person likes to be reached."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("Mail")
    MESSAGE = "message", _("Message")
    VISIT = "visit", _("Visit")


class OwnerChangeCause(models.TextChoices):
    """Why a customer or opportunity changed hands."""

    CREATED = "created", _("Created")
    ASSIGNED = "assigned", _("Assigned")
    IMPORTED = "imported", _("Imported")
    HANDOVER = "handover", _("Handed over")


class DuplicateReason(models.TextChoices):
    """Why a customer may be the same as another, the strongest sign first."""

    CREDIT_CODE = "credit_code", _("Same unified social credit code")
    NAME = "name", _("Same name")
    WEBSITE = "website", _("Same website")
    PHONE = "phone", _("Same phone")


class Phase(models.IntegerChoices):
    """Where a customer stands in the funnel. Derived from evidence, never typed; a higher number is further down."""

    OUTSIDE = 0, _("Outside the target market")
    TARGET_MARKET = 1, _("Target market")
    PROSPECT = 2, _("Prospect")
    TARGET = 3, _("Target customer")
    SIGNED = 4, _("Signed")
    QUALIFIED = 5, _("Qualified (paid on terms)")

    @property
    def code(self) -> str:
        """The name in addresses, files and the API, such as 'target_market'."""
        return self.name.lower()


FUNNEL = tuple(phase for phase in Phase if phase is not Phase.OUTSIDE)
"""The five phases, in order."""


class EvidenceKind(models.TextChoices):
    """What a record about a customer proves while it holds; `customers.phases` says what follows from it."""

    SEGMENT_MATCH = "segment_match", _("Matches a target segment")
    NEED_VERIFIED = "need_verified", _("Need verified")
    INTENT = "intent", _("Intent stated, purchasing power confirmed")
    CONTRACT_SIGNED = "contract_signed", _("Contract signed")
    FIRST_INSTALMENT_RECEIVED = "first_instalment_received", _("First instalment received in full")
    INSTALMENT = "instalment", _("Instalment")
    REFUNDED = "refunded", _("Refunded")


class PhaseCause(models.TextChoices):
    """What made a phase change."""

    EVIDENCE = "evidence", _("New evidence")
    TIME = "time", _("A day came")
    RULES = "rules", _("The company's rules changed")
    RECOUNT = "recount", _("Recounted from the evidence")


class HoldSource(models.TextChoices):
    """Who put a customer on supply hold; each lifts only its own."""

    PERSON = "person", _("A colleague")
    CREDIT = "credit", _("Credit control")
    DUNNING = "dunning", _("Dunning")


class ReleaseState(models.TextChoices):
    """What became of the request for an exception from a supply hold."""

    REQUESTED = "requested", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ENDED = "ended", _("Ended early")


class NeedSource(models.TextChoices):
    """How somebody learned that the need is there."""

    VISIT = "visit", _("Visit")
    CALL = "call", _("Call")
    MAIL = "mail", _("Mail or message")
    DOCUMENT = "document", _("Document, such as a tender")
    OTHER = "other", _("Otherwise")


class IdentityKind(models.TextChoices):
    """What a person is known by, and nobody else."""

    PHONE = "phone", _("Phone")
    MAIL = "mail", _("Mail")
    WECHAT = "wechat", _("WeChat")
    EXTERNAL_ID = "external_id", _("Id in another system")
