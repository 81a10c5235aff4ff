"""Preparing a handover and carrying it out."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.handover.choices import Kind
from loudou.handover.models import HandoverPlan
from loudou.handover.selectors.handovers import get_plan
from loudou.handover.selectors.preview import may_prepare, preview
from loudou.handover.services import carrying_out, plans
from loudou.people.models import User
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page, RecordPage
from loudou.web.handover.forms import ChooseForm, NoteForm, PlanForm, SplitForm
from loudou.web.handover.rows import Narrowing, known, things_in, turned

SECTION = "handover:list"


class OfPlan(Page):
    """Something about one plan."""

    permission = "people.hand_over"
    section = SECTION

    def record(self) -> HandoverPlan:
        """The plan, looked for before anything else."""
        return self.plan()

    def plan(self) -> HandoverPlan:
        """The plan of the address. Raises NotVisible."""
        return get_plan(self.request.user, self.kwargs["pk"])

    @property
    def plan_url(self) -> str:
        """Where the plan is shown."""
        return reverse("handover:plan", args=[self.kwargs["pk"]])


class Prepare(FormPage):
    """Begin to prepare a handover, or go on with the one that is being prepared."""

    permission = "people.hand_over"
    section = SECTION
    form_class = PlanForm
    template = "handover/plan_form.html"
    submit_label = gettext_lazy("Look at what goes where")

    def record(self) -> None:
        """Nothing is there yet; but whose work it is has to be the reader's to hand over. Raises NotVisible."""
        self.person = User.objects.get_queryset().get_visible(self.request.user, self.kwargs["pk"])
        if not may_prepare(self.request.user, self.person.pk):
            raise NotVisible

    def context(self) -> dict[str, Any]:
        """Whose work it is."""
        return {"title": _("Hand over the work of %(name)s") % {"name": self.person.name}}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today is the last day unless something else is said; what is being prepared is gone on with."""
        rows = HandoverPlan.objects.visible_to(self.request.user)
        open_one = rows.filter(leaver_id=self.kwargs["pk"], state="open").first()
        return facts_of(open_one) if open_one else {"keeps_access": False, "last_day": clock.today()}

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers ask for what the reader may choose."""
        return {"request": self.request}

    def save(self, form: PlanForm, *, version: int | None) -> Done:
        """Keep it and go on to what goes where."""
        plan = plans.prepare_handover(self.request.user, self.kwargs["pk"], today=clock.today(), **form.facts())
        return Done(url=reverse("handover:plan", args=[plan.pk]), leave=True)


class PlanPage(OfPlan, RecordPage):
    """What a handover would do: what each successor gets, what stands against it, and each thing with its successor."""

    template = "handover/plan.html"
    record_name = "plan"

    def context(self) -> dict[str, Any]:
        """Computed anew each time: what the person holds changes while one looks."""
        plan = self.plan()
        title = _("Handover: %(name)s") % {"name": plan.leaver.name}
        if not plan.is_open:
            return {"title": title, "handover": getattr(plan, "handover", None)}
        found = preview(self.request.user, plan, today=clock.today())
        narrowing = Narrowing(self.request.GET)
        shown = narrowing.among(found.goings)
        people = {share.user.pk: share.user for share in found.shares if share.user is not None}
        return {
            "title": title,
            "preview": found,
            "today": clock.today(),
            "shares": [shown_share(share) for share in found.shares],
            "narrowing": narrowing,
            "rows_page": turned(shown, people, number=narrowing.page),
            "kinds": Kind.choices,
            "provinces": known(found.goings, "province"),
            "industries": known(found.goings, "industry"),
            "choose": ChooseForm(request=self.request, auto_id="choose_%s"),
        }

    def breadcrumbs(self) -> list[tuple[str | Promise, str]]:
        """The list of handovers."""
        return [(_("Handovers"), reverse(SECTION))]


def shown_share(share: Any) -> dict[str, Any]:
    """What a successor gets, as the table shows it."""
    main = (Kind.CUSTOMER, Kind.OPPORTUNITY, Kind.CONTRACT, Kind.CONTACT)
    return {
        "share": share,
        "key": share.user.pk if share.user else "none",
        "customers": share.count(Kind.CUSTOMER),
        "opportunities": share.count(Kind.OPPORTUNITY),
        "contracts": share.count(Kind.CONTRACT),
        "contacts": share.count(Kind.CONTACT),
        "others": share.total - sum(share.count(kind) for kind in main),
        "amounts": [(amount, currency) for currency, amount in sorted(share.amounts.items())],
        "owed": [(amount, currency) for currency, amount in sorted(share.owed.items())],
    }


def facts_of(plan: HandoverPlan) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "keeps_access": plan.keeps_access,
        "successor": plan.successor_id,
        "last_day": plan.last_day,
        "reason": plan.reason,
        "note": plan.note,
    }


class EditPlan(OfPlan, FormPage):
    """Change the rule, the day, the reason or the note."""

    title = gettext_lazy("Change the handover")
    form_class = PlanForm
    template = "handover/plan_form.html"

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """As it is."""
        return facts_of(self.plan())

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers ask for what the reader may choose."""
        return {"request": self.request}

    def save(self, form: PlanForm, *, version: int | None) -> Done:
        """Write the changes."""
        plans.change_plan(self.request.user, self.kwargs["pk"], today=clock.today(), version=version, **form.facts())
        return Done(message=_("Saved."), url=self.plan_url)


class Choose(OfPlan, ActionPage):
    """Give what was ticked, or everything that the filters show, to somebody; nobody: the rule holds again."""

    def act(self) -> Done:
        """Choose, and say for how many."""
        sent, plan = self.request.POST, self.plan()
        form = ChooseForm(sent, request=self.request)
        successor = form.cleaned_data["successor"] if form.is_valid() else None
        things = things_in(sent.getlist("thing"))
        if sent.get("shown") == "1":
            found = preview(self.request.user, plan, today=clock.today())
            things = [(going.thing.kind, going.thing.pk) for going in Narrowing(sent).among(found.goings)]
        if not things:
            return Done(message=_("Nothing is ticked. Tick what should go to somebody else."), level="warning",
                        url=self.plan_url)  # fmt: skip
        plans.choose_successor(
            self.request.user, self.kwargs["pk"], things=things, successor_id=successor.pk if successor else None
        )
        facts = {"count": len(things), "name": successor.name if successor else ""}
        done = _("%(count)s things go to %(name)s.") if successor else _("For %(count)s things the rule holds again.")
        return Done(message=done % facts, url=self.plan_url)


class Split(OfPlan, FormPage):
    """Deal the customers out to several people."""

    title = gettext_lazy("Split the customers evenly")
    form_class = SplitForm
    submit_label = gettext_lazy("Split")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Open amounts are what matters most."""
        return {"by": "amount"}

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers ask for what the reader may choose."""
        return {"request": self.request}

    def save(self, form: SplitForm, *, version: int | None) -> Done:
        """Deal."""
        people = [user.pk for user in form.cleaned_data["successors"]]
        plans.split_evenly(
            self.request.user, self.kwargs["pk"], successor_ids=people, by=form.cleaned_data["by"], on=clock.today()
        )
        return Done(message=_("The customers are split. Single ones can still go to somebody else."), url=self.plan_url)


class Note(OfPlan, FormPage):
    """What the successor should know about one customer."""

    title = gettext_lazy("Note for the successor")
    form_class = NoteForm

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """What is written down already."""
        notes = self.plan().notes.filter(customer_id=self.kwargs["customer"])
        return {"text": notes.values_list("text", flat=True).first()}

    def save(self, form: NoteForm, *, version: int | None) -> Done:
        """Keep it."""
        plans.note_customer(
            self.request.user, self.kwargs["pk"], customer_id=self.kwargs["customer"], text=form.cleaned_data["text"]
        )
        return Done(message=_("Saved."), url=self.plan_url)


class Drop(OfPlan, ActionPage):
    """Give the prepared handover up."""

    def act(self) -> Done:
        """Nothing was moved."""
        plans.drop_plan(self.request.user, self.kwargs["pk"])
        return Done(message=_("The handover is given up. Nothing was moved."), url=reverse(SECTION), leave=True)


class CarryOut(OfPlan, ActionPage):
    """Do it: everything at once, or nothing."""

    def act(self) -> Done:
        """Move everything, and go to what was handed over."""
        version = self.request.POST.get("version", "")
        made = carrying_out.carry_out(
            self.request.user, self.kwargs["pk"], at=clock.now(), today=clock.today(),
            version=int(version) if version.isdecimal() and len(version) < 10 else None,  # noqa: PLR2004
        )  # fmt: skip
        facts = {"name": made.leaver.name}
        done = (
            _("The work of %(name)s is handed over.")
            if made.keeps_access
            else _("The work of %(name)s is handed over, and the access has ended.")
        )
        return Done(message=done % facts, url=reverse("handover:handover", args=[made.pk]), leave=True)
