"""Signing in through an identity provider: a real one runs on loopback and checks its side of the protocol, too."""

import datetime as dt
import time
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPErrorProcessor, build_opener

import pytest
from joserfc.jwk import RSAKey
from tests.people.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.web.people.test_people_pages import set_up

from loudou.core.rates import company
from loudou.people.models import AuditEntry, ExternalIdentity, Session, User
from loudou.people.services import identities
from loudou.web.people import provider as client_side

BEGIN, BACK = "/sign-in/provider/", "/sign-in/provider/back/"


class NoRedirects(HTTPErrorProcessor):
    """Show a redirect instead of following it."""

    def http_response(self, request, response):
        return response


@pytest.fixture
def provider(settings):
    running = Provider()
    settings.IDENTITY_PROVIDER = {
        "discovery_url": running.discovery_url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "name": "Contoso account",
    }
    client_side._discovered.cache_clear()
    yield running
    running.stop()


@pytest.fixture
def vouched(provider, owner):
    """The owner has an account at the provider, with a verified address."""
    provider.person = {"sub": "4711", "email": owner.email.upper(), "email_verified": True}
    return owner


def there(address):
    """Let the browser go to the provider, and return the address it is sent back to."""
    return build_opener(NoRedirects).open(address).headers["Location"]


def come_back(client, begin=BEGIN):
    """Go all the way round."""
    return client.get(there(client.get(begin).headers["Location"]))


def is_signed_in(client):
    return client.get("/me/").status_code == 200


def test_without_a_provider_there_is_no_such_address_and_no_button(client, db):
    assert client.get(BEGIN).status_code == 404
    assert client.get(BACK).status_code == 404
    assert b"/sign-in/provider/" not in client.get("/sign-in/").content


def test_a_verified_address_leads_in_once_and_the_providers_id_ever_after(client, provider, vouched):
    assert b"Sign in with your Contoso account" in client.get("/sign-in/").content
    answer = come_back(client, f"{BEGIN}?next=/me/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert is_signed_in(client)
    identity = ExternalIdentity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (vouched, provider.issuer, "4711")
    signed_in = AuditEntry.objects.get(table_name="signed_in")
    assert (signed_in.actor_id, signed_in.after["provider"]) == (vouched.pk, provider.issuer)
    client.post("/sign-out/")
    provider.person |= {"email": "renamed@example.com"}
    come_back(client)
    assert is_signed_in(client)
    assert ExternalIdentity.objects.count() == 1


def test_the_request_carries_state_nonce_and_a_challenge(client, provider, vouched):
    asked = parse_qs(urlsplit(client.get(BEGIN).headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["redirect_uri"] == ["http://testserver/sign-in/provider/back/"]
    assert "client_secret" not in asked
    assert "prompt" not in asked


def test_the_way_back_is_the_public_address_when_there_is_one(client, provider, vouched, settings):
    settings.PUBLIC_URL = "https://sales.example.com"
    asked = parse_qs(urlsplit(client.get(BEGIN).headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://sales.example.com/sign-in/provider/back/"]


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": "stranger@example.com"},
        {"email": None},
        {"email": ""},
    ],
)
def test_an_address_that_is_unknown_or_not_verified_opens_nothing(client, provider, vouched, person):
    provider.person |= person
    answer = come_back(client)
    assert answer.status_code == 403
    assert b"no open account here has your mail address" in answer.content
    assert not is_signed_in(client)
    assert not ExternalIdentity.objects.exists()
    failed = AuditEntry.objects.get(table_name="sign_in_failed")
    assert failed.after == {"provider": provider.issuer, "why": "identity_unknown"}


def test_users_without_an_address_are_not_found_by_an_empty_one(client, provider, make_user):
    make_user("nameless", email="")
    provider.person = {"sub": "1", "email": "", "email_verified": True}
    assert come_back(client).status_code == 403


def test_a_closed_account_stays_closed_linked_or_not(client, provider, vouched):
    come_back(client)
    client.post("/sign-out/")
    User.objects.filter(pk=vouched.pk).update(is_active=False)
    assert come_back(client).status_code == 403
    ExternalIdentity.objects.all().delete()
    assert come_back(client).status_code == 403
    assert not Session.objects.filter(user=vouched).exists()


def test_an_address_given_to_a_new_colleague_opens_nothing_until_an_administrator_cuts_the_link(
    client, provider, vouched, administrator
):
    come_back(client)
    client.post("/sign-out/")
    provider.person |= {"sub": "4712"}
    answer = come_back(client)
    assert answer.status_code == 403
    assert b"linked to somebody else there" in answer.content
    assert not is_signed_in(client)
    identities.forget_identities(administrator, vouched.pk)
    come_back(client)
    assert is_signed_in(client)
    assert ExternalIdentity.objects.get().subject == "4712"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of-another-journey"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"], "azp": "somebody-else"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
)
def test_a_token_that_does_not_fit_is_refused(client, provider, vouched, claims):
    provider.claims = claims
    answer = come_back(client)
    assert answer.status_code == 401
    assert not is_signed_in(client)
    assert not ExternalIdentity.objects.exists()


def test_a_token_that_the_provider_did_not_sign_is_refused(client, provider, vouched):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(client).status_code == 401
    provider.sign_with_the_client_secret()
    assert come_back(client).status_code == 401
    assert not is_signed_in(client)


def test_an_answer_nobody_asked_for_is_refused(client, provider, vouched):
    assert client.get(f"{BACK}?code=x&state=y").status_code == 401
    answer = there(client.get(BEGIN).headers["Location"])
    other = type(client)()
    other.get(BEGIN)
    assert other.get(answer).status_code == 401  # the code of another browser
    assert client.get(answer).status_code == 302
    assert client.get(answer).status_code == 401  # and each works once


def test_an_answer_after_ten_minutes_is_too_late(client, provider, vouched, frozen):
    answer = there(client.get(BEGIN).headers["Location"])
    frozen.shift(dt.timedelta(minutes=11))
    assert client.get(answer).status_code == 401


def test_a_provider_that_says_no_leads_back_with_a_sentence(client, provider, vouched):
    provider.refuses = "access_denied"
    answer = come_back(client)
    assert answer.status_code == 401
    assert b"Signing in there did not work." in answer.content


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": None},
    ],
)
def test_a_description_that_cannot_be_trusted_is_not_followed(client, provider, vouched, metadata):
    provider.metadata = metadata
    assert client.get(BEGIN).status_code == 503


def test_a_provider_that_is_away_gets_a_sentence(client, provider, vouched):
    provider.stop()
    client_side._discovered.cache_clear()
    answer = client.get(BEGIN)
    assert answer.status_code == 503
    assert b"The sign-in service does not answer at the moment." in answer.content


def test_the_own_second_factor_is_still_asked_for(client, provider, vouched):
    _secret, codes = set_up(vouched)
    assert come_back(client, f"{BEGIN}?next=/me/").headers["Location"] == "/sign-in/code/"
    assert not is_signed_in(client)
    assert client.post("/sign-in/code/", {"code": codes[0]}).headers["Location"] == "/me/"
    assert AuditEntry.objects.get(table_name="signed_in").after["provider"] == provider.issuer


def test_a_provider_that_asked_for_several_factors_has_done_it_for_us(client, provider, vouched):
    company()
    type(company()).objects.update(require_second_factor=True)
    provider.claims = {"amr": ["pwd", "mfa"]}
    assert come_back(client).headers["Location"] == "/"
    assert is_signed_in(client)
    client.post("/sign-out/")
    provider.claims = {"amr": ["pwd"]}
    come_back(client)
    assert client.get("/me/").headers["Location"] == "/me/security/second-factor/"


def test_whoever_has_no_password_confirms_at_the_provider(client, provider, vouched, frozen):
    vouched.set_unusable_password()
    vouched.save()
    come_back(client)
    frozen.shift(dt.timedelta(hours=1))
    asked = client.get("/me/security/second-factor/")
    assert asked.headers["Location"] == "/sign-in/confirm/?next=%2Fme%2Fsecurity%2Fsecond-factor%2F"
    page = client.get(asked.headers["Location"]).content.decode()
    assert "Confirm with your Contoso account" in page
    assert 'type="password"' not in page
    begin = f"{BEGIN}?next=/me/security/second-factor/"
    assert parse_qs(urlsplit(client.get(begin).headers["Location"]).query)["prompt"] == ["login"]
    provider.claims = {"auth_time": int(time.time()) - 3600}
    assert come_back(client, begin).status_code == 401  # the provider did not really ask again
    provider.claims = {"sub": "somebody-else", "email": "nobody@example.com"}
    assert come_back(client, begin).status_code == 403
    provider.claims = {}
    assert come_back(client, begin).headers["Location"] == "/me/security/second-factor/"
    assert client.get("/me/security/second-factor/").status_code == 200
