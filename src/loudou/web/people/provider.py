"""Talking to an identity provider by OpenID Connect: where to send the browser, and whom the answer vouches for.

The authorization code flow with PKCE, state and nonce. The protocol and the claims' validation are Authlib's, the
signature's is joserfc's; what the provider offers is read from its discovery document.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from loudou.core import clock
from loudou.people.errors import IdentityRefused, ProviderUnavailable
from loudou.people.services.identities import Identity

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

JOURNEY = "provider_journey"
JOURNEY_FOR = dt.timedelta(minutes=10)
SEVERAL_FACTORS = "mfa"  # RFC 8176
# What only the provider can sign: a symmetric or missing signature proves nothing here.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS = 10
CLOCKS_DIFFER = 60  # seconds

log = structlog.get_logger("loudou.sign_in")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back from the provider, and why they had gone there."""

    identity: Identity
    has_two_factors: bool
    authenticated_at: dt.datetime | None
    next_address: str
    confirming: bool


def name() -> str:
    """What the provider is called on the sign-in page; '' when there is none."""
    provider = settings.IDENTITY_PROVIDER
    return (provider["name"] or _("company account")) if provider["discovery_url"] else ""


def begin(request: HttpRequest, *, back: str, next_address: str, confirming: bool) -> str:
    """Remember what the answer must fit, and return the address at the provider. Raises ProviderUnavailable.

    `confirming` makes the provider ask for the password even when the person is still signed in there.
    """
    offered = _offer()
    journey = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(64),
        "back": back,
        "next": next_address,
        "confirming": confirming,
        "at": clock.now().isoformat(),
    }
    request.session[JOURNEY] = journey
    again = {"prompt": "login", "max_age": "0"} if confirming else {}
    address, _state = _client(offered, back).create_authorization_url(
        offered["authorization_endpoint"],
        state=journey["state"],
        nonce=journey["nonce"],
        code_verifier=journey["verifier"],
        **again,
    )
    return str(address)


def arrive(request: HttpRequest) -> Arrival:
    """Trade the code the browser brought back for the provider's word. Raises IdentityRefused, ProviderUnavailable."""
    journey = request.session.pop(JOURNEY, None)
    given = request.GET
    if (
        journey is None
        or clock.now() - dt.datetime.fromisoformat(journey["at"]) > JOURNEY_FOR
        or not constant_time_compare(given.get("state", ""), journey["state"])
    ):
        raise IdentityRefused
    if "code" not in given:
        log.warning("provider_said_no", error=given.get("error", ""), description=given.get("error_description", ""))
        raise IdentityRefused
    offered = _offer()
    if given.get("iss", offered["issuer"]) != offered["issuer"]:  # RFC 9207: an answer of another provider
        raise IdentityRefused
    claims = _claims(offered, _token(offered, journey, given["code"]), nonce=journey["nonce"])
    authenticated = claims.get("auth_time")
    return Arrival(
        identity=Identity(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            verified_email=str(claims.get("email", "")) if claims.get("email_verified") in {True, "true"} else "",
        ),
        has_two_factors=SEVERAL_FACTORS in (claims.get("amr") or ()),
        authenticated_at=dt.datetime.fromtimestamp(authenticated, dt.UTC) if authenticated else None,
        next_address=journey["next"],
        confirming=journey["confirming"],
    )


def _token(offered: Mapping[str, Any], journey: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    client = _client(offered, journey["back"])
    try:
        token: Mapping[str, Any] = client.fetch_token(
            offered["token_endpoint"], code=code, code_verifier=journey["verifier"], timeout=SECONDS
        )
    except AuthlibBaseError as reason:
        log.warning("provider_refused_the_code", reason=str(reason))
        raise IdentityRefused from reason
    except (RequestException, ValueError) as reason:
        raise _away(reason) from reason
    return token


def _claims(offered: Mapping[str, Any], token: Mapping[str, Any], *, nonce: str) -> Mapping[str, Any]:
    """Verify the ID token: signature, issuer, audience, times, nonce, and that the access token belongs to it."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if not isinstance(token.get("id_token"), str):
        raise IdentityRefused
    try:
        keys = KeySet.import_key_set(cast("KeySetSerialization", _fetched(offered["jwks_uri"])))
        read = jwt.decode(token["id_token"], keys, algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={"iss": {"essential": True, "value": offered["issuer"]}},
            params={
                "nonce": nonce,
                "client_id": settings.IDENTITY_PROVIDER["client_id"],
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=CLOCKS_DIFFER)
    except (JoseError, ValueError) as reason:
        log.warning("provider_token_is_not_valid", reason=str(reason))
        raise IdentityRefused from reason
    if claims.get("nonce") != nonce or not claims["sub"]:
        raise IdentityRefused
    return dict(claims)


def _client(offered: Mapping[str, Any], back: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    provider = settings.IDENTITY_PROVIDER
    understood = offered.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    by_secret = "client_secret_basic" if "client_secret_basic" in understood else "client_secret_post"
    return OAuth2Session(
        provider["client_id"],
        provider["client_secret"] or None,
        token_endpoint_auth_method=by_secret if provider["client_secret"] else "none",
        scope="openid email profile",
        redirect_uri=back,
        code_challenge_method="S256",
    )


def _offer() -> Mapping[str, Any]:
    """What the provider offers; asked again every hour."""
    return _discovered(settings.IDENTITY_PROVIDER["discovery_url"], int(time.time() // 3600))


@lru_cache(maxsize=2)
def _discovered(address: str, hour: int) -> Mapping[str, Any]:
    offered = _fetched(address)
    issuer = str(offered.get("issuer", ""))
    needed = [offered.get(part) for part in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if address != f"{issuer.rstrip('/')}/.well-known/openid-configuration" or not all(map(_is_safe, needed)):
        raise _away(f"{address} does not describe a provider of this address")
    return offered


def _fetched(address: str) -> dict[str, Any]:
    import requests

    try:
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as reason:
        raise _away(reason) from reason
    if not isinstance(found, dict):
        raise _away(f"{address} answers no object")
    return found


def _is_safe(address: object) -> bool:
    parts = urlsplit(str(address or ""))
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _away(reason: object) -> ProviderUnavailable:
    log.error("provider_unavailable", reason=str(reason))
    return ProviderUnavailable()
