"""Contracts as lists and pages show them."""

from __future__ import annotations

from django.db.models import DecimalField, OuterRef, Prefetch, QuerySet, Subquery, Sum

from loudou.contracts.choices import OPEN_VERSION
from loudou.contracts.models import Contract, ContractAct, ContractFile, ContractVersion, LineTerms
from loudou.contracts.models.contract import ContractQuerySet
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.customers.models.customer import CustomerQuerySet


def contract_rows(actor: Actor) -> ContractQuerySet:
    """Visible contracts with their people, for lists. No order."""
    rows = Contract.objects.visible_to(actor).select_related("customer", "contact", "owner")
    return rows.defer("search_text", "customer__search_text", "customer__name_key", "contact__search_text").order_by()


def get_contract(actor: Actor, contract_id: int) -> Contract:
    """One contract with its people. Raises NotVisible."""
    rows = Contract.objects.visible_to(actor).select_related("customer__owner", "contact", "opportunity", "owner")
    return rows.get_visible(actor, contract_id)


def present_version(contract: Contract) -> ContractVersion:
    """The version in force, before signing the first one, with its lines; three statements."""
    rows = _with_lines(contract)
    if contract.version_in_force_id is not None:
        return rows.get(pk=contract.version_in_force_id)
    return rows.get(sequence=1)


def open_amendment(contract: Contract) -> ContractVersion | None:
    """The amendment that is being drafted or was offered, with its lines; None when there is none."""
    return _with_lines(contract).filter(sequence__gt=1, state__in=OPEN_VERSION).first()


def drafted_version(contract: Contract) -> ContractVersion | None:
    """The version that can be edited: of a draft, or of an amendment that was not offered yet."""
    return _with_lines(contract).filter(state=OPEN_VERSION[0]).first()


def versions_of(actor: Actor, contract: Contract) -> QuerySet[ContractVersion]:
    """Every version of a contract, the latest first."""
    return ContractVersion.objects.visible_to(actor).filter(contract=contract).order_by("-sequence")


def get_version(actor: Actor, contract: Contract, sequence: int) -> ContractVersion:
    """One version by its number, with its lines. Raises NotVisible."""
    seen = ContractVersion.objects.visible_to(actor).filter(contract=contract, sequence=sequence)
    found = _with_lines(contract).filter(pk__in=seen).first()
    if found is None:
        raise NotVisible
    return found


def acts_of(actor: Actor, contract: Contract) -> QuerySet[ContractAct]:
    """Everything that was done with a contract, the latest first."""
    rows = ContractAct.objects.visible_to(actor).filter(contract=contract)
    return rows.select_related("actor", "contact", "document", "version").order_by("-on", "-pk")


def files_of(actor: Actor, contract: Contract) -> QuerySet[ContractFile]:
    """Documents kept with a contract, the latest first."""
    return ContractFile.objects.visible_to(actor).filter(contract=contract).select_related("uploaded_by")


def get_file(actor: Actor, file_id: int) -> ContractFile:
    """One document. Raises NotVisible."""
    found = ContractFile.objects.visible_to(actor).filter(pk=file_id).first()
    if found is None:
        raise NotVisible
    return found


def contracts_of_customer(actor: Actor, customer_id: int, *, most: int) -> list[Contract]:
    """The latest visible contracts of a customer."""
    rows = Contract.objects.visible_to(actor).filter(customer_id=customer_id)
    return list(rows.select_related("owner").order_by("-pk")[:most])


def with_contract_amounts(actor: Actor, customers: CustomerQuerySet) -> CustomerQuerySet:
    """Annotate customers with `contract_amount`: their visible signed contracts in base currency, empty without any.

    Computed for the rows that are shown only: sort by something else.
    """
    signed = Contract.objects.visible_to(actor).binding().filter(customer=OuterRef("pk")).order_by()
    worth = signed.values("customer").annotate(worth=Sum("amount_base")).values("worth")
    return customers.annotate(
        contract_amount=Subquery(worth, output_field=DecimalField(max_digits=19, decimal_places=4))
    )


def contracts_of_opportunity(actor: Actor, opportunity_id: int) -> list[Contract]:
    """Visible contracts that were made of a sale."""
    return list(Contract.objects.visible_to(actor).filter(opportunity_id=opportunity_id).order_by("pk"))


def _with_lines(contract: Contract) -> QuerySet[ContractVersion]:
    lines = LineTerms.objects.select_related("product", "line").order_by("position", "pk")
    rows = ContractVersion.objects.filter(contract=contract).select_related("contract__customer", "contract__owner")
    return rows.prefetch_related(Prefetch("terms", lines))
