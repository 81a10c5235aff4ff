"""Users, as the administrator keeps them and as colleagues see them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.people import selectors
from loudou.people.models import User
from loudou.people.services import identities, password_links, second_factor, sessions, sign_in, teams, users
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page, RecordPage
from loudou.web.handover.holdings import holdings_in_words, may_hand_over
from loudou.web.people.columns import role_badges, role_labels, second_factor_badge, state_badge, team_names
from loudou.web.people.filters import UserFilter
from loudou.web.people.forms import NewUserForm, UserForm
from loudou.web.people.history import history_of
from loudou.web.people.signing_in import absolute


class UserList(ListPage):
    """Everybody, with roles and teams."""

    permission = "people.view"
    title = _("Users")
    filterset = UserFilter
    columns = (
        Column(name="name", label=_("Full name"), sort="name"),
        Column(name="username", label=_("Sign-in name"), sort="username", hide_below="md"),
        Column(name="roles", label=_("Roles"), value=lambda user: ", ".join(role_labels(user)), html=role_badges),
        Column(name="teams", label=_("Teams"), value=team_names, hide_below="md"),
        Column(name="title", label=_("Job title"), sort="title", hide_below="lg", shown=False),
        Column(name="email", label=_("Mail"), sort="email", hide_below="lg"),
        Column(name="phone", label=_("Phone"), shown=False),
        Column(name="is_active", label=_("State"), sort="is_active", html=state_badge),
        Column(
            name="second_factor",
            label=_("Second factor"),
            value="has_second_factor",
            html=second_factor_badge,
            hide_below="lg",
        ),
        Column(name="last_login", label=_("Last sign-in"), kind="datetime", sort="last_login", hide_below="xl"),
        Column(name="external_id", label=_("Id in another system"), shown=False),
    )
    default_sort = "name"
    row_url_name = "people:user"
    export_permission = "people.manage"
    add_url_name, add_permission, add_label = "people:user_add", "people.manage", _("New user")
    empty_title = _("No users yet")
    empty_text = _("Add the people who will work here, or import them from a file.")

    def rows(self) -> Any:
        """Everybody whom the reader may see."""
        return selectors.users_visible(self.request.user, today=clock.today())


class UserPage(RecordPage):
    """One person: who they are, where they belong, what they see, and what an administrator can do for them."""

    permission = "people.view"
    template = "people/user.html"
    record_name = "person"

    def record(self) -> User:
        """Return the user."""
        return _user(self)

    @property
    def edit_url(self) -> str:
        """The form, for administrators."""
        may = self.request.user.has_permission("people.manage")
        return reverse("people:user_edit", args=[self.kwargs["pk"]]) if may else ""

    def context(self) -> dict[str, Any]:
        """Memberships over time, what the roles let the person see, and for administrators the history."""
        reader, today = self.request.user, clock.today()
        person = self.record()
        context: dict[str, Any] = {
            "role_labels": role_labels(person),
            "memberships": selectors.memberships_of(person),
            "today": today,
            "sight": selectors.sight_of(person, today=today),
            "may_manage": reader.has_permission("people.manage"),
        }
        context["may_hand_over"] = may_hand_over(reader, person)
        if context["may_manage"] or context["may_hand_over"]:
            context["holdings"] = holdings_in_words(reader, person)
            context["held"] = "" if person.is_active else context["holdings"]
        if context["may_manage"]:
            context["tokens"] = [token for token in selectors.api_tokens(person) if token.revoked_at is None]
            context["has_second_factor"] = sign_in.has_second_factor(person)
            context["identities"] = selectors.identities_of(person)
            context["history"] = history_of(reader, person)
        return context


def _user(page: Page) -> User:
    return User.objects.get_queryset().get_visible(page.request.user, page.kwargs["pk"])


class AddUser(FormPage):
    """A new user, and the link with which they set their password."""

    permission = "people.manage"
    title = _("New user")
    form_class = NewUserForm

    def form_kwargs(self) -> dict[str, Any]:
        """Offer the teams."""
        return {"teams": selectors.teams_visible(self.request.user)}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Make the user and put them into the team from today on."""
        given = dict(form.cleaned_data)
        team, is_lead = given.pop("team"), given.pop("is_lead")
        user = teams.create_user_in_team(
            self.request.user, team_id=team.pk if team else None, started_on=clock.today(), is_lead=is_lead, **given
        )
        message = gettext("%(name)s is added. Give them a link to set their password.") % {"name": user.name}
        return Done(message=message, url=reverse("people:user", args=[user.pk]), leave=True)


class EditUser(FormPage):
    """Change what is known about a user, roles included."""

    permission = "people.manage"
    title = _("Edit user")
    form_class = UserForm

    def record(self) -> User:
        """Return the user."""
        return _user(self)

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write the changes."""
        user = users.update_user(self.request.user, self.kwargs["pk"], version=version, **form.cleaned_data)
        return Done(message=gettext("Saved."), url=reverse("people:user", args=[user.pk]))


class PasswordLink(Page):
    """A link with which a user sets their own password, shown to the administrator once."""

    permission = "people.manage"
    title = _("Link for setting a password")
    template = "people/password_link.html"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the link and show it."""
        reference, token = password_links.password_link(self.request.user, kwargs["pk"], at=clock.now())
        link = absolute(request, reverse("people:password_by_link", args=[reference, token]))
        return self.render(link=link, person=_user(self))


class UserAction(ActionPage):
    """Something an administrator does for one user."""

    permission = "people.manage"
    message: ClassVar[Any] = ""

    def change(self, pk: int) -> User:
        """Call the service and return the user."""
        raise NotImplementedError

    def act(self) -> Done:
        """Do it and say so."""
        user = self.change(self.kwargs["pk"])
        return Done(message=str(self.message) % {"name": user.name}, url=reverse("people:user", args=[user.pk]))


class Deactivate(UserAction):
    """End a user's access."""

    message = _("%(name)s can no longer sign in. Records and memberships stay as they are.")

    def change(self, pk: int) -> User:
        """End it now."""
        return users.deactivate_user(self.request.user, pk, at=clock.now())


class Reactivate(UserAction):
    """Let a user in again."""

    message = _("%(name)s may sign in again.")

    def change(self, pk: int) -> User:
        """Let them in."""
        return users.reactivate_user(self.request.user, pk)


class ResetSecondFactor(UserAction):
    """Help somebody who lost phone and codes."""

    message = _("The second factor of %(name)s is switched off, and they are signed out everywhere.")

    def change(self, pk: int) -> User:
        """Switch it off."""
        return second_factor.reset_second_factor(self.request.user, pk)


class ForgetIdentities(UserAction):
    """Cut the link to the identity provider."""

    message = _("%(name)s is no longer linked to the sign-in service.")

    def change(self, pk: int) -> User:
        """Cut it."""
        return identities.forget_identities(self.request.user, pk)


class EndSessions(UserAction):
    """Sign a user out everywhere."""

    message = _("%(name)s is signed out everywhere.")

    def change(self, pk: int) -> User:
        """End the sessions."""
        sessions.end_sessions_of(self.request.user, pk)
        return _user(self)
