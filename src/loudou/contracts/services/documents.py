"""Papers as PDF, in English or Chinese: contracts and statements of account."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from types import ModuleType

from django.template.loader import render_to_string
from django.utils.translation import override

from loudou.contracts.account_papers import account_paper
from loudou.contracts.errors import PdfUnavailable
from loudou.contracts.fonts import has_chinese_fonts
from loudou.contracts.models import Contract, ContractVersion
from loudou.contracts.papers import paper_of
from loudou.contracts.selectors.account import accounts_of
from loudou.contracts.selectors.contracts import present_version
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers.models import Customer

LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
CJK_FONTS = "fonts-noto-cjk"


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand out: its name and its bytes."""

    name: str
    content: bytes


def contract_pdf(actor: Actor, contract_id: int, *, language: str, version_id: int | None = None) -> Document:
    """Lay out a contract as PDF: the version in force, else the one being drafted, or the one that is named.

    Nothing is written; the same version gives the same bytes on one machine.
    Raises PermissionRefused, NotVisible, PdfUnavailable (libraries or Chinese fonts are not installed).
    """
    if not actor.has_permission("contracts.view"):
        raise PermissionRefused
    contract = Contract.objects.select_related("customer", "contact").get_visible(actor, contract_id)
    version = _version(contract, version_id)
    content = laid_out(contract_html(version, language))
    return Document(f"{contract.number or f'draft-{contract.pk}'}-v{version.sequence}-{_suffix(language)}.pdf", content)


def account_pdf(
    actor: Actor, customer_id: int, *, since: dt.date, until: dt.date, language: str, today: dt.date
) -> Document:
    """Lay out a customer's statement of account from one day to another as PDF. Nothing is written.

    Raises PermissionRefused, NotVisible, InvalidInput, PdfUnavailable.
    """
    if not actor.has_permission("contracts.view"):
        raise PermissionRefused
    customer = Customer.objects.visible_to(actor).get_visible(actor, customer_id)
    accounts = accounts_of(actor, customer_id, since=since, until=until, today=today)
    paper = account_paper(company(), customer, accounts, since=since, until=until, today=today, language=language)
    with override(language):
        html = render_to_string("papers/account.html", {"paper": paper})
    return Document(f"account-{customer.pk}-{until:%Y-%m-%d}-{_suffix(language)}.pdf", laid_out(html))


def _suffix(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"


def laid_out(html: str) -> bytes:
    """Make a PDF: the same HTML gives the same bytes on one machine. Raises PdfUnavailable."""
    if any("\u2e80" <= letter <= "\u9fff" for letter in html) and not has_chinese_fonts():
        raise PdfUnavailable(missing=CJK_FONTS, packages=CJK_FONTS)
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    content: bytes = _weasyprint().HTML(string=html).write_pdf(pdf_identifier=identifier)
    return content


def contract_html(version: ContractVersion, language: str) -> str:
    """The paper as HTML that refers to nothing outside itself."""
    with override(language):
        return render_to_string("papers/contract.html", {"paper": paper_of(version, language)})


def _version(contract: Contract, version_id: int | None) -> ContractVersion:
    found = contract.versions.filter(pk=version_id).first() if version_id is not None else present_version(contract)
    if found is None:
        raise NotVisible
    found.contract = contract
    return found


def _weasyprint() -> ModuleType:
    """The layout engine; loaded when needed, because it needs libraries of the system. Raises PdfUnavailable."""
    try:
        import weasyprint
    except OSError as error:
        raise PdfUnavailable(missing="Pango", packages=f"{LIBRARIES} {CJK_FONTS}") from error
    engine: ModuleType = weasyprint
    return engine
