"""Whom we believe about who asked and how, and what is answered in the clear."""

from __future__ import annotations

import pytest
from django.test import Client
from pydantic import ValidationError
from tests.config.test_env import environment

from loudou.config.env import is_https_due
from loudou.people.choices import EventCode
from loudou.people.models import AuditEntry

PROXY = {"REMOTE_ADDR": "10.1.1.1"}


@pytest.mark.parametrize(
    ("variables", "hosts", "due"),
    [
        ({}, ["127.0.0.1", "localhost", "[::1]"], False),
        ({}, ["localhost", "sales.example.com"], True),
        ({}, ["*"], True),
        ({"public_url": "https://sales.example.com"}, ["localhost"], True),
        ({"public_url": "http://sales.example.com"}, ["sales.example.com"], False),
        ({"https": "true"}, ["localhost"], True),
        ({"https": "false", "public_url": "https://sales.example.com"}, ["sales.example.com"], False),
    ],
)
def test_whoever_serves_more_than_this_machine_serves_over_https_unless_told_otherwise(
    monkeypatch, variables, hosts, due
):
    assert is_https_due(environment(monkeypatch, **variables), hosts) is due


def test_a_proxy_is_an_address_or_a_network_and_never_everybody(monkeypatch):
    assert environment(monkeypatch, proxy="127.0.0.1, 10.0.0.0/8").proxy == "127.0.0.1, 10.0.0.0/8"
    with pytest.raises(ValidationError, match=r"such as 127\.0\.0\.1 or 10\.0\.0\.0/8"):
        environment(monkeypatch, proxy="true")


@pytest.fixture
def over_https(settings):
    """A site behind a trusted proxy."""
    settings.HTTPS_IS_DUE = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    return Client(**PROXY)


pytestmark = pytest.mark.django_db


def test_what_a_trusted_proxy_calls_encrypted_is_answered_with_secure_cookies(over_https):
    response = over_https.get("/sign-in/", headers={"X-Forwarded-Proto": "https"})
    assert response.status_code == 200
    assert response.cookies["csrftoken"]["secure"] is True
    assert response["Strict-Transport-Security"] == "max-age=31536000"


def test_what_a_trusted_proxy_got_in_the_clear_is_led_to_https(over_https):
    response = over_https.get("/customers/?q=a", headers={"X-Forwarded-Proto": "http"})
    assert (response.status_code, response["Location"]) == (302, "https://testserver/customers/?q=a")
    assert over_https.post("/sign-in/", headers={"X-Forwarded-Proto": "http"})["X-Refusal"] == "https_only"


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.1.1"}])
def test_strangers_are_not_believed_and_told_what_to_do(over_https, headers):
    stranger = Client(REMOTE_ADDR="203.0.113.5")
    page = stranger.get("/sign-in/", headers=headers)
    assert (page.status_code, page["X-Refusal"]) == (403, "https_only")
    assert not page.cookies
    assert "https://" in page.content.decode()
    answer = stranger.get("/api/v1/opportunities", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "https_only")


def test_the_address_of_whoever_asked_is_the_last_that_is_not_our_own_proxys(over_https, admin_address):
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4, 203.0.113.9, 10.2.2.2"}
    assert admin_address(over_https, told) == "203.0.113.9"


def test_without_trusted_proxies_headers_say_nothing(settings, admin_address):
    settings.TRUSTED_PROXIES = []
    assert admin_address(Client(REMOTE_ADDR="203.0.113.5"), {"X-Forwarded-For": "1.2.3.4"}) == "203.0.113.5"


@pytest.fixture
def admin_address():
    """Where from a failed sign-in came, as the audit says."""

    def ask(client: Client, headers: dict[str, str]) -> str:
        client.post("/sign-in/", {"username": "nobody", "password": "wrong"}, headers=headers)
        return str(AuditEntry.objects.get(table_name=EventCode.SIGN_IN_FAILED).ip_address)

    return ask
