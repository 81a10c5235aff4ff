"""Products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.kinds.base import EXTERNAL_ID, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

V, R = ValueType, Reference

PRODUCTS = Kind(
    ObjectKind.PRODUCTS,
    (
        Target("name", _("Product"), sample="Press P-200", required=True, length=200),
        Target("code", _("Product code"), sample="P-200", length=60),
        Target("line", _("Product line"), V.REFERENCE, "Presses", reference=R.PRODUCT_LINE),
        Target("unit", _("Unit"), sample="pc", length=20),
        Target("list_price", _("List price"), V.MONEY, "320000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("tax_rate", _("Tax rate"), V.SHARE, "13%"),
        Target("description", _("Description")),
        Target("is_active", _("On sale"), V.TRUTH),
        EXTERNAL_ID,
    ),
    {"external_id": _("Id in another system"), "code": _("Product code"), "name": _("Product")},
    creates_with="catalog.configure",
    changes_with="catalog.configure",
)
