"""What a caller hands over to create customers and contacts: plain values, checked by the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from loudou.customers.choices import CustomerKind, LegalForm


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """A customer to be created.

    `owner_id` None means whoever acts; `unowned` leaves it without an owner (needs `customers.assign`), as does
    naming another owner. `annual_revenue` is in `revenue_currency`, `expected_contribution` in the base currency.
    """

    name: str
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    legal_form: str = LegalForm.COMPANY
    kind: str = CustomerKind.END_USER
    channel_place: str = ""
    credit_code: str = ""
    registration_number: str = ""
    industry: str = ""
    size_band: str = ""
    employees: int | None = None
    annual_revenue: Decimal | None = None
    revenue_currency: str = ""
    expected_contribution: Decimal | None = None
    founded_year: int | None = None
    country: str = ""
    province: str = ""
    city: str = ""
    address: str = ""
    website: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    parent_id: int | None = None
    source: str = ""
    notes: str = ""
    external_id: str = ""
    owner_id: int | None = None
    unowned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDraft:
    """A post of a contact at a customer."""

    customer_id: int
    title: str = ""
    department: str = ""
    started_on: dt.date | None = None
    ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A contact to be created, with the first post if the person works somewhere.

    `owner_id` None means whoever acts; naming somebody else needs `customers.assign`. `despite_erasure` says why a
    person who was erased is recorded again (needs `privacy.answer`).
    """

    name: str
    salutation: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    wechat: str = ""
    preferred_channel: str = ""
    do_not_call: bool = False
    do_not_mail: bool = False
    do_not_message: bool = False
    birthday: dt.date | None = None
    wants_festival_greetings: bool = False
    notes: str = ""
    external_id: str = ""
    owner_id: int | None = None
    post: PostDraft | None = None
    despite_erasure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDraft:
    """Who fills one role for one product line: a known customer, or just a name."""

    line_id: int
    role: str
    party_id: int | None = None
    party_name: str = ""
