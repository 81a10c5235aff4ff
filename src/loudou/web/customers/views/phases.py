"""A customer's phase and what it is entitled to: why, what is missing, holds and releases, policy figures."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.customers import selectors, services
from loudou.customers.choices import EvidenceKind, ReleaseState
from loudou.customers.models import Customer, SupplyRelease
from loudou.web.customers.phase_forms import DecisionForm, HoldForm, NeedForm, PolicyForm, ReasonForm, ReleaseForm
from loudou.web.customers.phase_strip import address, steps, told
from loudou.web.customers.views.details import FormOfCustomer, OfCustomer
from loudou.web.frame.actions import Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page

SHOWN_CHANGES = 30


class CustomerPhase(OfCustomer, Page):
    """The strip of phases, the reasons, and what the customer is entitled to; the customer's page fetches it."""

    permission = "customers.view"
    template = "customers/_phase.html"

    def context(self) -> dict[str, Any]:
        """What the customer stands on, read now."""
        user, customer, ours = self.request.user, self.customer(), selectors.rules()
        changes = list(selectors.phase_changes_of(user, customer)[:SHOWN_CHANGES])
        labels = selectors.phase_labels(ours)
        derivation = selectors.derivation_of(user, customer, at=clock.now(), company_rules=ours)
        is_said_here = any(
            reason.truth is not None
            and reason.truth.kind == EvidenceKind.NEED_VERIFIED
            and reason.truth.subject.model == "customers.customer"
            for reason in derivation.why
        )
        return {
            "customer": customer,
            "label": labels[customer.phase],
            "steps": steps(customer, changes, labels),
            "why": told(derivation.why),
            "missing": told(derivation.missing),
            "next_label": labels.get(customer.phase + 1, ""),
            "changes": [
                {
                    "row": change,
                    "from": labels[change.from_phase],
                    "to": labels[change.to_phase],
                    "url": address(change.evidence.subject) if change.evidence else "",
                }
                for change in changes
            ],
            "policy": selectors.policy_of(customer, company_rules=ours),
            "holds": selectors.present_holds(customer.pk) if customer.held_since else [],
            "releases": list(selectors.releases_of(user, customer)[:5]),
            "is_said_here": is_said_here,
            "may": {
                verb: user.has_permission(f"customers.{verb}")
                for verb in ("verify", "policy", "hold", "request_release", "approve_release")
            },
        }


class VerifyNeed(FormOfCustomer):
    """Record that the need was verified."""

    permission = "customers.verify"
    title = _("Need verified")
    form_class = NeedForm

    def save(self, form: NeedForm, *, version: int | None) -> Done:
        """Write the evidence; the phase follows."""
        given = form.cleaned_data
        contact = given["contact"]
        services.verify_need(
            self.request.user,
            self.kwargs["pk"],
            how=given["how"],
            evidence=given["evidence"],
            on=given["on"],
            contact_id=contact.pk if contact else None,
            at=clock.now(),
        )
        return Done(message=_("The need is on record."), url=self.customer_url())


class RevokeNeed(FormOfCustomer):
    """Record the opposite."""

    permission = "customers.verify"
    title = _("The need is not there")
    form_class = ReasonForm

    def save(self, form: ReasonForm, *, version: int | None) -> Done:
        """Write the opposite record; both stay."""
        reason = form.cleaned_data["reason"]
        services.revoke_need(self.request.user, self.kwargs["pk"], reason=reason, at=clock.now())
        return Done(message=_("It is on record that the need is not there."), url=self.customer_url())


class PolicyEdit(FormOfCustomer):
    """What one customer is entitled to."""

    permission = "customers.policy"
    title = _("Entitlements")
    form_class = PolicyForm

    def record(self) -> Customer:
        """The customer."""
        return self.customer()

    def save(self, form: PolicyForm, *, version: int | None) -> Done:
        """Write the figures."""
        services.set_policy(
            self.request.user, self.kwargs["pk"], changes=form.figures(), at=clock.now(), version=version
        )
        return Done(message=_("Saved."), url=self.customer_url())


class PlaceHold(FormOfCustomer):
    """Stop supply."""

    permission = "customers.hold"
    title = _("Put on supply hold")
    form_class = HoldForm
    submit_label = _("Put on hold")

    def save(self, form: HoldForm, *, version: int | None) -> Done:
        """Place the hold."""
        given = form.cleaned_data
        services.place_hold(self.request.user, self.kwargs["pk"], reason=given["reason"], at=clock.now())
        return Done(message=_("Nothing is delivered until the hold is lifted."), url=self.customer_url())


class LiftHold(FormOfCustomer):
    """Resume supply."""

    permission = "customers.hold"
    title = _("Lift the supply hold")
    form_class = HoldForm
    submit_label = _("Lift")

    def save(self, form: HoldForm, *, version: int | None) -> Done:
        """Lift what a colleague placed."""
        given = form.cleaned_data
        services.lift_hold(self.request.user, self.kwargs["pk"], reason=given["reason"], at=clock.now())
        return Done(message=_("The hold is lifted."), url=self.customer_url())


class RequestRelease(FormOfCustomer):
    """Ask for an exception."""

    permission = "customers.request_release"
    title = _("Ask for a release")
    form_class = ReleaseForm
    submit_label = _("Ask for it")

    def save(self, form: ReleaseForm, *, version: int | None) -> Done:
        """Write the request."""
        services.request_release(self.request.user, self.kwargs["pk"], at=clock.now(), **form.cleaned_data)
        return Done(message=_("Somebody else has to approve it now."), url=self.customer_url())


class ReleaseList(Page):
    """Releases that wait for a decision, with the holds that are in the way."""

    permission = "customers.approve_release"
    template = "customers/releases.html"
    title = _("Releases to approve")
    section = "customers:releases"

    def context(self) -> dict[str, Any]:
        """The oldest first; one's own requests are somebody else's to decide."""
        user = self.request.user
        waiting = list(selectors.waiting_releases(user))
        holds = selectors.holds_of_each(release.customer_id for release in waiting)
        return {
            "waiting": [
                {
                    "release": release,
                    "holds": holds.get(release.customer_id, []),
                    "is_own": release.requested_by_id == user.pk,
                }
                for release in waiting
            ]
        }


class DecideRelease(FormPage):
    """Approve, reject, withdraw or end a release."""

    permission = "customers.view"
    title = _("Decide about a release")
    form_class = DecisionForm

    def record(self) -> SupplyRelease:
        """The release."""
        return selectors.get_release(self.request.user, self.kwargs["pk"])

    def form_kwargs(self) -> dict[str, Any]:
        """Only what one may do and what the state allows is offered."""
        return {"user": self.request.user, "is_waiting": self.record().state == ReleaseState.REQUESTED}

    def save(self, form: DecisionForm, *, version: int | None) -> Done:
        """Decide; the services check the rights once more."""
        act: Any = {
            "approve": services.approve_release,
            "reject": services.reject_release,
            "withdraw": services.withdraw_release,
            "end": services.end_release,
        }[form.cleaned_data["decision"]]
        release = act(self.request.user, self.kwargs["pk"], note=form.cleaned_data["note"], at=clock.now())
        url = reverse("customers:customer", args=[release.customer_id])
        return Done(message=_("The release was decided: %(state)s.") % {"state": release.get_state_display()}, url=url)
