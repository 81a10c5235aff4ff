"""The company's settings. Its base currency and rates revalue opportunities: see `pipeline.services.rates`."""

from __future__ import annotations

import zoneinfo
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.models import Company
from loudou.core.rates import company
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate


class CompanyFacts(TypedDict, total=False):
    """The company's settings."""

    name: str
    time_zone: str
    fiscal_year_start_month: int
    require_second_factor: bool
    credit_code: str
    address: str
    phone: str
    representative: str
    bank_name: str
    bank_account: str


@service("company.configure")
def update_company(actor: Actor, *, version: int | None = None, **changes: Unpack[CompanyFacts]) -> Company:
    """Change the company's settings. Raises StaleWrite, InvalidInput."""
    ours = lock(Company.objects.all(), company().pk)
    check_version(ours, version)
    if "time_zone" in changes and changes["time_zone"] not in zoneinfo.available_timezones():
        raise InvalidInput({"time_zone": [_("There is no such time zone.")]})
    written = [field for field, value in changes.items() if getattr(ours, field) != value]
    for field in written:
        setattr(ours, field, changes[field])  # type: ignore[literal-required]
    if written:
        validate(ours)
        ours.save_changes(*written)
    return ours
