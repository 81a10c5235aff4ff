"""The team tree and who belongs to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.people import selectors
from loudou.people.models import Membership, Team, User
from loudou.people.services import teams
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page, RecordPage
from loudou.web.people.forms import EndMembershipForm, MemberForm, TeamForm
from loudou.web.people.history import history_of


class TeamTree(Page):
    """All teams with their people of today."""

    permission = "people.view"
    title = _("Teams")
    template = "people/teams.html"

    def context(self) -> dict[str, Any]:
        """The tree."""
        nodes = selectors.team_tree(self.request.user, today=clock.today())
        return {"nodes": nodes, "may_manage": self.request.user.has_permission("people.manage")}


class TeamPage(RecordPage):
    """One team: its place, its people now and before."""

    permission = "people.view"
    template = "people/team.html"
    record_name = "team"

    def record(self) -> Team:
        """Return the team."""
        return _team(self)

    @property
    def edit_url(self) -> str:
        """The form, for administrators."""
        may = self.request.user.has_permission("people.manage")
        return reverse("people:team_edit", args=[self.kwargs["pk"]]) if may else ""

    def context(self) -> dict[str, Any]:
        """Members over time, sub-teams, and for administrators the history."""
        team, reader = self.record(), self.request.user
        may_manage = reader.has_permission("people.manage")
        return {
            "members": selectors.team_members(team),
            "children": selectors.teams_visible(reader).filter(parent=team),
            "today": clock.today(),
            "may_manage": may_manage,
            "history": history_of(reader, team) if may_manage else None,
        }


def _team(page: Page) -> Team:
    return Team.objects.visible_to(page.request.user).get_visible(page.request.user, page.kwargs["pk"])


class TeamFormPage(FormPage):
    """A form for a team."""

    permission = "people.manage"
    form_class = TeamForm

    def form_kwargs(self) -> dict[str, Any]:
        """Offer the teams it may be part of."""
        return {"teams": selectors.teams_visible(self.request.user).exclude(pk=self.kwargs.get("pk"))}

    def facts(self, form: Any) -> dict[str, Any]:
        """What the service takes."""
        given = dict(form.cleaned_data)
        parent = given.pop("parent")
        return given | {"parent_id": parent.pk if parent else None}


class AddTeam(TeamFormPage):
    """A new team."""

    title = _("New team")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Make it."""
        team = teams.create_team(self.request.user, **self.facts(form))
        return Done(
            message=gettext("The team %(name)s is added.") % {"name": team.name}, url=reverse("people:team_list")
        )


class EditTeam(TeamFormPage):
    """Rename a team, move it in the tree, close it."""

    title = _("Edit team")

    def record(self) -> Team:
        """Return the team."""
        return _team(self)

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write the changes."""
        team = teams.update_team(self.request.user, self.kwargs["pk"], version=version, **self.facts(form))
        return Done(message=gettext("Saved."), url=reverse("people:team", args=[team.pk]))


class AddMember(FormPage):
    """Put a person into a team; their other teams keep them."""

    permission = "people.manage"
    title = _("Add a member")
    form_class = MemberForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin today."""
        return {"started_on": clock.today()} | super().initial(record)

    def form_kwargs(self) -> dict[str, Any]:
        """Offer everybody who may sign in, for a team that exists."""
        _team(self)
        return {"people": User.objects.visible_to(self.request.user).filter(is_active=True)}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Put them in."""
        given = form.cleaned_data
        membership = teams.add_member(
            self.request.user,
            self.kwargs["pk"],
            given["user"].pk,
            started_on=given["started_on"],
            is_lead=given["is_lead"],
        )
        message = gettext("%(name)s belongs to %(team)s.") % {
            "name": membership.user.name,
            "team": membership.team.name,
        }
        return Done(message=message, url=reverse("people:team", args=[membership.team_id]))


class EndMembership(FormPage):
    """Let a person leave a team on a day."""

    permission = "people.manage"
    title = _("End membership")
    form_class = EndMembershipForm
    submit_label = _("End membership")

    def record(self) -> Membership:
        """Return the membership."""
        return selectors.membership(self.request.user, self.kwargs["pk"])

    def initial(self, record: Any) -> dict[str, Any]:
        """Offer today."""
        return {"ended_on": clock.today()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """End it."""
        team_id = self.record().team_id
        teams.end_membership(self.request.user, self.kwargs["pk"], ended_on=form.cleaned_data["ended_on"])
        return Done(message=gettext("Saved."), url=reverse("people:team", args=[team_id]))


class SetLead(ActionPage):
    """Make a member lead the team, or no longer."""

    permission = "people.manage"
    is_lead: ClassVar[bool] = True

    def act(self) -> Done:
        """Write it."""
        membership: Membership = teams.set_lead(self.request.user, self.kwargs["pk"], is_lead=self.is_lead)
        facts = {"name": membership.user.name, "team": membership.team.name}
        said = gettext("%(name)s leads %(team)s.") if self.is_lead else gettext("%(name)s no longer leads %(team)s.")
        return Done(message=said % facts, url=reverse("people:team", args=[membership.team_id]))


class UnsetLead(SetLead):
    """Take the lead away."""

    is_lead = False
