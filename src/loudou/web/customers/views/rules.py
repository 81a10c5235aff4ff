"""The company's rules about customers: thresholds and names of the phases, default entitlements; what would follow."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.customers import selectors, services
from loudou.customers.choices import FUNNEL
from loudou.customers.models import CustomerRules
from loudou.web.customers.rules_forms import RulesForm, ThresholdsForm
from loudou.web.frame.actions import Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page


class RulesPage(FormPage):
    """Change them. While one types, the page says which customers would change their phase."""

    permission = "customers.configure"
    template = "customers/rules_form.html"
    title = _("Phases and entitlements")
    form_class = RulesForm

    def record(self) -> CustomerRules:
        """The one row."""
        return selectors.rules()

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def initial(self, record: Any) -> dict[str, Any]:
        """The rules as they are."""
        return RulesForm.values(record)

    def render(self, **context: Any) -> HttpResponse:
        """Names of the phases as a table, ours beside."""
        form = context["form"]
        names = [
            {
                "english": form[f"name_{phase.code}_en"],
                "chinese": form[f"name_{phase.code}_zh_hans"],
                "ours": _in(phase, "en"),
                "ours_in_chinese": _in(phase, "zh-hans"),
                "label": phase.label,
            }
            for phase in FUNNEL
        ]
        return super().render(names=names, waiting=_waiting(self.request.user), **context)

    def save(self, form: RulesForm, *, version: int | None) -> Done:
        """Save them; phases follow."""
        services.update_rules(self.request.user, changes=form.changes(), at=clock.now(), version=version)
        waiting = _waiting(self.request.user)
        message = gettext("The rules are saved.")
        if waiting:
            message = gettext("The rules are saved; the phases of %(count)s customers follow in the background.") % {
                "count": waiting
            }
        return Done(message=message, url=reverse("customers:rules"), leave=True)


class RulesPreview(Page):
    """Which customers would change their phase under the thresholds in the address."""

    permission = "customers.configure"
    template = "customers/_rules_preview.html"

    def context(self) -> dict[str, Any]:
        """The moves, or what is wrong with the thresholds."""
        form = ThresholdsForm(self.request.GET)
        if not form.is_valid():
            return {"form": form}
        moves = selectors.moves_under(self.request.user, form.proposed(), today=clock.today())
        labels = selectors.phase_labels()
        shown = [{"move": move, "before": labels[move.from_phase], "after": labels[move.to_phase]} for move in moves]
        return {"moves": shown, "count": sum(move.count for move in moves)}


def _waiting(user: Any) -> int:
    """How many customers' phases do not follow from the present rules yet."""
    return sum(move.count for move in selectors.moves_under(user, selectors.rules(), today=clock.today()))


def _in(phase: Any, language: str) -> str:
    with translation.override(language):
        return str(phase.label)
