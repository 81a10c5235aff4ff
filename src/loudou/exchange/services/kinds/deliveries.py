"""Deliveries and returns, against the lines of contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from loudou.contracts.models import Contract, Delivery, LineTerms
from loudou.contracts.selectors.deliveries import returnable
from loudou.contracts.services.bringing_deliveries import (
    PastDelivery,
    PastReturn,
    bring_deliveries,
    take_back_deliveries,
)
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, DeliveryLineDraft, ReturnDraft
from loudou.core.bulk import Outcome
from loudou.core.refusals import InvalidInput
from loudou.exchange.models import ImportRow
from loudou.exchange.services.kinds.base import Made, Writer
from loudou.exchange.services.kinds.repeats import occurrences, same_facts
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.services.parties import contracts_named
from loudou.exchange.values.texts import same

ONE_OF_MANY = 100
"""The latest deliveries of a contract that are looked through for one that a return without a name fits."""

FACTS = (
    "contract", "delivered_on", "line", "quantity", "accepted_on", "accepted_by", "takes_back", "place", "carrier",
    "note",
)  # fmt: skip
"""What makes two deliveries without a number the same one."""

Names = dict[int, list[tuple[int, str]]]
"""Of each contract the names of its lines: number, product, description."""


class DeliveryWriter(Writer):
    """Posts deliveries and returns through the services of contracts, in the order of their days."""

    model = Delivery
    takes_back = "takes_back"
    batch = 100

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Tell deliveries from returns, and find the lines of the contracts that rows name."""
        names = _names_of_lines(contracts_named(self.context.actor, batch))
        repeats = occurrences(self.context.parser.job.pk, [head.row.number for head in batch])
        for head in batch:
            values = head.values
            amounts = [part.values.get("quantity") for part in head.parts]
            signs = {amount < 0 for amount in amounts if amount is not None}
            values["is_return"] = "takes_back" in values or True in signs
            if len(signs) > 1 and "takes_back" not in values:
                head.problems.append(_("What goes out and what comes back are entries of their own."))
            if values["is_return"] and "accepted_on" in values:
                head.problems.append(_("What comes back is not accepted."))
            for part, amount in zip(head.parts, amounts, strict=True):
                self._find_line(part, names.get(values.get("contract", 0), []), alone=len(head.parts) == 1)
                part.values["moved"] = None if amount is None else abs(amount)
            if not head.text("number"):
                values["same_delivery"] = same_facts(values, FACTS, nth=repeats.get(head.row.number, 1))

    def _find_line(self, part: Parsed, names: list[tuple[int, str]], *, alone: bool) -> None:
        if not names:  # not signed, or not known: whoever posts it says so
            return
        named, labels = part.text("line"), self.labels()
        lines = {pk for pk, _name in names}
        found = {pk for pk, name in names if same(name) == same(named)} if named else lines
        if len(found) == 1 and ("quantity" in part.values or not alone or named):
            part.values["line_id"] = next(iter(found))
        elif named and "contract" in part.values:
            part.problems.append(
                _("%(field)s: the contract has no line “%(name)s”, or several.")
                % {"field": labels["line"], "name": named}
            )
        elif "contract" in part.values and ("quantity" in part.values or not alone):
            part.problems.append(_("%(field)s is missing.") % {"field": labels["line"]})
        if "line_id" in part.values and "quantity" not in part.values:
            part.problems.append(_("%(field)s is missing.") % {"field": labels["quantity"]})

    @classmethod
    def key_codes(cls, key: str) -> frozenset[str]:
        """Deliveries without a number stand alone."""
        return frozenset() if key == "same_delivery" else frozenset({key})

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By number, or by all that the row says."""
        column = "key" if key == "same_delivery" else key
        rows = self.visible().filter(**{f"{column}__in": [parsed.text(key) for parsed in batch]})
        return [(text, pk) for pk, text in rows.exclude(**{column: ""}).values_list("pk", column)]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Post them as they happened: of one day, first what went out, then what came back."""
        in_time = sorted(
            batch, key=lambda head: (head.values["delivered_on"], head.values["is_return"], head.row.number)
        )
        outcomes = {head.row.number: self._post(head) for head in in_time}
        return [outcomes[head.row.number] for head in batch]

    def _post(self, head: Parsed) -> Outcome[Any]:
        if not head.values["is_return"]:
            return bring_deliveries(self.context.actor, [self._delivery(head)], at=self.context.at)[0]
        number = head.text("takes_back")
        origin = self._origin(head, number)
        if origin is None and self.was_tried(number):
            return Outcome(row=Delivery())
        if origin is None and not number and self.waits_for_run(head, "contract"):
            return Outcome(row=Delivery())
        if origin is None:
            return Outcome(refusal=InvalidInput({"takes_back": [_no_origin(number)]}))
        back = ReturnDraft(
            head.values["delivered_on"],
            head.text("note") or _("Brought along by an import"),
            lines=_lines(head),
            number=head.text("number") or self._number(head),
            key=head.text("same_delivery"),
        )
        return bring_deliveries(self.context.actor, [PastReturn(origin, back)], at=self.context.at)[0]

    def _delivery(self, head: Parsed) -> PastDelivery:
        values = head.values
        draft = DeliveryDraft(
            values["delivered_on"],
            lines=_lines(head),
            number=head.text("number") or self._number(head),
            place=head.text("place"),
            carrier=head.text("carrier"),
            note=head.text("note"),
            key=head.text("same_delivery"),
        )
        accepted = values.get("accepted_on")
        answer = AcceptanceDraft(accepted, person=head.text("accepted_by")) if accepted is not None else None
        return PastDelivery(values["contract"], draft, answer)

    def _number(self, head: Parsed) -> str:
        """A number for what has none: those of our series are for what is posted here."""
        return f"I{self.context.parser.job.pk}-{head.row.number}"

    def _origin(self, head: Parsed, number: str) -> Delivery | None:
        """The delivery that is named; without a name the newest one that so much can come back of."""
        rows = self.visible().filter(contract_id=head.values["contract"], returns__isnull=True)
        if number:
            named: Delivery | None = rows.filter(number=number).first()
            return named
        wanted = {part.values["line_id"]: part.values["moved"] for part in head.parts if "line_id" in part.values}
        earlier = rows.filter(on__lte=head.values["delivered_on"]).order_by("-on", "-pk")
        for row in earlier[:ONE_OF_MANY]:
            left: dict[int, Decimal] = {line.row.line_id: line.quantity for line in returnable(row)}
            if all(left.get(pk, Decimal(0)) >= quantity for pk, quantity in wanted.items()):
                found: Delivery = row
                return found
        return None

    def made(self, row: Any) -> Made:
        """What came back and what was accepted is remembered, and undone first."""
        if row.pk is None or row.returns_id is not None:
            return Made(row.pk, before={"accepted": False})
        return Made(row.pk, before={"accepted": True} if row.acceptances.exists() else None)

    def take_away(self, rows: Sequence[ImportRow]) -> list[str]:
        """Those that nothing rests on go."""
        accepted = {row.target_id: bool((row.before or {}).get("accepted")) for row in rows if row.target_id}
        kept = take_back_deliveries(self.context.actor, accepted, at=self.context.at)
        return [kept.get(row.target_id or 0, "") for row in rows]


def _names_of_lines(contracts: Mapping[int, Contract]) -> Names:
    versions = {row.version_in_force_id: pk for pk, row in contracts.items() if row.version_in_force_id is not None}
    found: Names = defaultdict(list)
    rows = LineTerms.objects.filter(version_id__in=versions).order_by("version_id", "position")
    facts = rows.values_list("version_id", "line_id", "line__number", "description", "product__name", "product__code")
    for version, line, *names in facts:
        found[versions[version]] += [(line, str(name)) for name in names if name]
    return found


def _lines(head: Parsed) -> list[DeliveryLineDraft]:
    return [
        DeliveryLineDraft(part.values["line_id"], part.values["moved"])
        for part in head.parts
        if "line_id" in part.values
    ]


def _no_origin(number: str) -> str:
    if number:
        return _("The contract has no delivery “%(number)s”.") % {"number": number}
    return _("Of no delivery of the contract so much can come back. Name the delivery it takes back.")
