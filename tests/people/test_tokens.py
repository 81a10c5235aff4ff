"""Keys with which programs act for a user."""

import datetime as dt

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.people.errors import ScopesTooWide, TokenLifetime
from loudou.people.models import ApiToken, AuditEntry
from loudou.people.services import tokens, users

MONTH = dt.timedelta(days=30)


@pytest.fixture
def issued(owner, now):
    return tokens.create_token(
        owner, name="Nightly job", scopes=["pipeline.view", "pipeline.change"], expires_at=now + MONTH, at=now
    )


def test_only_the_hash_of_a_secret_is_kept(issued):
    token, secret = issued
    kept = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in str(kept)
    assert secret.startswith(kept["prefix"])
    assert len(kept["digest"]) == 64
    assert secret not in str(list(AuditEntry.objects.values()))
    assert kept["digest"] not in str(list(AuditEntry.objects.values()))


def test_token_speaks_for_its_user_within_its_scopes(issued, owner, now):
    user, scopes = tokens.authenticate_token(issued[1], now)
    assert user == owner
    assert scopes == {"pipeline.view", "pipeline.change"}
    assert user.has_permission("pipeline.view")
    assert owner.has_permission("pipeline.add")
    assert not user.has_permission("pipeline.add")
    assert user.reach("pipeline.opportunity") == owner.reach("pipeline.opportunity")


def test_token_never_outgrows_its_user(issued, administrator, owner, now):
    users.update_user(administrator, owner.pk, roles=["auditor"])
    user, _scopes = tokens.authenticate_token(issued[1], now)
    assert user.permissions == {"pipeline.view"}


def test_scopes_beyond_the_users_own_are_refused(owner, now):
    with pytest.raises(ScopesTooWide) as refusal:
        tokens.create_token(owner, name="x", scopes=["pipeline.view", "people.manage"], expires_at=now + MONTH, at=now)
    assert "people.manage" in str(refusal.value)
    assert not ApiToken.objects.exists()


def test_token_cannot_make_a_wider_token(owner, now):
    _token, secret = tokens.create_token(owner, name="x", scopes=["people.own"], expires_at=now + MONTH, at=now)
    limited, _scopes = tokens.authenticate_token(secret, now)
    with pytest.raises(ScopesTooWide):
        tokens.create_token(limited, name="y", scopes=["pipeline.view"], expires_at=now + MONTH, at=now)


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_every_token_ends_within_a_year(owner, now, days):
    with pytest.raises(TokenLifetime):
        tokens.create_token(owner, name="x", scopes=[], expires_at=now + dt.timedelta(days=days), at=now)


def test_token_needs_a_name(owner, now):
    with pytest.raises(InvalidInput):
        tokens.create_token(owner, name=" ", scopes=[], expires_at=now + MONTH, at=now)


def test_expired_token_is_refused_at_that_instant(issued, now):
    assert tokens.authenticate_token(issued[1], now + MONTH - dt.timedelta(seconds=1)) is not None
    assert tokens.authenticate_token(issued[1], now + MONTH) is None


@pytest.mark.parametrize("raw", ["", "ldu_", "ldu_wrong", "Bearer x", "\0", "ldu_" + "x" * 5000])
def test_made_up_secrets_are_refused(db, now, raw):
    assert tokens.authenticate_token(raw, now) is None


def test_revoked_token_is_refused(issued, owner, now):
    tokens.revoke_token(owner, issued[0].pk, at=now)
    assert tokens.authenticate_token(issued[1], now) is None


def test_nobody_revokes_a_colleagues_token(issued, colleague, now):
    with pytest.raises(NotVisible):
        tokens.revoke_token(colleague, issued[0].pk, at=now)
    assert tokens.authenticate_token(issued[1], now) is not None


def test_administrator_revokes_anybodys_token(issued, administrator, now):
    assert tokens.revoke_token(administrator, issued[0].pk, at=now).revoked_at == now


def test_without_a_role_there_are_no_tokens(make_user, now):
    nobody = make_user("nobody")
    nobody.roles = []
    with pytest.raises(PermissionRefused):
        tokens.create_token(nobody, name="x", scopes=[], expires_at=now + MONTH, at=now)


def test_use_is_noted_at_most_every_five_minutes(issued, now, django_assert_num_queries):
    with django_assert_num_queries(2):
        tokens.authenticate_token(issued[1], now)
    with django_assert_num_queries(1):
        tokens.authenticate_token(issued[1], now + dt.timedelta(minutes=4))
    assert ApiToken.objects.get(pk=issued[0].pk).last_used_at == now
    with django_assert_num_queries(2):
        tokens.authenticate_token(issued[1], now + dt.timedelta(minutes=6))
