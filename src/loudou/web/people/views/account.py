"""One's own profile, password, second factor, sign-ins and API tokens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import segno
from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import BusinessRefusal
from loudou.people import selectors
from loudou.people.errors import PasswordRefused
from loudou.people.models import ApiToken
from loudou.people.services import second_factor, sessions, sign_in, tokens, users
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.middleware import remote_address
from loudou.web.frame.pages import Page
from loudou.web.people import signing_in
from loudou.web.people.forms import CodeForm, OwnPasswordForm, ProfileForm, TokenForm
from loudou.web.people.signing_in import Confirmed


class Profile(FormPage):
    """Name, language, theme and the way of writing large amounts."""

    permission = "people.own"
    title = _("My profile")
    template = "people/profile.html"
    form_class = ProfileForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin with what is known about the user."""
        return {name: getattr(self.request.user, name) for name in ProfileForm.base_fields}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write the profile."""
        users.update_profile(self.request.user, **form.cleaned_data)
        return Done(message=gettext("Saved."), url=reverse("people:profile"), leave=True)


class Password(FormPage):
    """A new password; everywhere else is signed out."""

    permission = "people.own"
    title = _("Change password")
    form_class = OwnPasswordForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin empty, whatever the address says."""
        return {}

    def act_once(self) -> Done:
        """Act each time: what was typed here is never compared with what was typed before."""
        return self.act()

    def save(self, form: Any, *, version: int | None) -> Done:
        """Ask for the present password, then write the new one."""
        user, request, now = self.request.user, self.request, clock.now()
        given = form.cleaned_data
        sign_in.confirm_password(user, given["current"], address=remote_address(request), at=now)
        kept = request.session.session_key
        changed = sign_in.change_password(user, new=given["password"], at=now, keep_session=kept)
        update_session_auth_hash(request, changed)
        request.session[signing_in.CONFIRMED_AT] = now.isoformat()
        return Done(
            message=gettext("Your password is changed. Everywhere else you are signed out."),
            url=reverse("people:security"),
            leave=True,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say beside its field when the present password is wrong."""
        try:
            return super().post(request, *args, **kwargs)
        except PasswordRefused as refusal:
            self.form.add_error("current", str(refusal))
            return self.show(self.form, None, status=422)


class Security(Page):
    """Second factor, recovery codes, and where the user is signed in."""

    permission = "people.own"
    title = _("Sign-in and security")
    template = "people/security.html"

    def context(self) -> dict[str, Any]:
        """What is switched on, and every session."""
        user = self.request.user
        here = self.request.session.session_key
        found = [
            {"row": row, "device": signing_in.device_name(row.user_agent), "is_here": row.session_key == here}
            for row in selectors.sessions(user, at=clock.now())
        ]
        return {
            "has_second_factor": sign_in.has_second_factor(user),
            "codes_left": selectors.recovery_codes_left(user),
            "sessions": found,
        }


class SetUpSecondFactor(Confirmed):
    """Scan, type a code, keep the recovery codes."""

    permission = "people.own"
    title = _("Set up a second factor")
    template = "people/second_factor_set_up.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the QR code."""
        return self.show(CodeForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Switch it on with a right code and show the recovery codes, once."""
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            codes = second_factor.confirm_set_up(self.request.user, code=form.cleaned_data["code"], at=clock.now())
        except BusinessRefusal as refusal:
            form.add_error("code", str(refusal))
            return self.show(form, status=refusal.status)
        request.session.pop(signing_in.SECOND_FACTOR_DUE, None)
        return self.render(template="people/recovery_codes.html", codes=codes, is_new=True)

    def show(self, form: CodeForm, *, status: int = 200) -> HttpResponse:
        """Render the QR code and the form."""
        issuer = self.request.company.name
        started = second_factor.begin_set_up(self.request.user, issuer=issuer, at=clock.now())
        picture = segno.make(started.address, micro=False).svg_data_uri(scale=5, border=3, light="white")
        spaced = " ".join(started.secret[i : i + 4] for i in range(0, len(started.secret), 4))
        is_due = self.request.session.get(signing_in.SECOND_FACTOR_DUE, False)
        return self.render(status=status, form=form, picture=picture, secret=spaced, is_due=is_due)


class RemoveSecondFactor(Confirmed, ActionPage):
    """Switch the second factor off."""

    permission = "people.own"

    def act(self) -> Done:
        """Switch it off; whoever needs one sets up a new one at once."""
        second_factor.remove_second_factor(self.request.user)
        self.request.session.pop(signing_in.SECOND_FACTOR_GIVEN, None)
        signing_in.note_what_is_due(self.request, self.request.user)
        return Done(message=gettext("The second factor is switched off."), url=reverse("people:security"), leave=True)


class RenewRecoveryCodes(Confirmed):
    """New recovery codes, shown once."""

    permission = "people.own"
    title = _("Recovery codes")
    template = "people/recovery_codes.html"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make new ones and show them."""
        return self.render(codes=second_factor.renew_recovery_codes(self.request.user))


class EndSession(ActionPage):
    """Sign out of one other browser."""

    permission = "people.own"

    def act(self) -> Done:
        """End it."""
        sessions.end_session(self.request.user, self.kwargs["reference"])
        return Done(message=gettext("Signed out there."), url=reverse("people:security"), leave=True)


class EndOtherSessions(ActionPage):
    """Sign out everywhere else."""

    permission = "people.own"

    def act(self) -> Done:
        """End them."""
        sessions.end_other_sessions(self.request.user, keep_session=self.request.session.session_key)
        return Done(message=gettext("Everywhere else you are signed out."), url=reverse("people:security"), leave=True)


class Tokens(Page):
    """Keys with which programs act for the user."""

    permission = "people.own"
    title = _("API tokens")
    template = "people/tokens.html"

    def context(self) -> dict[str, Any]:
        """The user's tokens; ended ones last."""
        now = clock.now()
        found: QuerySet[ApiToken] = selectors.api_tokens(self.request.user)
        rows = [{"row": row, "is_live": row.revoked_at is None and row.expires_at > now} for row in found]
        return {"tokens": sorted(rows, key=lambda item: not item["is_live"])}


class AddToken(Confirmed, FormPage):
    """Make a token; its secret is shown once."""

    permission = "people.own"
    title = _("New API token")
    form_class = TokenForm
    submit_label = _("Make the token")

    def form_kwargs(self) -> dict[str, Any]:
        """Offer what the user may do."""
        return {"permissions": self.request.user.permissions}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the secret instead of leading on: it is kept nowhere."""
        form = self.make_form(None, request.POST)
        if not form.is_valid():
            return self.show(form, None, status=422)
        now, given = clock.now(), form.cleaned_data
        expires_at = now + dt.timedelta(days=given["days"])
        token, secret = tokens.create_token(
            self.request.user, name=given["name"], scopes=given["scopes"], expires_at=expires_at, at=now
        )
        return self.render(template="people/token_secret.html", token=token, secret=secret)


class RevokeToken(ActionPage):
    """End a token."""

    permission = "people.own"

    def act(self) -> Done:
        """End it."""
        token = tokens.revoke_token(self.request.user, self.kwargs["pk"], at=clock.now())
        message = gettext("The token %(name)s no longer works.") % {"name": token.name}
        return Done(message=message, url=reverse("people:tokens"), leave=True)
