"""Links for setting a password: once, not for ever, and mailed without telling who has an account."""

import datetime as dt
import re
import smtplib

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import PASSWORD

from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.people.choices import EventCode
from loudou.people.errors import LinkSpent, TooManyAttempts
from loudou.people.models import AuditEntry, Session
from loudou.people.services import password_links, sign_in
from loudou.people.tasks import ask_for_password_link

HERE, PAGE = "203.0.113.5", "https://sales.example.com/sign-in/password/"
STRONG = "sieben-Zwerge-und-Milch"


def ask(name, now):
    ask_for_password_link(name, page=PAGE, address=HERE, at=now)


def work():
    """Do what workers would."""
    for job in ProcrastinateJob.objects.filter(status="todo").order_by("pk"):
        app.tasks[job.task_name](**job.args)


def link_in(mail):
    return re.search(re.escape(PAGE) + r"(\S+)/(\S+)/", mail.body).groups()


def test_link_sets_the_password_once(administrator, owner, now):
    link = password_links.password_link(administrator, owner.pk, at=now)
    assert password_links.user_of_link(*link) == owner
    password_links.set_password_by_link(*link, password=STRONG, at=now)
    owner.refresh_from_db()
    assert owner.check_password(STRONG)
    with pytest.raises(LinkSpent):
        password_links.set_password_by_link(*link, password="another-good-password", at=now)
    entry = AuditEntry.objects.filter(table_name="people_user", operation="update").latest("pk")
    assert entry.actor_id == owner.pk


def test_link_ends_after_three_days(administrator, owner, frozen, now):
    link = password_links.password_link(administrator, owner.pk, at=now)
    frozen.shift(dt.timedelta(days=3) - dt.timedelta(minutes=1))
    assert password_links.user_of_link(*link) == owner
    frozen.shift(dt.timedelta(minutes=2))
    with pytest.raises(LinkSpent):
        password_links.user_of_link(*link)


@pytest.mark.parametrize("reference", ["", "x", "MQ", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "中文", "-1"])
def test_made_up_links_are_refused(owner, reference):
    with pytest.raises(LinkSpent):
        password_links.user_of_link(reference, "abc-def")


def test_only_administrators_make_links(owner, manager, administrator, now):
    with pytest.raises(PermissionRefused):
        password_links.password_link(manager, owner.pk, at=now)
    with pytest.raises(NotVisible):
        password_links.password_link(administrator, 10**9, at=now)


def test_making_a_link_is_in_the_audit(administrator, owner, now):
    password_links.password_link(administrator, owner.pk, at=now)
    entry = AuditEntry.objects.get(table_name=EventCode.PASSWORD_LINK_MADE)
    assert (entry.actor_id, entry.object_id) == (administrator.pk, str(owner.pk))


@pytest.mark.parametrize("typed", ["owner", " OWNER ", "Owner@Example.com"])
def test_a_mail_brings_a_link_that_sets_the_password_and_ends_sessions(owner, frozen, now, mailoutbox, typed):
    Session.objects.create(session_key="x", user=owner, session_data="", expire_date=now + dt.timedelta(days=1))
    ask(typed, now)
    work()
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["owner@example.com"], "Set a new password for Loudou")
    assert "within 2 hours" in mail.body
    password_links.set_password_by_link(*link_in(mail), password=STRONG, at=now)
    owner.refresh_from_db()
    assert owner.check_password(STRONG)
    assert not Session.objects.exists()
    with pytest.raises(LinkSpent):
        password_links.user_of_link(*link_in(mail))
    assert AuditEntry.objects.get(table_name=EventCode.PASSWORD_LINK_MAILED).object_id == str(owner.pk)


def test_the_mail_is_in_the_users_language(owner, now, mailoutbox):
    owner.language = "zh-hans"
    owner.save()
    ask("owner", now)
    work()
    assert mailoutbox[0].subject == "重新设置漏斗的登录密码"
    assert "2 小时内" in mailoutbox[0].body


def test_a_mailed_link_ends_after_two_hours(owner, frozen, now, mailoutbox):
    ask("owner", now)
    work()
    frozen.shift(dt.timedelta(hours=2))
    assert password_links.user_of_link(*link_in(mailoutbox[0])) == owner
    frozen.shift(dt.timedelta(seconds=1))
    with pytest.raises(LinkSpent):
        password_links.user_of_link(*link_in(mailoutbox[0]))


def test_the_queue_holds_no_link(owner, now):
    ask("owner", now)
    assert ProcrastinateJob.objects.get().args == {"user_id": owner.pk, "page": PAGE}


@pytest.mark.parametrize("typed", ["nobody", "", "closed", "without", "\0", "x@example.com"])
def test_others_get_no_mail_and_cost_the_same_job(make_user, now, mailoutbox, typed):
    make_user("closed", is_active=False)
    make_user("without", email="")
    ask(typed, now)
    assert ProcrastinateJob.objects.get().args["user_id"] is None
    work()
    assert mailoutbox == []


def test_nobody_closed_since_gets_a_mail(owner, now, mailoutbox):
    ask("owner", now)
    owner.is_active = False
    owner.save()
    work()
    assert mailoutbox == []


@pytest.mark.parametrize("typed", ["owner", "nobody"])
def test_the_sixth_request_waits_whether_the_account_exists_or_not(owner, now, typed):
    for _ in range(5):
        ask(typed, now)
    with pytest.raises(TooManyAttempts):
        ask(typed, now)
    assert ProcrastinateJob.objects.count() == 5


def test_asking_for_links_does_not_keep_the_owner_out(owner, now):
    for _ in range(5):
        ask("owner", now)
    assert sign_in.check_password("owner", PASSWORD, address=HERE, at=now) == owner


def test_a_mail_server_that_refuses_lets_the_job_try_again(owner, now, monkeypatch):
    def refuse(*args, **kwargs):
        raise smtplib.SMTPConnectError(421, "busy")

    monkeypatch.setattr(password_links, "send_mail", refuse)
    with pytest.raises(smtplib.SMTPConnectError):
        password_links.mail_password_link(owner.pk, page=PAGE, at=now)
    assert not AuditEntry.objects.filter(table_name=EventCode.PASSWORD_LINK_MAILED).exists()
    decision = app.tasks["people.mail_password_link"].retry_strategy
    assert decision.max_attempts == 5
