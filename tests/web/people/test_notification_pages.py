"""The bell, what it opens, and the page of notifications."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from loudou.people.choices import NotificationCode
from loudou.people.models import Notification
from loudou.people.services.notifications import notify


@pytest.fixture
def tell(manager, now):
    """Tell somebody of so many acts, each a minute after the other: `tell(owner, 3)`."""

    def run(person, count=1):
        for n in range(count):
            at = now + dt.timedelta(minutes=n)
            notify(manager, [person.pk], NotificationCode.CUSTOMERS_GIVEN, at=at, count=n + 2)

    return run


def read(client, user, address):
    return client.as_(user).get(address).content.decode()


def test_the_bell_says_how_many_are_unread_to_eye_and_ear(client, owner, tell):
    assert "bell-count" not in read(client, owner, "/notifications/unread/")
    tell(owner, 3)
    text = read(client, owner, "/notifications/unread/")
    assert "Notifications, 3 unread" in text and ">3</span>" in text
    tell(owner, 100)
    assert "Notifications, 99+ unread" in read(client, owner, "/notifications/unread/")


def test_the_bell_stands_on_every_page_and_costs_it_no_statement(client, owner, tell):
    text = read(client, owner, "/keyboard/")
    assert 'data-count-url="/notifications/unread/"' in text
    tell(owner, 3)
    assert "3 unread" not in read(client, owner, "/keyboard/"), "the number comes after the page"


def test_the_latest_ten_lead_where_it_happened(client, owner, tell):
    assert "Nothing to tell you" in read(client, owner, "/notifications/latest/")
    tell(owner, 12)
    text = read(client, owner, "/notifications/latest/")
    assert text.count('class="notice-link"') == text.count("data-notice=") == 10
    assert re.findall(r"gave you (\d+) customers", text) == [str(n) for n in range(13, 3, -1)]
    assert f'href="/customers/?owner={owner.pk}"' in text
    assert "Mark all as read" in text


def test_the_page_has_all_of_them_page_by_page_at_a_constant_price(client, owner, tell, django_assert_max_num_queries):
    assert "Nothing to tell you" in read(client, owner, "/notifications/")
    tell(owner, 60)
    signed_in = client.as_(owner)
    with django_assert_max_num_queries(12):
        first = signed_in.get("/notifications/").content.decode()
    assert first.count('class="notice-link"') == 50 and "?page=2" in first
    assert read(client, owner, "/notifications/?page=2").count('class="notice-link"') == 10


def test_one_is_marked_read_and_then_all(client, owner, colleague, tell):
    tell(owner, 3)
    tell(colleague, 1)
    row = Notification.objects.filter(recipient=owner).earliest("pk")
    client.as_(owner).post(f"/notifications/{row.pk}/read/")
    assert Notification.objects.filter(recipient=owner, read_at=None).count() == 2
    assert read(client, owner, "/notifications/").count("data-notice=") == 2
    answer = client.as_(owner).post("/notifications/read/")
    assert answer.headers["Location"] == "/notifications/"
    assert not Notification.objects.filter(recipient=owner, read_at=None).exists()
    assert Notification.objects.filter(recipient=colleague, read_at=None).count() == 1
    assert "Mark all as read" not in read(client, owner, "/notifications/latest/")


def test_foreign_ones_are_not_there(client, owner, administrator, tell):
    tell(owner, 1)
    row = Notification.objects.get()
    assert client.as_(administrator).post(f"/notifications/{row.pk}/read/").status_code == 404
    row.refresh_from_db()
    assert row.read_at is None
    assert "notice-link" not in read(client, administrator, "/notifications/")


def test_it_is_said_in_chinese_to_whoever_reads_chinese(client, owner, tell):
    tell(owner, 2)
    owner.language = "zh-hans"
    owner.save()
    assert "通知，2 条未读" in read(client, owner, "/notifications/unread/")
    assert "给了您 3 个客户" in read(client, owner, "/notifications/latest/")
