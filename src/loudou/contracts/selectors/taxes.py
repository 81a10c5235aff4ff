"""The tax rate that a line of a contract starts with when nobody says another.

The product's own rate, else the company's for the kind of contract, else the one that is usual in China where the
company keeps its books in yuan, else none. Contracts in a foreign currency start without tax, as exports do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from loudou.catalog.models import Product
from loudou.contracts.choices import ContractKind
from loudou.contracts.models import TaxRate
from loudou.core.rates import company

CHINA: Mapping[ContractKind, Decimal] = {
    ContractKind.GOODS: Decimal("0.13"),
    ContractKind.SERVICES: Decimal("0.06"),
    ContractKind.PROJECT: Decimal("0.09"),
}
"""Value-added tax of general taxpayers since April 2019 (财政部 税务总局 海关总署公告2019年第39号): goods, services,
construction."""


@dataclass(frozen=True, slots=True)
class UsualRate:
    """The tax rate of a kind of contract, a share of 0 to 1; `own` is the company's setting, if it has one."""

    kind: ContractKind
    rate: Decimal
    own: TaxRate | None = None
    is_foreign: bool = False

    def of(self, product: Product | None) -> Decimal:
        """The rate of a line with a product, or without one."""
        if product is None or product.tax_rate is None or self.is_foreign:
            return self.rate
        return product.tax_rate


def usual_rates() -> list[UsualRate]:
    """The rate of each kind of contract in the company's currency; two statements at most."""
    own = {row.contract_kind: row for row in TaxRate.objects.all()}
    shipped = CHINA if company().base_currency == "CNY" else {}
    return [
        UsualRate(kind, own[kind].rate if kind in own else shipped.get(kind, Decimal(0)), own.get(kind))
        for kind in ContractKind
    ]


def usual_rate(kind: ContractKind, *, currency: str) -> UsualRate:
    """The rate that lines of a contract of a kind, in a currency, start with."""
    if currency != company().base_currency:
        return UsualRate(kind, Decimal(0), is_foreign=True)
    return next(row for row in usual_rates() if row.kind == kind)
