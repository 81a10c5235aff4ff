"""Product lines of opportunities: one for each row that names a product, priced by what the file says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.catalog.models import Product
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.services.references import Context
from loudou.pipeline.services.drafts import LineDraft

_PRICE_PLACES = Decimal("0.0001")
_ROUNDING = Decimal("0.01")


def price_lines(context: Context, batch: Sequence[Parsed]) -> None:
    """Put the lines of each record on its first row (`lines`), with the name of the first product."""
    named = {part.values["product"] for head in batch for part in head.parts if "product" in part.values}
    products = Product.objects.in_bulk(named) if named else {}
    for head in batch:
        for part in head.parts:
            if "product" in part.values:
                product = products[part.values["product"]]
                head.values.setdefault("lines", []).append(_line(context, head, part, product))
                head.values.setdefault("product_name", product.name)
            elif named and any("product" in other.values for other in head.parts):
                label = context.parser.kind.target("product").label
                part.problems.append(_("%(field)s is missing.") % {"field": label})
        if len(head.parts) > 1 and not head.problems:
            _compare_with_amount(head)


def _line(context: Context, head: Parsed, part: Parsed, product: Product) -> LineDraft:
    """One line; without a price it is the line's or (alone) the sale's amount by quantity, else the list price."""
    values, facts = part.values, head.values
    quantity, discount = values.get("quantity", Decimal(1)), values.get("discount_rate", Decimal(0))
    price, currency = money(part, "unit_price")
    if price is None:
        amount, currency = money(part, "line_amount")
        if amount is None and len(head.parts) == 1:
            amount = facts.get("amount")
        if amount is not None and quantity > 0:
            price, discount = (amount / quantity).quantize(_PRICE_PLACES), Decimal(0)
    if price is None and product.list_price is not None:
        price = product.list_price
        facts.setdefault("currency", product.currency)
        if facts["currency"] != product.currency:
            part.problems.append(
                _("The list price of %(product)s is in %(currency)s. Say the amount or the price.")
                % {"product": product.name, "currency": product.currency}
            )
    facts.setdefault("currency", currency or context.parser.currency)
    return LineDraft(product.pk, quantity, price or Decimal(0), discount)


def _compare_with_amount(head: Parsed) -> None:
    """Refuse rows whose amount of the sale is not what their lines make: one of the two is wrong."""
    lines: list[LineDraft] = head.values.get("lines", [])
    amount = head.values.get("amount")
    if amount is None or not lines:
        return
    made = sum((line.quantity * line.unit_price * (1 - line.discount_rate) for line in lines), Decimal(0))
    if abs(made - amount) > _ROUNDING * len(lines):
        head.problems.append(
            _("The lines make %(made)s, but the amount is %(amount)s. Skip the amount, or correct one of them.")
            % {"made": f"{made.quantize(_ROUNDING)}", "amount": f"{amount:f}"}
        )
