"""What the steps of a wizard share: the way through it, refusals said where they belong, the import it is about."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal, NotVisible
from loudou.exchange.choices import JobStatus
from loudou.exchange.models import ImportJob
from loudou.web.frame.pages import Page

STEPS: tuple[tuple[str, Promise], ...] = (
    ("file", _("File")),
    ("reading", _("Reading")),
    ("columns", _("Columns")),
    ("matching", _("Known records")),
    ("values", _("Values")),
    ("check", _("Dry run")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as drawn above the page."""

    label: str | Promise
    url: str
    is_current: bool
    is_done: bool


class WizardStep(Page):
    """A step of a wizard: GET shows the choices, POST keeps them and goes on; a refusal is said on the page."""

    way: ClassVar[tuple[tuple[str, Promise], ...]]
    """All steps in their order: code and label."""
    step: ClassVar[str]

    def address(self, step: str) -> str:
        """Address of a step."""
        raise NotImplementedError

    def following(self) -> str:
        """Where to go when the choices are kept."""
        raise NotImplementedError

    def elsewhere(self) -> str:
        """Where to go when this step is not to be shown now; '' to show it."""
        return ""

    def keep(self) -> None:
        """Call the service that keeps the choices of the form."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the step; before its time lead to the one that is due, afterwards to the result."""
        if elsewhere := self.elsewhere():
            return HttpResponseRedirect(elsewhere)
        return self.render()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the choices and go on; before its time lead to the step that is due."""
        if elsewhere := self.elsewhere():
            return HttpResponseRedirect(elsewhere)
        try:
            self.keep()
        except BusinessRefusal as refusal:
            return self.refused(refusal)
        return HttpResponseRedirect(self.following())

    def refused(self, refusal: BusinessRefusal) -> HttpResponse:
        """Show the step again, with the sentence on top."""
        return self.render(status=refusal.status, refusal=str(refusal), posted=self.request.POST)

    def context(self) -> dict[str, Any]:
        """The way through the wizard."""
        return {**super().context(), "steps": self.steps(), "previous": self.previous()}

    def steps(self) -> list[Step]:
        """The way, with links to the steps that are done."""
        codes = [code for code, _label in self.way]
        here = codes.index(self.step)
        return [
            Step(label, self.address(code) if at < here else "", is_current=at == here, is_done=at < here)
            for at, (code, label) in enumerate(self.way)
        ]

    def previous(self) -> str:
        """Address of the step before this one."""
        codes = [code for code, _label in self.way]
        here = codes.index(self.step)
        return self.address(codes[here - 1]) if here else ""


class ImportPage(Page):
    """A page about one import."""

    permission = "exchange.import"
    section = "exchange:import_list"

    @functools.cached_property
    def job(self) -> ImportJob:
        """The import, if the user may see it. Raises NotVisible."""
        jobs = ImportJob.objects.visible_to(self.request.user)
        found: ImportJob | None = jobs.select_related("created_by").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def context(self) -> dict[str, Any]:
        """The import."""
        return {**super().context(), "job": self.job}

    def breadcrumbs(self) -> list[tuple[str | Promise, str]]:
        """The list of imports."""
        return [(_("Imports"), reverse("exchange:import_list"))]

    def address(self, step: str) -> str:
        """Address of a step of this import; '' as the step means its own page."""
        return reverse(f"exchange:{step or 'import'}", args=[self.job.pk])


class StepPage(ImportPage, WizardStep):
    """A step of an import."""

    way = STEPS
    next_step: ClassVar[str]
    needs: ClassVar[str] = ""
    """Attribute of the import that must be filled before this step makes sense."""

    def following(self) -> str:
        """The next step."""
        return self.address(self.next_step)

    def elsewhere(self) -> str:
        """Where to go when this step is not to be shown now; '' to show it."""
        if self.job.started_at is not None or self.job.status == JobStatus.READING:
            return self.address("")
        if not self.job.file:
            return "" if self.step == "file" else self.address("file")
        if self.needs and not getattr(self.job, self.needs):
            return self.address("reading" if self.needs == "total" else "columns")
        return ""

    def refused(self, refusal: BusinessRefusal) -> HttpResponse:
        """Show the step again, with the import as it is kept."""
        self.__dict__.pop("job", None)
        return super().refused(refusal)
