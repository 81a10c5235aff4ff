"""The page of one contract, and what every page about a contract shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loudou.contracts.choices import BEFORE_SIGNING, RUNNING, ActKind, ContractState, VersionState
from loudou.contracts.models import Contract, ContractAct, ContractVersion, Delivery
from loudou.contracts.papers import instalments_of
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.approvals import discount_state, requests_of
from loudou.contracts.selectors.clauses import missing_clauses, written_clauses
from loudou.contracts.selectors.deliveries import deliveries_of, open_lines
from loudou.contracts.selectors.differences import plan_differences, version_differences
from loudou.contracts.services.documents import contract_pdf
from loudou.core.refusals import NotVisible
from loudou.web.contracts.differing import DifferenceRow, difference_rows, instalment_due
from loudou.web.contracts.looks import state_mark
from loudou.web.contracts.performance_words import words_of
from loudou.web.frame import formats
from loudou.web.frame.pages import Page, RecordPage
from loudou.web.people.history import history_of

STEPS = (
    ContractState.DRAFT,
    ContractState.OFFERED,
    ContractState.SIGNED,
    ContractState.IN_PERFORMANCE,
    ContractState.COMPLETED,
)
"""The straight way through a contract's life, as the page shows it."""


MOST_DIGITS = 6
"""Of the number of a version."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a contract's life."""

    label: str | Promise
    is_current: bool
    is_passed: bool
    on: Any


class OfContract:
    """Something about the contract whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]
    _contract: Contract | None = None

    def contract(self) -> Contract:
        """The contract, read once per request. Raises NotVisible."""
        if self._contract is None:
            self._contract = selectors.get_contract(self.request.user, self.kwargs["pk"])
        return self._contract

    @property
    def address(self) -> str:
        """Address of the contract's page."""
        return reverse("contracts:contract", args=[self.kwargs["pk"]])


class ContractPage(OfContract, RecordPage):
    """Everything about one contract."""

    permission = "contracts.view"
    template = "contracts/contract.html"
    record_name = "contract"
    section = "contracts:list"

    def record(self) -> Contract:
        """The contract."""
        return self.contract()

    @property
    def edit_url(self) -> str:
        """The form of its facts, for those who draft contracts."""
        may = self.request.user.has_permission("contracts.draft")
        return reverse("contracts:edit", args=[self.kwargs["pk"]]) if may else ""

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Contracts"), reverse("contracts:list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Add what belongs to the contract."""
        user, contract = self.request.user, context["record"]
        present = selectors.present_version(contract)
        amendment = selectors.open_amendment(contract)
        drafted = next((each for each in (amendment, present) if each and each.state == VersionState.DRAFT), None)
        negotiated = amendment or (present if contract.state in BEFORE_SIGNING else None)
        acts = list(selectors.acts_of(user, contract))
        more: dict[str, Any] = {
            "version": present,
            "amendment": amendment,
            "drafted": drafted,
            "negotiated": negotiated,
            "missing": missing_clauses(negotiated) if negotiated else [],
            "discount": discount_state(negotiated) if negotiated else None,
            "requests": list(requests_of(user, contract)),
            "clauses": written_clauses(present, get_language() or "en"),
            "deliveries": _told(deliveries_of(user, contract), contract, present) if contract.is_binding else [],
            "words": words_of(contract.kind),
            "to_deliver": open_lines(contract).exists() if contract.state in RUNNING else False,
            "acts": acts,
            "versions": list(selectors.versions_of(user, contract)),
            "files": list(selectors.files_of(user, contract)),
            "steps": list(_steps(contract, acts)),
            "mark": state_mark(contract.state),
            "may": {
                verb: user.has_permission(f"contracts.{verb}")
                for verb in ("draft", "sign", "deliver", "end", "approve", "invoice", "post_receipt")
            },
        }
        return super().render(**context, **more)


def _told(
    deliveries: Iterable[Delivery], contract: Contract, version: ContractVersion
) -> list[tuple[Delivery, str | Promise, str]]:
    """Each delivery with what it is called and what it brought, in the words of the version in force."""
    kinds = words_of(contract.kind).kinds
    names = {terms.line_id: terms.description for terms in version.terms.all()}
    told = []
    for delivery in deliveries:
        parts = [
            f"{formats.number(line.quantity.normalize())} × "
            + names.get(line.line_id, _("line %(number)s") % {"number": line.line.number})
            for line in delivery.lines.all()
        ]
        told.append((delivery, kinds[delivery.kind], " · ".join(parts)))
    return told


def _steps(contract: Contract, acts: list[ContractAct]) -> Iterator[Step]:
    """The steps with the day on which each was reached; a contract that ended otherwise stops where it stood."""
    days = {
        ContractState.DRAFT: contract.drafted_on,
        ContractState.OFFERED: contract.offered_on,
        ContractState.SIGNED: contract.signed_on,
        ContractState.IN_PERFORMANCE: min(
            (act.on for act in acts if act.kind == ActKind.PERFORMANCE_BEGAN), default=None
        ),
        ContractState.COMPLETED: contract.ended_on if contract.state == ContractState.COMPLETED else None,
    }
    here = STEPS.index(ContractState(contract.state)) if contract.state in STEPS else -1
    for place, state in enumerate(STEPS):
        reached = place < here or (here < 0 and days.get(state) is not None)
        yield Step(state.label, place == here, reached, days.get(state))


class ContractHistory(OfContract, Page):
    """What was changed on a contract by whom; read when somebody unfolds it."""

    permission = "contracts.view"
    template = "people/_history.html"

    def context(self) -> dict[str, Any]:
        """The latest entries of the audit."""
        return {"history": history_of(self.request.user, self.contract())}


class ContractPdf(Page):
    """The paper of a contract, to hand out: the version in force or being drafted, or the one that is asked for."""

    permission = "contracts.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lay it out in the language of the address."""
        language = self.kwargs["language"]
        if language not in ("en", "zh-hans"):
            raise NotVisible
        paper = contract_pdf(self.request.user, self.kwargs["pk"], language=language, version_id=self._version_id())
        headers = {
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=paper.name) or "attachment",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(paper.content, content_type="application/pdf", headers=headers)

    def _version_id(self) -> int | None:
        """The version whose sequence the address names. Raises NotVisible."""
        wanted = self.request.GET.get("version", "")
        if not wanted:
            return None
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) <= MOST_DIGITS):
            raise NotVisible
        contract = selectors.get_contract(self.request.user, self.kwargs["pk"])
        return selectors.get_version(self.request.user, contract, int(wanted)).pk


class VersionPage(OfContract, Page):
    """One version of a contract, and what it changes against the one before."""

    permission = "contracts.view"
    template = "contracts/version.html"
    section = "contracts:list"

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list and the contract."""
        return [(_("Contracts"), reverse("contracts:list")), (str(self.contract()), self.address)]

    def context(self) -> dict[str, Any]:
        """The version, the one before it, and their differences."""
        contract, sequence = self.contract(), self.kwargs["sequence"]
        version = selectors.get_version(self.request.user, contract, sequence)
        before = self._before(contract, version)
        self.title = _("Version %(number)s of %(contract)s") % {"number": sequence, "contract": contract}
        return {
            "contract": contract,
            "version": version,
            "before": before,
            "differences": self._differences(before, version) if before else None,
            "plan": [(row, instalment_due(row)) for row in instalments_of(version)],
            "clauses": written_clauses(version, get_language() or "en"),
        }

    def _differences(self, before: ContractVersion, version: ContractVersion) -> list[DifferenceRow]:
        """Everything that the version says differently, its payment plan included."""
        found = version_differences(before, version)
        return list(difference_rows(found, plan_differences(before, version), self.contract().currency))

    def _before(self, contract: Contract, version: ContractVersion) -> ContractVersion | None:
        """The version that was in force when this one was made; those that came to nothing are passed over."""
        rows = selectors.versions_of(self.request.user, contract).filter(sequence__lt=version.sequence)
        found = rows.exclude(state=VersionState.WITHDRAWN).first()
        return selectors.get_version(self.request.user, contract, found.sequence) if found else None


class FileDownload(Page):
    """A document of a contract, always saved and never shown by the browser, so that it cannot act as our page."""

    permission = "contracts.view"
    title = gettext_lazy("Document")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Stream the document to whoever sees its contract."""
        row = selectors.get_file(self.request.user, kwargs["pk"])
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return FileResponse(
            row.content.open("rb"),
            as_attachment=True,
            filename=row.name,
            content_type="application/octet-stream",
            headers=headers,
        )
