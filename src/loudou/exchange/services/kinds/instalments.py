"""Finding an instalment as people name it: by its number within the plan, or by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from loudou.contracts.models import Instalment
from loudou.exchange.values.texts import same


class PlansInForce:
    """The instalments in force of some contracts; one statement."""

    def __init__(self, contract_ids: Iterable[int]) -> None:
        ids = list(contract_ids)
        rows = Instalment.objects.in_force().filter(contract_id__in=ids) if ids else Instalment.objects.none()
        facts = list(rows.values_list("contract_id", "position", "name", "pk"))
        self._by_position = {(contract, str(position)): pk for contract, position, _name, pk in facts}
        often = Counter((contract, same(name)) for contract, _position, name, _pk in facts)
        self._by_name = {
            (contract, same(name)): pk for contract, _position, name, pk in facts if often[contract, same(name)] == 1
        }

    def find(self, contract_id: int, text: str) -> int | None:
        """The instalment of this number or name; None when there is none, or several have the name."""
        key = (contract_id, text.strip())
        return self._by_position.get(key, self._by_name.get((contract_id, same(text))))
