"""Coming in and going out."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from loudou.core import clock
from loudou.core.refusals import BusinessRefusal, InvalidInput
from loudou.people import selectors
from loudou.people.services import password_links, sign_in
from loudou.people.tasks import ask_for_password_link
from loudou.web.frame.form_pages import place_errors
from loudou.web.frame.middleware import remote_address
from loudou.web.frame.pages import Page
from loudou.web.people import provider, signing_in
from loudou.web.people.columns import role_labels
from loudou.web.people.forms import CodeForm, ConfirmForm, ForgottenPasswordForm, NewPasswordForm, SignInForm


@method_decorator(sensitive_post_parameters(), name="dispatch")
class GatePage(Page):
    """A form before the frame: `pass_through()` does what the form is for; refusals stand above it."""

    permission = ""
    anonymous_allowed = True
    form_class: ClassVar[type[forms.Form]]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(self.form_class())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead on, or say what is wrong."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            return self.pass_through(form.cleaned_data)
        except InvalidInput as refusal:
            place_errors(form, refusal)
            return self.show(form, status=422)
        except BusinessRefusal as refusal:
            form.add_error(None, str(refusal))
            return self.show(form, status=refusal.status)

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Do what the form is for and lead on."""
        raise NotImplementedError

    def show(self, form: forms.Form, *, status: int = 200) -> HttpResponse:
        """Render the form."""
        return self.render(status=status, form=form, next=signing_in.safe_next(self.request))


class SignIn(GatePage):
    """Name and password."""

    template = "people/sign_in.html"
    title = _("Sign in")
    form_class = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead people who are signed in already to where they were going."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(signing_in.safe_next(request))
        return super().get(request, *args, **kwargs)

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Sign in, or ask for the second factor."""
        next_address = signing_in.safe_next(self.request)
        user = sign_in.check_password(
            given["username"], given["password"], address=remote_address(self.request), at=clock.now()
        )
        return signing_in.lead_in(self.request, user, next_address=next_address)

    def context(self) -> dict[str, Any]:
        """Name the identity provider, and in the demo say who may sign in."""
        context: dict[str, Any] = {"provider": provider.name()}
        if self.request.company.is_demo:
            context["demo_users"] = [(user, ", ".join(role_labels(user))) for user in selectors.demo_sign_ins()]
            context["demo_password"] = settings.DEMO_PASSWORD
        return context


class SecondFactor(GatePage):
    """The code, after the password."""

    template = "people/second_factor.html"
    title = _("Second factor")
    form_class = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Begin at the beginning when no password was given just before."""
        held = signing_in.held(request)
        if held is None:
            return HttpResponseRedirect(reverse("people:sign_in"))
        self.user, self.next_address, self.provider = held
        return super().dispatch(request, *args, **kwargs)

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Sign in."""
        sign_in.check_code(self.user, given["code"], address=remote_address(self.request), at=clock.now())
        return signing_in.complete(
            self.request, self.user, next_address=self.next_address, provider=self.provider, has_two_factors=True
        )


class ForgottenPassword(GatePage):
    """A mail with a link for whoever forgot the password; nobody learns here which accounts exist."""

    template = "people/forgotten_password.html"
    title = _("Forgotten password")
    form_class = ForgottenPasswordForm

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Send the mail, if there is somebody to send it to, and say the same in any case."""
        if not settings.SENDS_MAIL:
            return self.show(self.form_class())
        page = signing_in.absolute(self.request, reverse("people:forgotten_password"))
        ask_for_password_link(given["name"], page=page, address=remote_address(self.request), at=clock.now())
        return self.render(is_sent=True)

    def context(self) -> dict[str, Any]:
        """Whether mail can be sent at all, and how long a link works."""
        return {"sends_mail": settings.SENDS_MAIL, "hours": settings.PASSWORD_MAIL_HOURS}


class PasswordByLink(GatePage):
    """A user sets their own password by a link from an administrator or a mail."""

    template = "people/password_by_link.html"
    title = _("Set your password")
    form_class = NewPasswordForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form while the link is good."""
        self.user = password_links.user_of_link(kwargs["reference"], kwargs["token"])
        return super().get(request, *args, **kwargs)

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Set the password and lead to the sign-in page, where a second factor is still asked for."""
        reference, token = self.kwargs["reference"], self.kwargs["token"]
        password_links.set_password_by_link(reference, token, password=given["password"], at=clock.now())
        logout(self.request)
        return HttpResponseRedirect(f"{reverse('people:sign_in')}?{urlencode({'set': '1'})}")


class Confirm(GatePage):
    """The password again, before a sensitive change."""

    permission = "people.own"
    anonymous_allowed = False
    template = "people/confirm.html"
    title = _("Confirm that it is you")
    form_class = ConfirmForm

    def context(self) -> dict[str, Any]:
        """Ways to confirm: the password for whoever has one, the identity provider where there is one."""
        return {"provider": provider.name(), "has_password": self.request.user.has_usable_password()}

    def pass_through(self, given: dict[str, Any]) -> HttpResponseBase:
        """Note the time and lead on."""
        now = clock.now()
        user = self.request.user
        sign_in.confirm_password(user, given["password"], address=remote_address(self.request), at=now)
        self.request.session[signing_in.CONFIRMED_AT] = now.isoformat()
        return HttpResponseRedirect(signing_in.safe_next(self.request))


class SignOut(Page):
    """Leave."""

    permission = ""
    anonymous_allowed = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End the session here."""
        if request.user.is_authenticated:
            sign_in.note_sign_out(request.user, at=clock.now())
        logout(request)
        return HttpResponseRedirect(reverse("people:sign_in"))
