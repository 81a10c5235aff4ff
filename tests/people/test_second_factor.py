"""The second factor, with codes as a real app computes them."""

import base64
import datetime as dt
import hmac
import struct

import pytest

from loudou.core.refusals import PermissionRefused
from loudou.people import selectors
from loudou.people.errors import CodeRefused, SecondFactorAlreadyOn, TooManyAttempts
from loudou.people.models import AuditEntry, RecoveryCode, SecondFactor, Session
from loudou.people.services import second_factor, sign_in

HERE = "203.0.113.5"
STEP = dt.timedelta(seconds=30)


def code_of(secret, at):
    """Compute a code by RFC 6238, independently of the product."""
    counter = struct.pack(">Q", int(at.timestamp()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    offset = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def secret(owner, now):
    return second_factor.begin_set_up(owner, issuer="Loudou", at=now).secret


@pytest.fixture
def codes(owner, secret, now):
    return second_factor.confirm_set_up(owner, code=code_of(secret, now), at=now)


def test_the_published_codes_of_rfc_6238_come_out():
    seed = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]:
        assert code_of(seed, dt.datetime.fromtimestamp(seconds, dt.UTC)) == code
        assert second_factor._totp(seed).generate(seconds).decode() == code


def test_set_up_offers_the_same_key_until_it_is_confirmed(owner, secret, now):
    again = second_factor.begin_set_up(owner, issuer="Loudou", at=now)
    assert again.secret == secret
    assert again.address.startswith("otpauth://totp/Loudou:owner?")
    assert f"secret={secret}" in again.address
    assert not sign_in.has_second_factor(owner)


def test_a_right_code_switches_it_on_and_gives_ten_recovery_codes(owner, codes):
    assert sign_in.has_second_factor(owner)
    assert len(set(codes)) == 10
    assert selectors.recovery_codes_left(owner) == 10


def test_a_wrong_code_does_not_switch_it_on(owner, secret, now):
    with pytest.raises(CodeRefused):
        second_factor.confirm_set_up(owner, code="000000", at=now)
    assert not sign_in.has_second_factor(owner)
    assert not RecoveryCode.objects.exists()


def test_set_up_cannot_replace_a_factor_that_is_on(owner, codes, now):
    with pytest.raises(SecondFactorAlreadyOn):
        second_factor.begin_set_up(owner, issuer="Loudou", at=now)


def test_nothing_secret_is_readable_in_the_database(owner, secret, codes):
    rows = str([*SecondFactor.objects.values(), *RecoveryCode.objects.values(), *AuditEntry.objects.values()])
    assert secret not in rows
    assert not any(code in rows or code.replace("-", "") in rows for code in codes)


def test_a_code_is_good_once_and_for_a_minute_around_now(owner, secret, codes, now):
    with pytest.raises(CodeRefused):  # the one that switched it on is spent
        sign_in.check_code(owner, code_of(secret, now), address=HERE, at=now)
    later = now + 10 * STEP
    sign_in.check_code(owner, code_of(secret, later - STEP), address=HERE, at=later)
    sign_in.check_code(
        owner, f" {code_of(secret, later + STEP)[:3]} {code_of(secret, later + STEP)[3:]}", address=HERE, at=later
    )
    for old in (later, later - 2 * STEP):
        with pytest.raises(CodeRefused):
            sign_in.check_code(owner, code_of(secret, old), address=HERE, at=later)


def test_guessing_codes_is_held_back(owner, codes, secret, now):
    for _ in range(5):
        with pytest.raises(CodeRefused):
            sign_in.check_code(owner, "000000", address=HERE, at=now)
    with pytest.raises(TooManyAttempts):
        sign_in.check_code(owner, code_of(secret, now + STEP), address=HERE, at=now)


def test_a_recovery_code_works_once_however_it_is_typed(owner, codes, now):
    sign_in.check_code(owner, codes[0].upper().replace("-", " "), address=HERE, at=now)
    assert selectors.recovery_codes_left(owner) == 9
    with pytest.raises(CodeRefused):
        sign_in.check_code(owner, codes[0], address=HERE, at=now)
    sign_in.check_code(owner, codes[1], address=HERE, at=now)


def test_a_colleagues_codes_do_not_work(owner, colleague, codes, secret, now):
    for code in (codes[0], code_of(secret, now + STEP)):
        with pytest.raises(CodeRefused):
            sign_in.check_code(colleague, code, address=HERE, at=now)
    assert selectors.recovery_codes_left(owner) == 10


def test_new_recovery_codes_replace_the_old_ones(owner, codes, now):
    fresh = second_factor.renew_recovery_codes(owner)
    assert not set(fresh) & set(codes)
    with pytest.raises(CodeRefused):
        sign_in.check_code(owner, codes[0], address=HERE, at=now)
    sign_in.check_code(owner, fresh[0], address=HERE, at=now)


def test_switching_off_takes_the_codes_along(owner, codes):
    second_factor.remove_second_factor(owner)
    assert not sign_in.has_second_factor(owner)
    assert not RecoveryCode.objects.exists()


def test_administrator_helps_somebody_who_lost_everything(owner, manager, administrator, codes, now):
    Session.objects.create(session_key="x", user=owner, session_data="", expire_date=now + STEP)
    with pytest.raises(PermissionRefused):
        second_factor.reset_second_factor(manager, owner.pk)
    assert sign_in.has_second_factor(owner)
    second_factor.reset_second_factor(administrator, owner.pk)
    assert not sign_in.has_second_factor(owner)
    assert not Session.objects.exists()


def test_a_changed_signing_key_leaves_the_recovery_codes(owner, secret, codes, now, settings):
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-altogether"
    with pytest.raises(CodeRefused):
        sign_in.check_code(owner, code_of(secret, now + STEP), address=HERE, at=now)
    sign_in.check_code(owner, codes[0], address=HERE, at=now)
    settings.SECRET_KEY_FALLBACKS = [old]
    sign_in.check_code(owner, code_of(secret, now + STEP), address=HERE, at=now)
