"""Setting the tax rates that lines of contracts start with."""

from __future__ import annotations

from decimal import Decimal

from loudou.contracts.choices import ContractKind
from loudou.contracts.models import TaxRate
from loudou.core.actors import Actor
from loudou.core.verbs import check_version, service, validate


@service("contracts.configure")
def set_tax_rate(
    actor: Actor, *, contract_kind: ContractKind, rate: Decimal | None, version: int | None = None
) -> TaxRate | None:
    """Set the rate (a share of 0 to 1) that new lines of a kind start with; None goes back to the usual one.

    Lines that are there keep theirs. Raises StaleWrite, InvalidInput.
    """
    row = TaxRate.objects.select_for_update(no_key=True).filter(contract_kind=contract_kind).first()
    if row is not None:
        check_version(row, version)
    if rate is None:
        if row is not None:
            row.delete()
        return None
    if row is None:
        row = TaxRate(contract_kind=contract_kind, rate=rate)
        validate(row)
        row.save(force_insert=True)
        return row
    row.rate = rate
    validate(row)
    row.save_changes("rate")
    return row
