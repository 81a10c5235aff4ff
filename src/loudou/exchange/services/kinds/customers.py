"""Customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.refusals import BusinessRefusal
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Customer
from loudou.customers.registration import is_credit_code, normalize_credit_code, normalize_phone
from loudou.customers.services.customers import create_customers, update_customers
from loudou.customers.services.drafts import CustomerDraft
from loudou.customers.services.owners import assign_owners
from loudou.exchange.services.directory import domain
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.targets import Reference


class CustomerWriter(Writer):
    """Writes customers through the services of customers."""

    model = Customer
    belongings = frozenset(
        {
            "customers.ownerchange",
            "customers.customermember",
            "customers.evidence",
            "customers.standingevidence",
            "customers.phasechange",
        }
    )
    links_later = "parent"
    plain = (
        "name", "short_name", "aliases", "legal_form", "kind", "channel_place", "credit_code", "registration_number",
        "industry", "size_band", "employees", "annual_revenue", "revenue_currency", "expected_contribution",
        "founded_year", "country", "province", "city", "address", "website", "phones", "emails", "source", "notes",
        "external_id",
    )  # fmt: skip
    ids = {"parent": "parent_id", "owner": "owner_id"}

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Give the revenue its currency; say which credit codes are mistyped."""
        for parsed in batch:
            values = parsed.values
            if "annual_revenue" in values:
                values["annual_revenue"], named = values["annual_revenue"]
                values.setdefault("revenue_currency", named or self.context.parser.currency)
            if code := values.get("credit_code"):
                values["credit_code"] = normalize_credit_code(code)
                if not is_credit_code(values["credit_code"]):
                    parsed.problems.append(
                        _("Unified social credit code: “%(code)s” has the wrong length or check character.")
                        % {"code": code}
                    )
            if "phones" in values:
                values["phones"] = [normalize_phone(phone) for phone in values["phones"]]

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """The domain stands for the website."""
        texts = super().key_texts(parsed, key)
        return [domain(text) for text in texts] if key == "website" else texts

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By indexed column, by the directory for names and domains, by overlap for phones and mails."""
        texts = [text for parsed in batch for text in self.key_texts(parsed, key)]
        if key in ("name", "website"):
            return self._by_directory(Reference.CUSTOMER if key == "name" else Reference.CUSTOMER_DOMAIN, texts)
        if key in ("phones", "emails"):
            rows = self.visible().filter(Q(**{f"{key}__overlap": texts})).values_list("pk", key)
            return [(text, pk) for pk, each in rows for text in each]
        rows = self.visible().exclude(**{key: ""}).filter(**{f"{key}__in": texts})
        return [(text, pk) for pk, text in rows.values_list("pk", key)]

    def _by_directory(self, reference: Reference, texts: list[str]) -> list[tuple[str, int]]:
        directory = self.context.directory
        directory.look_up(reference, texts)
        found = [(text, directory.find(reference, text)) for text in texts]
        return [(text, pk) for text, pk in found if pk is not None]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create customers; without an owner in the file they stay without one if the actor may do that."""
        may_assign = self.context.actor.has_permission("customers.assign")
        drafts = []
        for parsed in batch:
            facts: Any = {column: tuple(v) if isinstance(v, list) else v for column, v in self.changes(parsed).items()}
            facts.setdefault("unowned", may_assign and facts.get("owner_id") is None)
            drafts.append(CustomerDraft(**facts))
        outcomes = create_customers(self.context.actor, drafts, at=self.context.at, cause=OwnerChangeCause.IMPORTED)
        for outcome in outcomes:
            if outcome.row is not None:
                self.context.directory.add(Reference.CUSTOMER, outcome.row.name, outcome.row.pk)
                self.context.made.append((Reference.CUSTOMER, outcome.row.name))
        return [*outcomes]

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change customers; the owner goes through the history of owners."""
        plain = [RowUpdate(u.pk, {k: v for k, v in u.changes.items() if k != "owner_id"}, u.version) for u in updates]
        outcomes: list[Outcome[Any]] = [*update_customers(self.context.actor, plain, at=self.context.at)]
        owners: dict[int | None, list[int]] = {}
        for place, update in enumerate(updates):
            if "owner_id" in update.changes and outcomes[place].refusal is None:
                owners.setdefault(update.changes["owner_id"], []).append(place)
        for owner_id, places in owners.items():
            self._assign(owner_id, places, updates, outcomes)
        return outcomes

    def _assign(
        self, owner_id: int | None, places: list[int], updates: Sequence[RowUpdate], outcomes: list[Outcome[Any]]
    ) -> None:
        try:
            assigned = assign_owners(
                self.context.actor,
                [updates[place].pk for place in places],
                owner_id=owner_id,
                at=self.context.at,
                cause=OwnerChangeCause.IMPORTED,
            )
        except BusinessRefusal as refusal:
            for place in places:
                outcomes[place] = Outcome(refusal=refusal)
            return
        for place, outcome in zip(places, assigned, strict=True):
            outcomes[place] = outcome

    def link(self, pairs: Sequence[tuple[int, int]]) -> list[Outcome[Any]]:
        """Set parent companies."""
        updates = [RowUpdate(pk, {"parent_id": parent}) for pk, parent in pairs]
        return [*update_customers(self.context.actor, updates, at=self.context.at)]
