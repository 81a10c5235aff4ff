"""Contacts, with the post they hold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import Channel
from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.kinds.base import CUSTOMER, EXTERNAL_ID, NOTES, OWNER, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

V, R = ValueType, Reference

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
        *CUSTOMER,
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
