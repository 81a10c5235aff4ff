"""Where a notification leads: addresses by code, so that they stay right when an address changes."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from loudou.people.choices import NotificationCode
from loudou.people.models import Notification

RECORDS: Mapping[NotificationCode, str] = {
    NotificationCode.CUSTOMER_GIVEN: "customers:customer",
    NotificationCode.OPPORTUNITY_GIVEN: "pipeline:opportunity",
    NotificationCode.HANDOVER_WAITS: "handover:handover",
    NotificationCode.IMPORT_DONE: "exchange:import",
    NotificationCode.IMPORT_PAUSED: "exchange:import",
    NotificationCode.IMPORT_FAILED: "exchange:import",
    NotificationCode.DISCOUNT_WAITS: "contracts:contract",
    NotificationCode.DISCOUNT_APPROVED: "contracts:contract",
    NotificationCode.DISCOUNT_REFUSED: "contracts:contract",
    NotificationCode.RELEASE_APPROVED: "customers:customer",
    NotificationCode.RELEASE_REFUSED: "customers:customer",
    NotificationCode.SUGGESTION_TAKEN: "playbook:card",
    NotificationCode.SUGGESTION_DECLINED: "playbook:card",
    NotificationCode.CUSTOMER_SHARED: "customers:customer",
}
"""URL name of the page of the record that a notification is about."""

LISTS: Mapping[NotificationCode, tuple[str, str]] = {
    NotificationCode.CUSTOMERS_GIVEN: ("customers:customer_list", "?owner={user}"),
    NotificationCode.OPPORTUNITIES_GIVEN: ("pipeline:list", "?owner={user}"),
    NotificationCode.CUSTOMERS_SHARED: ("customers:customer_list", ""),
}
"""URL name of a list and its filter, where one act was about several records."""

ICONS: Mapping[str, str] = {
    "customer": "building",
    "customers": "building",
    "opportunity": "filter",
    "opportunities": "filter",
    "handover": "users",
    "import": "file-import",
    "discount": "discount",
    "release": "package",
    "suggestion": "book",
}
"""Icon by the first word of the code."""


def address(notification: Notification) -> str:
    """Where the notification leads."""
    code = NotificationCode(notification.code)
    if code in LISTS:
        name, query = LISTS[code]
        return reverse(name) + query.format(user=notification.recipient_id)
    return reverse(RECORDS[code], args=[notification.record_id])


def icon(notification: Notification) -> str:
    """Name of the icon that says what kind of thing it is about."""
    return ICONS[notification.code.split("_")[0]]
