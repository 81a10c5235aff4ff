"""What hangs on a customer: colleagues, parties per product line, files, history."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from loudou.catalog.selectors import get_line
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.customers import selectors, services
from loudou.customers.choices import LineRole
from loudou.customers.models import Customer
from loudou.customers.services import PartyDraft
from loudou.web.customers.forms import FileForm, MemberForm, PartiesForm
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page

SHOWN_CHANGES = 50


class OfCustomer:
    """Something that belongs to the customer whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    _customer: Customer | None = None

    def customer(self) -> Customer:
        """The customer, read once per request. Raises NotVisible."""
        if self._customer is None:
            self._customer = selectors.get_customer(self.request.user, self.kwargs["pk"])
        return self._customer

    def customer_url(self) -> str:
        """Address of the customer's page."""
        return reverse("customers:customer", args=[self.kwargs["pk"]])

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}


class FormOfCustomer(OfCustomer, FormPage):
    """A form about a customer: for whoever sees the customer, before anything that was typed is looked at."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        self.customer()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save what was typed."""
        self.customer()
        return super().post(request, *args, **kwargs)


class MemberAdd(FormOfCustomer):
    """Let a colleague work on the customer."""

    permission = "customers.change"
    title = _("Add a colleague")
    form_class = MemberForm
    submit_label = _("Add")

    def save(self, form: MemberForm, *, version: int | None) -> Done:
        """Make the colleague a member."""
        user = form.cleaned_data["user"]
        services.add_members(self.request.user, [(self.kwargs["pk"], user.pk)], at=clock.now())
        return Done(message=_("%(name)s sees this customer now.") % {"name": user.name}, url=self.customer_url())


class MemberRemove(OfCustomer, ActionPage):
    """End a colleague's membership."""

    permission = "customers.change"

    def act(self) -> Done:
        """Remove the member; whoever removes themselves may lose sight of the customer."""
        services.remove_member(self.request.user, self.kwargs["pk"], user_id=self.kwargs["user"])
        if self.kwargs["user"] == self.request.user.pk:
            return Done(message=_("You left this customer."), url=reverse("customers:customer_list"), leave=True)
        return Done(message=_("The colleague was removed."), url=self.customer_url())


class PartiesAdd(FormOfCustomer):
    """Say who pays, decides and benefits for one more product line."""

    permission = "customers.change"
    title = _("Who pays, decides, benefits")
    template = "customers/parties_form.html"
    form_class = PartiesForm

    def save(self, form: PartiesForm, *, version: int | None) -> Done:
        """Write the roles that were filled in; the others become empty."""
        line = form.cleaned_data["line"]
        drafts = []
        for role in LineRole:
            party = form.cleaned_data[f"{role.value}_party"]
            name = form.cleaned_data[f"{role.value}_name"]
            if party or name:
                drafts.append(
                    PartyDraft(line_id=line.pk, role=role, party_id=party.pk if party else None, party_name=name)
                )
        services.set_line_parties(self.request.user, self.kwargs["pk"], line_id=line.pk, parties=drafts)
        return Done(message=_("Saved."), url=self.customer_url())


class PartiesEdit(PartiesAdd):
    """Change who pays, decides and benefits for a product line."""

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin with what is known."""
        line_id = self.kwargs["line"]
        known: dict[str, Any] = {"line": line_id}
        parties = list(selectors.line_parties_of(self.request.user, self.customer()).filter(line_id=line_id))
        if not parties:
            get_line(self.request.user, line_id)  # there must be one, though nobody is known yet
        for party in parties:
            known[f"{party.role}_party"] = party.party_id
            known[f"{party.role}_name"] = party.party_name
        return known


class FileAdd(FormOfCustomer):
    """Keep a document with the customer."""

    permission = "customers.change"
    title = _("Attach a file")
    form_class = FileForm
    submit_label = _("Attach")

    def form_kwargs(self) -> dict[str, Any]:
        """A plain form."""
        return {}

    def save(self, form: FileForm, *, version: int | None) -> Done:
        """Check and keep it."""
        sent = form.cleaned_data["file"]
        row = services.attach_file(
            self.request.user,
            self.kwargs["pk"],
            name=sent.name,
            content=sent,
            limit_mb=settings.CUSTOMER_FILE_LIMIT_MB,
        )
        return Done(message=_("%(name)s was attached.") % {"name": row.name}, url=self.customer_url())


class FileDownload(Page):
    """A customer's file, always saved and never shown by the browser, so that its content cannot act as our page."""

    permission = "customers.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Stream the file to whoever sees its customer."""
        row = selectors.get_file(self.request.user, kwargs["pk"])
        if row is None:
            raise NotVisible
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


class FileRemove(ActionPage):
    """Throw a customer's file away."""

    permission = "customers.change"

    def act(self) -> Done:
        """Remove row and bytes."""
        services.remove_file(self.request.user, self.kwargs["pk"])
        return Done(message=_("The file was removed."))


class CustomerAside(OfCustomer, Page):
    """Who looks after a customer, who did before, and which group it belongs to; follows the page."""

    permission = "customers.view"
    template = "customers/_aside.html"

    def context(self) -> dict[str, Any]:
        """Colleagues, changes of owner, and the group as a tree."""
        user, customer = self.request.user, self.customer()
        return {
            "customer": customer,
            "members": selectors.members_of(user, customer),
            "owner_changes": selectors.owner_changes_of(user, customer)[:SHOWN_CHANGES],
            "family": selectors.family_of(user, customer),
            "may_change": user.has_permission("customers.change"),
        }
