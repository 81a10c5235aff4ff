"""Nouns of customers."""

from loudou.customers.models.contact import Contact, Post
from loudou.customers.models.customer import Customer, CustomerMember, LineParty, OwnerChange
from loudou.customers.models.evidence import Evidence, PhaseChange, StandingEvidence
from loudou.customers.models.file import CustomerFile
from loudou.customers.models.forgotten import ForgottenIdentity
from loudou.customers.models.hold import HoldChange, ReleaseUse, SupplyRelease
from loudou.customers.models.rules import CustomerRules
from loudou.customers.models.segment import Segment

__all__ = [
    "Contact",
    "Customer",
    "CustomerFile",
    "CustomerMember",
    "CustomerRules",
    "Evidence",
    "ForgottenIdentity",
    "HoldChange",
    "LineParty",
    "OwnerChange",
    "PhaseChange",
    "Post",
    "ReleaseUse",
    "Segment",
    "StandingEvidence",
    "SupplyRelease",
]
