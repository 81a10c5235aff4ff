"""Finding an instalment as people name it: by its number within the plan, or by its name in either language."""

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
        facts = list(rows.values_list("contract_id", "position", "name", "name_zh", "pk"))
        self._by_position = {(contract, str(position)): pk for contract, position, *_names, pk in facts}
        named = [
            ((contract, name), pk)
            for contract, _position, *names, pk in facts
            for name in {same(each) for each in names if each}
        ]
        often = Counter(key for key, _pk in named)
        self._by_name = {key: pk for key, pk in named if often[key] == 1}

    def find(self, contract_id: int, text: str) -> int | None:
        """The instalment of this number or name; None when there is none, or several have the name."""
        key = (contract_id, text.strip())
        return self._by_position.get(key, self._by_name.get((contract_id, same(text))))
