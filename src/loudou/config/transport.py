"""Over what requests reach us: which proxies are believed, and that nothing passes in the clear where HTTPS is due.

A proxy in front ends TLS and says in headers who asked and how. Anybody can write such headers, so they count only from
the addresses in LOUDOU_PROXY. See docs/adr/050-https-by-default.md.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from loudou.api import problems
from loudou.core.errors import HttpsOnly
from loudou.web.frame.middleware import READING, refuse

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class ProxyMiddleware:
    """Believe trusted proxies who asked and how; forget what anybody else says about it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.trusted: list[Network] = [ipaddress.ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as one of whoever asked the first trusted proxy."""
        if self._trusts(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = self._client(request)
        else:
            for header in SAID_BY_PROXIES:
                request.META.pop(header, None)
        return self.get_response(request)

    def _client(self, request: HttpRequest) -> str:
        """Return the last address that is not a proxy of ours: what stands before it anybody may have written."""
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        chain = [*told, request.META["REMOTE_ADDR"]]
        while len(chain) > 1 and self._trusts(chain[-1]):
            chain.pop()
        return str(chain[-1])

    def _trusts(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.trusted)


class HttpsMiddleware:
    """Where HTTPS is due, lead what came in the clear to it, or say so; nothing else is answered."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer what came encrypted."""
        return self.get_response(request) if request.is_secure() or not settings.HTTPS_IS_DUE else _clear(request)


def _clear(request: HttpRequest) -> HttpResponse:
    """A trusted proxy that says "http" has HTTPS beside it; without its word a redirect might go round for ever."""
    if request.path.startswith("/api/"):
        return problems.answer(request, HttpsOnly())
    if "HTTP_X_FORWARDED_PROTO" in request.META and request.method in READING:
        return HttpResponseRedirect(request.build_absolute_uri().replace("http://", "https://", 1))
    return refuse(request, HttpsOnly())
