"""What the navigation, the "+ New" menu and the palette offer: one declaration, shown by the user's permissions."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from loudou.people.models import User


@functools.lru_cache(maxsize=256)
def address_of(url_name: str, urlconf: str, prefix: str) -> str:
    """Address of a URL name, '' when this installation has no such page; each page asks for thirty of them."""
    try:
        return reverse(url_name, urlconf=urlconf)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Item:
    """A place to go to: label, URL name, icon, and the permission that shows it."""

    label: str | Promise
    url_name: str
    permission: str
    icon: str = ""

    @property
    def url(self) -> str:
        """Address, '' when this installation has no such page."""
        return address_of(self.url_name, settings.ROOT_URLCONF, get_script_prefix())


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading that folds; it lies open for those whose daily work it is, told by a permission."""

    key: str
    label: str | Promise
    icon: str
    items: tuple[Item, ...] = field(default=())
    unfolded_for: str = ""


NAVIGATION: tuple[Item | Group, ...] = (
    Item(_("Today"), "home:today", "home.view", icon="sun"),
    Item(_("Pipeline"), "pipeline:list", "pipeline.view", icon="filter"),
    Item(_("Customers"), "customers:customer_list", "customers.view", icon="building"),
    Item(_("Contacts"), "customers:contact_list", "customers.view", icon="address-book"),
    Item(_("Segments"), "customers:segment_list", "customers.view", icon="target"),
    Item(_("Customer funnel"), "customers:funnel", "customers.view", icon="chart-funnel"),
    Item(_("Products"), "customers:product_list", "catalog.view", icon="package"),
    Item(_("Playbook"), "playbook:card_list", "playbook.view", icon="book"),
    Item(_("Contracts"), "contracts:list", "contracts.view", icon="file-text"),
    Group(
        "money",
        pgettext_lazy("navigation", "Money"),
        "coins",
        (
            Item(_("Open instalments"), "ledger:instalment_list", "contracts.view"),
            Item(_("Receipts"), "ledger:receipt_list", "contracts.view"),
            Item(_("Invoices"), "ledger:invoice_list", "contracts.view"),
            Item(_("Bank statements"), "ledger:bank", "contracts.post_receipt"),
            Item(_("Contract statistics"), "ledger:statistics", "contracts.view"),
            Item(_("Discounts to approve"), "contracts:approvals", "contracts.approve"),
            Item(_("Releases to approve"), "customers:releases", "customers.approve_release"),
        ),
        unfolded_for="contracts.post_receipt",
    ),
    Item(_("Import"), "exchange:import_list", "exchange.import", icon="file-import"),
    Group(
        "settings",
        _("Settings"),
        "settings",
        (
            Item(_("Company"), "people:company", "company.view"),
            Item(_("Exchange rates"), "people:rates", "company.view"),
            Item(_("Users"), "people:user_list", "people.view"),
            Item(_("Teams"), "people:team_list", "people.view"),
            Item(_("Roles"), "people:roles", "people.view"),
            Item(_("Handovers"), "handover:list", "people.view"),
            Item(_("Phases and entitlements"), "customers:rules", "customers.configure"),
            Item(_("Sales processes"), "pipeline:process_list", "pipeline.configure"),
            Item(_("Competitors"), "pipeline:competitor_list", "pipeline.view"),
            Item(_("Contracts: clauses and numbers"), "contracts:settings", "contracts.configure"),
            Item(_("Payment plan templates"), "ledger:plan_template_list", "contracts.configure"),
            Item(_("Audit"), "people:audit", "audit.view"),
            Item(_("Exports"), "exchange:export_list", "audit.view"),
            Item(_("Personal data"), "privacy:request_list", "privacy.view"),
        ),
    ),
)

NEW: tuple[Item, ...] = (
    Item(_("New opportunity"), "pipeline:add", "pipeline.add", icon="filter-plus"),
    Item(_("New customer"), "customers:customer_add", "customers.add", icon="building-plus"),
    Item(_("New contract"), "contracts:add", "contracts.draft", icon="file-plus"),
    Item(_("New contact"), "customers:contact_add", "customers.add", icon="user-plus"),
    Item(_("New product"), "customers:product_add", "catalog.configure", icon="package"),
    Item(_("New card of the playbook"), "playbook:card_add", "playbook.keep", icon="book"),
    Item(_("Import a file"), "exchange:import_add", "exchange.import", icon="file-import"),
    Item(_("New user"), "people:user_add", "people.manage", icon="user-shield"),
)

PLACES: tuple[Item, ...] = (
    Item(_("Board"), "pipeline:board", "pipeline.view", icon="layout-kanban"),
    Item(_("Funnel"), "pipeline:funnel", "pipeline.view", icon="filter"),
    Item(_("Calendar"), "pipeline:calendar", "pipeline.view", icon="calendar"),
    Item(_("Forecast"), "pipeline:forecast", "pipeline.view", icon="chart-bar"),
    Item(_("Distribution"), "pipeline:distribution", "pipeline.view", icon="chart-dots"),
    Item(_("My reading list"), "playbook:reading", "playbook.view", icon="book"),
    Item(_("Reading lists"), "playbook:reading_lists", "playbook.keep", icon="book"),
    Item(_("My profile"), "people:profile", "people.own", icon="user"),
    Item(_("Notifications"), "people:notifications", "people.own", icon="bell"),
    Item(_("My exports"), "exchange:own_exports", "people.own", icon="file-export"),
    Item(_("About Loudou"), "home:about", "home.view", icon="info-circle"),
)
"""Places that the palette knows besides the navigation."""


def usable(items: Iterable[Item], user: User) -> Iterator[Item]:
    """Items that the user may use and this installation has."""
    return allowed(items, user.permissions)


def allowed(items: Iterable[Item], permissions: frozenset[str]) -> Iterator[Item]:
    """Items for these permissions that this installation has."""
    return (item for item in items if item.permission in permissions and item.url)


def everywhere(user: User) -> Iterator[Item]:
    """Every place that the user may go to, for the palette."""
    for entry in NAVIGATION:
        yield from usable(entry.items if isinstance(entry, Group) else (entry,), user)
    yield from usable(PLACES, user)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the navigation as drawn for one user on one page."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool
    children: tuple[Shown, ...] = ()
    key: str = ""
    is_unfolded: bool = False


@functools.lru_cache(maxsize=256)
def _reachable(
    permissions: frozenset[str], urlconf: str, prefix: str
) -> tuple[tuple[Item | Group, tuple[tuple[Item, str], ...]], ...]:
    """The entries for these permissions, each with its items and their addresses; entries without any are left out."""
    reachable = []
    for entry in NAVIGATION:
        items = entry.items if isinstance(entry, Group) else (entry,)
        found = tuple((item, item.url) for item in items if item.permission in permissions and item.url)
        if found:
            reachable.append((entry, found))
    return tuple(reachable)


def current_address(permissions: frozenset[str], path: str, section: str = "") -> str:
    """Address of the entry that a page belongs to: the one named by `section` (a URL name), else the one above it."""
    entries = _reachable(permissions, settings.ROOT_URLCONF, get_script_prefix())
    places = [place for _entry, found in entries for place in found]
    named = next((url for item, url in places if item.url_name == section), "")
    above = (url for _item, url in places if path.startswith(url) and (url != "/" or path == "/"))
    return named or max(above, key=len, default="")


def navigation_at(permissions: frozenset[str], current: str) -> list[Shown]:
    """The navigation of somebody with these permissions, with one entry marked as the current one."""
    entries: list[Shown] = []
    for entry, found in _reachable(permissions, settings.ROOT_URLCONF, get_script_prefix()):
        shown = tuple(Shown(item.label, item.icon, url, url == current) for item, url in found)
        if isinstance(entry, Group):
            is_current = any(child.is_current for child in shown)
            is_unfolded = is_current or entry.unfolded_for in permissions
            entries.append(Shown(entry.label, entry.icon, "", is_current, shown, entry.key, is_unfolded))
        else:
            entries.extend(shown)
    return entries
