"""The targets of each kind, with the keys by which a known record is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import Channel, ChannelPlace, CustomerKind, LegalForm, SizeBand
from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.target import Reference, Target, ValueType
from loudou.people.choices import Language, Role
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility

V, R = ValueType, Reference
OWNER = Target("owner", _("Owner"), V.REFERENCE, "Li Wei", reference=R.USER)
EXTERNAL_ID = Target("external_id", _("Id in another system"), sample="A-1001", length=100)
NOTES = Target("notes", _("Notes"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What rows can be: targets, keys in the order in which they are tried, and the permissions asked for."""

    code: ObjectKind
    targets: tuple[Target, ...]
    keys: Mapping[str, str | Promise]
    creates_with: str
    changes_with: str
    _by_code: dict[str, Target] = field(default_factory=dict, repr=False, compare=False)

    def target(self, code: str) -> Target:
        """The target with this code. Raises KeyError."""
        if not self._by_code:
            self._by_code.update({target.code: target for target in self.targets})
        return self._by_code[code]

    def has(self, code: str) -> bool:
        """Whether there is a target with this code."""
        return any(target.code == code for target in self.targets)


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

CONTACTS = Kind(
    ObjectKind.CONTACTS,
    (
        Target("name", _("Name"), sample="Wang Fang", required=True, length=150),
        Target("first_name", _("First name"), length=80),
        Target("last_name", _("Last name"), length=80),
        Target("salutation", _("Salutation"), sample="Ms", length=40),
        Target("phones", _("Phones"), V.LIST, "13800000000"),
        Target("emails", _("Mails"), V.LIST, "wang.fang@example.com"),
        Target("wechat", _("WeChat"), length=60),
        Target("preferred_channel", _("Prefers"), V.CHOICE, choices=Channel),
        Target("do_not_call", _("Do not call"), V.TRUTH),
        Target("do_not_mail", _("Do not mail"), V.TRUTH),
        Target("do_not_message", _("Do not message"), V.TRUTH),
        Target("birthday", _("Birthday"), V.DATE),
        Target("wants_festival_greetings", _("Send festival greetings"), V.TRUTH),
        Target("customer", _("Customer"), V.REFERENCE, "Huaxin Machinery Ltd.", reference=R.CUSTOMER),
        Target("customer_key", _("Customer: id in another system"), V.REFERENCE, reference=R.CUSTOMER_KEY),
        Target("customer_domain", _("Customer: domain of the website"), V.REFERENCE, reference=R.CUSTOMER_DOMAIN),
        Target("title", _("Position"), sample="Purchasing manager", length=120),
        Target("department", _("Department"), sample="Purchasing", length=120),
        Target("started_on", _("In the post since"), V.DATE),
        Target("ended_on", _("In the post until"), V.DATE),
        OWNER,
        NOTES,
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "emails": _("Mail"),
        "phones": _("Phone"),
        "name_at_customer": _("Name and customer"),
    },
    creates_with="customers.add",
    changes_with="customers.change",
)

OPPORTUNITIES = Kind(
    ObjectKind.OPPORTUNITIES,
    (
        Target("subject", _("Subject"), sample="Two presses for the new hall", length=255),
        Target("customer", _("Customer"), V.REFERENCE, "Huaxin Machinery Ltd.", reference=R.CUSTOMER),
        Target("customer_key", _("Customer: id in another system"), V.REFERENCE, reference=R.CUSTOMER_KEY),
        Target("customer_domain", _("Customer: domain of the website"), V.REFERENCE, reference=R.CUSTOMER_DOMAIN),
        Target("contacts", _("Contacts (name or mail)"), V.REFERENCES, reference=R.CONTACT),
        Target("process", _("Sales process"), V.REFERENCE, reference=R.PROCESS),
        Target("stage", _("Stage or outcome"), V.REFERENCE, "Proposal submitted", reference=R.STAGE),
        Target("state", _("State"), V.CHOICE, choices=State),
        Target("amount", _("Amount"), V.MONEY, "680000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("product", _("Product"), V.REFERENCE, reference=R.PRODUCT),
        Target("quantity", _("Quantity"), V.NUMBER),
        Target("unit_price", _("Price"), V.MONEY),
        Target("discount_rate", _("Discount"), V.SHARE),
        Target("opened_on", _("Opened"), V.DATE, "2026-01-15"),
        Target("expected_on", _("Expected signing date"), V.DATE, "2026-06-30"),
        Target("closed_on", _("Closing date (expected while open)"), V.DATE),
        Target("probability", _("Rep's probability"), V.SHARE, "40%"),
        OWNER,
        Target("members", _("Team members"), V.REFERENCES, reference=R.USER),
        Target("source", _("Source"), sample="Trade fair", length=120),
        Target("priority", _("Priority"), V.CHOICE, choices=Priority),
        Target("likelihood", _("Likelihood"), V.CHOICE, choices=Likelihood),
        Target("visibility", _("Need"), V.CHOICE, choices=Visibility),
        Target("budget_confirmed_on", _("Purchasing power confirmed"), V.DATE),
        Target("reach_kind", _("Reach"), V.CHOICE, choices=ReachKind),
        Target("purchase_kind", _("Kind of purchase"), V.CHOICE, choices=PurchaseKind),
        Target("competitors", _("Competitors"), V.REFERENCES, reference=R.COMPETITOR),
        Target("next_step", _("Next step"), length=255),
        Target("next_step_on", _("Next step due"), V.DATE),
        Target("loss_reason", _("Loss reason"), V.REFERENCE, reference=R.LOSS_REASON),
        Target("lost_to", _("Lost to"), V.REFERENCE, reference=R.COMPETITOR),
        Target("close_note", _("Note on the outcome"), length=500),
        Target("contract_reference", _("Contract number"), length=100),
        NOTES,
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "subject_of_customer": _("Subject and customer"),
        "contract_reference": _("Contract number"),
    },
    creates_with="pipeline.add",
    changes_with="pipeline.change",
)

PRODUCTS = Kind(
    ObjectKind.PRODUCTS,
    (
        Target("name", _("Product"), sample="Press P-200", required=True, length=200),
        Target("code", _("Product code"), sample="P-200", length=60),
        Target("line", _("Product line"), V.REFERENCE, "Presses", reference=R.PRODUCT_LINE),
        Target("unit", _("Unit"), sample="pc", length=20),
        Target("list_price", _("List price"), V.MONEY, "320000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("description", _("Description")),
        Target("is_active", _("On sale"), V.TRUTH),
        EXTERNAL_ID,
    ),
    {"external_id": _("Id in another system"), "code": _("Product code"), "name": _("Product")},
    creates_with="catalog.configure",
    changes_with="catalog.configure",
)

USERS = Kind(
    ObjectKind.USERS,
    (
        Target("name", _("Name"), sample="Li Wei", required=True, length=150),
        Target("username", _("Sign-in name"), sample="li.wei", length=150),
        Target("email", _("Mail"), sample="li.wei@example.com"),
        Target("phone", _("Phone"), length=40),
        Target("title", _("Job title"), sample="Sales engineer", length=100),
        Target("role", _("Role"), V.CHOICE, choices=Role),
        Target("language", _("Language"), V.CHOICE, choices=Language),
        Target("team", _("Team"), V.TEXT, "East", length=120),
        Target("parent_team", _("Part of team"), V.TEXT, length=120),
        Target("manager", _("Manager, who leads the team"), V.TEXT, length=150),
        Target("is_lead", _("Leads the team"), V.TRUTH),
        Target("started_on", _("In the team since"), V.DATE),
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "username": _("Sign-in name"),
        "email": _("Mail"),
        "name": _("Name"),
    },
    creates_with="people.manage",
    changes_with="people.manage",
)

KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (CUSTOMERS, CONTACTS, OPPORTUNITIES, PRODUCTS, USERS)}
