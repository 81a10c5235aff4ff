"""Signing in through the company's identity provider, and confirming there that it still is you."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.people.errors import IdentityRefused
from loudou.people.services.identities import user_of_identity
from loudou.web.frame.pages import Page
from loudou.web.people import provider, signing_in


class ProviderPage(Page):
    """An address that exists only where an identity provider is set up."""

    permission = ""
    anonymous_allowed = True
    http_method_names = ["get", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 where people sign in by password alone."""
        if not provider.name():
            raise NotVisible
        return super().dispatch(request, *args, **kwargs)


class Begin(ProviderPage):
    """Send the browser to the provider."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever is signed in here comes to confirm it; the provider then asks for the password again."""
        back = signing_in.absolute(request, reverse("people:provider_back"))
        confirming = request.user.is_authenticated
        address = provider.begin(request, back=back, next_address=signing_in.safe_next(request), confirming=confirming)
        return HttpResponseRedirect(address)


class Back(ProviderPage):
    """Where the provider sends the browser back to."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign in, or note that it still is the same person."""
        arrival, now = provider.arrive(request), clock.now()
        user = user_of_identity(arrival.identity, at=now)
        if arrival.confirming:
            fresh = arrival.authenticated_at and now - arrival.authenticated_at < signing_in.CONFIRMED_FOR
            if user.pk != request.user.pk or not fresh:
                raise IdentityRefused
            request.session[signing_in.CONFIRMED_AT] = now.isoformat()
            return HttpResponseRedirect(arrival.next_address)
        issuer = arrival.identity.issuer
        if arrival.has_two_factors:
            return signing_in.complete(
                request, user, next_address=arrival.next_address, provider=issuer, has_two_factors=True
            )
        return signing_in.lead_in(request, user, next_address=arrival.next_address, provider=issuer)
