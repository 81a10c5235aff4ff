"""Letting people in: throttling that all web processes share, and answers from which nothing can be learnt."""

import datetime as dt
import threading

import pytest
from django.db import connection
from tests.conftest import PASSWORD

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.people.choices import EventCode
from loudou.people.errors import PasswordRefused, SignInRefused, TooManyAttempts
from loudou.people.models import AuditEntry, Session, SignInAttempt, User
from loudou.people.services import attempts, sessions, sign_in

HERE, THERE = "203.0.113.5", "198.51.100.7"
STRONG = "sieben-Zwerge-und-Milch"


def fail(username, now, *, times=1, address=HERE):
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in.check_password(username, "wrong", address=address, at=now)


def test_right_name_and_password_lead_in(owner, now):
    assert sign_in.check_password("owner", PASSWORD, address=HERE, at=now) == owner
    assert sign_in.check_password("  OWNER ", PASSWORD, address=HERE, at=now) == owner
    assert not SignInAttempt.objects.exists()


def test_unknown_name_wrong_password_and_closed_account_answer_alike(owner, colleague, now):
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    sentences = set()
    for name, password in [("nobody", PASSWORD), ("owner", "wrong"), ("colleague", PASSWORD), ("", ""), ("\0", "\0")]:
        with pytest.raises(SignInRefused) as refusal:
            sign_in.check_password(name, password, address=HERE, at=now)
        sentences.add(str(refusal.value))
    assert len(sentences) == 1


@pytest.mark.parametrize("name", ["owner", "nobody"])
def test_the_sixth_guess_waits_whether_the_account_exists_or_not(owner, now, name):
    fail(name, now, times=5)
    with pytest.raises(TooManyAttempts) as refusal:
        sign_in.check_password(name, PASSWORD, address=HERE, at=now + dt.timedelta(minutes=4))
    assert str(refusal.value) == "Too many attempts. Wait 11 min, then try again."
    assert refusal.value.status == 429


def test_the_wait_ends(owner, now):
    fail("owner", now, times=5)
    assert sign_in.check_password("owner", PASSWORD, address=HERE, at=now + dt.timedelta(minutes=15)) == owner


def test_somebody_elsewhere_does_not_lock_the_owner_out(owner, now):
    fail("owner", now, times=5, address=THERE)
    assert sign_in.check_password("owner", PASSWORD, address=HERE, at=now) == owner


def test_guessing_from_many_addresses_is_held_back_too(owner, now):
    for number in range(20):
        fail("owner", now, address=f"203.0.113.{number}")
    with pytest.raises(TooManyAttempts):
        sign_in.check_password("owner", PASSWORD, address=THERE, at=now)


def test_trying_many_names_from_one_address_is_held_back(owner, now):
    for number in range(60):
        fail(f"name{number}", now)
    with pytest.raises(TooManyAttempts):
        sign_in.check_password("owner", PASSWORD, address=HERE, at=now)
    assert sign_in.check_password("owner", PASSWORD, address=THERE, at=now) == owner


def test_complete_sign_in_frees_the_way_again(owner, now):
    fail("owner", now, times=4)
    sign_in.check_password("owner", PASSWORD, address=HERE, at=now)
    sign_in.note_sign_in(owner, address=HERE, device="Firefox", at=now)
    fail("owner", now, times=5)


def test_right_password_alone_does_not_free_the_way_for_code_guessing(owner, now):
    fail("owner", now, times=4)
    sign_in.check_password("owner", PASSWORD, address=HERE, at=now)
    fail("owner", now)
    with pytest.raises(TooManyAttempts):
        sign_in.check_password("owner", PASSWORD, address=HERE, at=now)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_guesses_at_once_count_as_a_hundred(make_user, now):
    make_user("owner")
    outcomes = []

    def guess():
        try:
            attempts.reserve(attempts.Guess.at("owner", HERE), at=now)
            outcomes.append("let through")
        except TooManyAttempts:
            outcomes.append("held back")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held back"] * 7 + ["let through"] * 5


def test_old_attempts_and_ended_sessions_are_swept_away(owner, now):
    fail("nobody", now - dt.timedelta(days=2))
    Session.objects.create(session_key="old", session_data="", expire_date=now - dt.timedelta(days=1))
    sign_in.note_sign_in(owner, address=HERE, device="", at=now)
    assert not SignInAttempt.objects.exists()
    assert not Session.objects.exists()


def test_sign_ins_and_failures_are_in_the_audit_without_what_was_typed(owner, now):
    fail("owner", now)
    fail("my-secret-typed-into-the-wrong-box", now)
    sign_in.note_sign_in(owner, address=HERE, device="Firefox", at=now)
    sign_in.note_sign_out(owner, at=now)
    events = AuditEntry.objects.filter(operation="event").order_by("pk")
    assert [(event.table_name, event.actor_id) for event in events] == [
        (EventCode.SIGN_IN_FAILED, owner.pk),
        (EventCode.SIGN_IN_FAILED, None),
        (EventCode.SIGNED_IN, owner.pk),
        (EventCode.SIGNED_OUT, owner.pk),
    ]
    assert "secret" not in str(list(AuditEntry.objects.values())) + str(list(SignInAttempt.objects.values()))


def test_confirmation_asks_for_the_present_password_and_is_throttled(owner, now):
    sign_in.confirm_password(owner, PASSWORD, address=HERE, at=now)
    for _ in range(5):
        with pytest.raises(PasswordRefused):
            sign_in.confirm_password(owner, "wrong", address=HERE, at=now)
    with pytest.raises(TooManyAttempts):
        sign_in.confirm_password(owner, PASSWORD, address=HERE, at=now)


def test_new_password_signs_out_everywhere_else(owner, colleague, now):
    for key, user in (("here", owner), ("there", owner), ("other", colleague)):
        Session.objects.create(session_key=key, user=user, session_data="", expire_date=now + dt.timedelta(days=1))
    sign_in.change_password(owner, new=STRONG, at=now, keep_session="here")
    assert set(Session.objects.values_list("session_key", flat=True)) == {"here", "other"}
    owner.refresh_from_db()
    assert owner.check_password(STRONG)


@pytest.mark.parametrize("weak", ["short", "password123", "1234567890123", "owner@example.com"])
def test_weak_passwords_are_refused_with_the_reason(owner, now, weak):
    with pytest.raises(InvalidInput) as refusal:
        sign_in.change_password(owner, new=weak, at=now, keep_session=None)
    assert list(refusal.value.errors) == ["password"]
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_people_end_their_own_sessions_only(owner, colleague, administrator, now):
    kept = {}
    for key, user in (("here", owner), ("there", owner), ("other", colleague)):
        kept[key] = Session.objects.create(
            session_key=key, user=user, session_data="", expire_date=now + dt.timedelta(days=1)
        )
    with pytest.raises(NotVisible):
        sessions.end_session(owner, kept["other"].reference)
    assert Session.objects.count() == 3
    sessions.end_session(owner, kept["there"].reference)
    assert set(Session.objects.values_list("session_key", flat=True)) == {"here", "other"}
    assert sessions.end_other_sessions(owner, keep_session="here") == 0
    assert sessions.end_sessions_of(administrator, colleague.pk) == 1
    with pytest.raises(PermissionRefused):
        sessions.end_sessions_of(colleague, owner.pk)
