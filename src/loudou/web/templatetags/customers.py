"""Tags of the customers' pages: regions, phones, wishes of contacts, parties, states of sales."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from loudou.customers.models import Contact, Customer, LineParty
from loudou.customers.registration import website_host
from loudou.pipeline.choices import State
from loudou.web.frame.columns import EMPTY
from loudou.web.templatetags.loudou import badge

register = template.Library()

_MOBILE = re.compile(r"1\d{10}")
_STATE_COLOURS = {State.WON: "green", State.LOST: "red", State.DROPPED: "secondary", State.ON_HOLD: "yellow"}

register.filter("host", website_host)


@register.simple_tag
def region(customer: Customer) -> str:
    """Country, province and city, a city that is its own province once."""
    city = "" if customer.city == customer.province else customer.city
    return " · ".join(filter(None, (customer.country, customer.province, city)))


@register.filter
def phone(number: str) -> str:
    """A phone number in groups, as people read it."""
    if _MOBILE.fullmatch(number):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    main, _sign, extension = number.partition("x")
    if extension.isdecimal() and main.lstrip("+").isdecimal():
        return _("%(number)s ext. %(extension)s") % {"number": main, "extension": extension}
    return number


@register.filter
def dialled(number: str) -> str:
    """What a phone dials: digits and a leading +."""
    return re.sub(r"(?!^\+)[^\d]", "", number.partition("x")[0])


@register.simple_tag
def do_not(contact: Contact) -> SafeString | str:
    """How a person does not want to be reached, as a badge; '' when everything is welcome."""
    ways = (
        (contact.do_not_call, _("Do not call")),
        (contact.do_not_mail, _("Do not mail")),
        (contact.do_not_message, _("Do not message")),
    )
    said = [words for is_set, words in ways if is_set]
    return badge(", ".join(said), "orange", icon="ban") if said else ""


@register.simple_tag
def party(row: LineParty | str, customer: Customer) -> SafeString:
    """Who fills a role: the customer itself, another customer, or a name; templates pass '' for an empty role."""
    if isinstance(row, str) or not row:
        return EMPTY
    if row.party_id == customer.pk:
        return format_html("{}", _("the customer itself"))
    if row.party is not None:
        return format_html(
            '<a href="{}" data-panel>{}</a>', reverse("customers:customer", args=[row.party_id]), row.party.name
        )
    return format_html("{}", row.party_name)


@register.simple_tag
def sale_state(sale: Any) -> SafeString:
    """The stage of an open opportunity, or how it ended."""
    if sale.state == State.OPEN:
        return badge(sale.stage.label, "blue")
    return badge(sale.get_state_display(), _STATE_COLOURS[State(sale.state)])
