"""Writing the lines of a draft: a full set replaces what was there, and each line is priced and rounded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.catalog.models import Product
from loudou.contracts.choices import ContractKind
from loudou.contracts.errors import AmendmentUndercuts, LineOfOtherContract
from loudou.contracts.models import Contract, ContractLine, ContractVersion, LineTerms
from loudou.contracts.selectors.taxes import usual_rate
from loudou.contracts.services import pricing
from loudou.contracts.services.drafts import LineDraft
from loudou.contracts.services.opening import save_totals
from loudou.contracts.services.plans_in_force import fit_draft
from loudou.core.bulk import clean_row
from loudou.core.refusals import InvalidInput
from loudou.pipeline.services import references

MOST_LINES = 1000


def write_lines(contract: Contract, version: ContractVersion, drafts: Sequence[LineDraft]) -> list[LineTerms]:
    """Replace the lines of a draft version and bring its totals in step.

    Lines that continue one of the contract keep it; those that no version speaks of any more go.
    Raises InvalidInput (at `lines`), LineOfOtherContract, ListedTwice.
    """
    if len(drafts) > MOST_LINES:
        raise InvalidInput({"lines": [_("A contract has at most %(most)s lines.") % {"most": MOST_LINES}]})
    products = Product.objects.in_bulk({draft.product_id for draft in drafts if draft.product_id is not None})
    present = {line.pk: line for line in ContractLine.objects.filter(contract=contract)}
    continued = [draft.line_id for draft in drafts if draft.line_id is not None]
    references.refuse_twice(continued)
    if set(continued) - set(present):
        raise LineOfOtherContract(contract=str(contract))
    next_number = max((line.number for line in present.values()), default=0) + 1
    rates = _rates(contract, version, drafts, products)
    rows = []
    for position, draft in enumerate(drafts, start=1):
        line = present.get(draft.line_id or 0)
        if line is None:
            line, next_number = ContractLine(contract=contract, number=next_number), next_number + 1
        rows.append(_terms(contract, version, line, draft, rates[position - 1], position=position, products=products))
    totals = pricing.total(rows)
    LineTerms.objects.filter(version=version).delete()
    ContractLine.objects.filter(contract=contract, terms__isnull=True).exclude(pk__in=continued).delete()
    ContractLine.objects.bulk_create([row.line for row in rows if row.line.pk is None])
    for row in rows:
        row.line_id = row.line.pk
    LineTerms.objects.bulk_create(rows)
    version.net_amount, version.tax_amount, version.amount = totals.net, totals.tax, totals.gross
    save_totals(contract, version)
    fit_draft(contract)
    return rows


def reprice(contract: Contract, version: ContractVersion) -> None:
    """Work out all amounts anew, after the currency changed or whether prices include tax."""
    rows = list(version.terms.all())
    for row in rows:
        pricing.price(row, tax_included=contract.tax_included, currency=contract.currency)
    LineTerms.objects.bulk_update(rows, ["net_amount", "tax_amount", "amount"])
    totals = pricing.total(rows)
    version.net_amount, version.tax_amount, version.amount = totals.net, totals.tax, totals.gross
    save_totals(contract, version)
    fit_draft(contract)


def refuse_undercut(contract: Contract, version: ContractVersion) -> None:
    """Refuse an amendment that holds less than what was delivered or invoiced. Raises AmendmentUndercuts."""
    agreed = {terms.line_id: terms for terms in version.terms.all()}
    zero = Decimal(0)
    for line in ContractLine.objects.filter(contract=contract):
        terms = agreed.get(line.pk)
        quantity, amount = (terms.quantity, terms.amount) if terms else (zero, zero)
        if quantity < line.delivered or amount < max(line.delivered_amount, line.invoiced_amount):
            raise AmendmentUndercuts(
                line=line.number,
                quantity=f"{quantity.normalize():f}",
                amount=f"{amount:.2f}",
                delivered=f"{line.delivered.normalize():f}",
                delivered_amount=f"{line.delivered_amount:.2f}",
                invoiced=f"{line.invoiced_amount:.2f}",
            )


def _rates(
    contract: Contract, version: ContractVersion, drafts: Sequence[LineDraft], products: Mapping[int, Product]
) -> list[Decimal]:
    """The tax rate of each line: the one given, that of the line it continues, or else the usual one."""
    unsaid = [draft for draft in drafts if draft.tax_rate is None]
    if not unsaid:
        return [draft.tax_rate or Decimal(0) for draft in drafts]
    continued = [draft.line_id for draft in unsaid if draft.line_id is not None]
    told = LineTerms.objects.filter(version=version, line_id__in=continued).values_list("line_id", "tax_rate")
    kept: Mapping[int | None, Decimal] = dict(told) if continued else {}
    usual = usual_rate(ContractKind(contract.kind), currency=contract.currency)

    def rate(draft: LineDraft) -> Decimal:
        if draft.tax_rate is not None:
            return draft.tax_rate
        product = products.get(draft.product_id or 0)
        return kept[draft.line_id] if draft.line_id in kept else usual.of(product)

    return [rate(draft) for draft in drafts]


def _terms(
    contract: Contract,
    version: ContractVersion,
    line: ContractLine,
    draft: LineDraft,
    tax_rate: Decimal,
    *,
    position: int,
    products: Mapping[int, Product],
) -> LineTerms:
    product = products.get(draft.product_id) if draft.product_id is not None else None
    if draft.product_id is not None and product is None:
        raise references.missing("lines")
    list_price = draft.list_price
    if list_price is None and product is not None and product.currency == contract.currency:
        list_price = product.list_price
    row = LineTerms(
        version=version,
        line=line,
        position=position,
        product=product,
        description=draft.description.strip() or (product.name if product else ""),
        specification=draft.specification.strip(),
        unit=draft.unit.strip() or (product.unit if product else ""),
        quantity=draft.quantity,
        list_price=list_price,
        unit_price=draft.unit_price,
        discount_rate=draft.discount_rate,
        tax_rate=tax_rate,
        due_on=draft.due_on,
    )
    _check(row, position)
    pricing.price(row, tax_included=contract.tax_included, currency=contract.currency)
    return row


def _check(row: LineTerms, position: int) -> None:
    """Refuse a line that the columns or constraints would not take, and say which one it is."""
    row.net_amount = row.tax_amount = row.amount = Decimal(0)
    refusal = clean_row(row)
    sentences = [sentence for found in refusal.errors.values() for sentence in found] if refusal else []
    if not sentences and row.quantity <= 0:
        sentences = [_("The quantity must be greater than zero.")]
    if not sentences and row.unit_price < 0:
        sentences = [_("The price cannot be negative.")]
    if sentences:
        raise InvalidInput(
            {"lines": [_("Line %(position)s: %(sentence)s") % {"position": position, "sentence": " ".join(sentences)}]}
        )
