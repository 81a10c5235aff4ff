"""Customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import ChannelPlace, CustomerKind, LegalForm, SizeBand
from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.kinds.base import EXTERNAL_ID, NOTES, OWNER, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

V, R = ValueType, Reference

CUSTOMERS = Kind(
    ObjectKind.CUSTOMERS,
    (
        Target("name", _("Customer name"), sample="Huaxin Machinery Ltd.", required=True, length=255),
        Target("short_name", _("Short name"), sample="Huaxin", length=100),
        Target("aliases", _("Other names"), V.LIST),
        Target("legal_form", _("Legal form"), V.CHOICE, choices=LegalForm),
        Target("kind", _("Kind of customer"), V.CHOICE, choices=CustomerKind),
        Target("channel_place", _("Place in the channel"), V.CHOICE, choices=ChannelPlace),
        Target("credit_code", _("Unified social credit code"), length=18),
        Target("registration_number", _("Other registration number"), length=60),
        Target("industry", _("Industry"), sample="Machinery", length=120),
        Target("size_band", _("Size"), V.CHOICE, choices=SizeBand),
        Target("employees", _("Employees"), V.INTEGER, "320"),
        Target("annual_revenue", _("Annual revenue"), V.MONEY, "58000000"),
        Target("revenue_currency", _("Currency of the revenue"), V.CURRENCY, "CNY"),
        Target("expected_contribution", _("Expected yearly contribution"), V.NUMBER, "150000"),
        Target("founded_year", _("Founded"), V.INTEGER, "1998"),
        Target("country", _("Country"), sample="China", length=80),
        Target("province", _("Province"), sample="Jiangsu", length=80),
        Target("city", _("City"), sample="Suzhou", length=80),
        Target("address", _("Address"), length=255),
        Target("website", _("Website"), sample="https://www.example.com", length=255),
        Target("phones", _("Phones"), V.LIST, "0512-5550100"),
        Target("emails", _("Mails"), V.LIST, "office@example.com"),
        Target("parent", _("Parent company"), V.REFERENCE, reference=R.CUSTOMER),
        OWNER,
        Target("source", _("Source"), length=120),
        NOTES,
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "credit_code": _("Unified social credit code"),
        "name": _("Customer name"),
        "website": _("Domain of the website"),
        "phones": _("Phone"),
        "emails": _("Mail"),
    },
    creates_with="customers.add",
    changes_with="customers.change",
)
