"""Pages: sign-in, permissions, shells, policy, refusals, languages, themes."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from psycopg import errors as postgres_errors
from tests.web.frame import example_pages

from loudou.people.models import User

HTMX = {"HTTP_HX_REQUEST": "true"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"


def test_strangers_are_asked_to_sign_in_and_come_back(client, db):
    answer = client.get("/places/?q=x")
    assert answer.status_code == 302 and answer["Location"].endswith("?next=%2Fplaces%2F%3Fq%3Dx")


def test_strangers_in_a_fragment_leave_the_whole_page(client, db):
    answer = client.get("/places/", **HTMX, HTTP_HX_CURRENT_URL="http://testserver/places/?q=x")
    assert answer["HX-Redirect"].endswith("?next=%2Fplaces%2F%3Fq%3Dx")


def test_a_page_without_its_permission_is_refused_and_changes_nothing(client, make_user):
    nobody = make_user("nobody")
    User.objects.filter(pk=nobody.pk).update(roles=[])
    assert client.as_(nobody).get("/places/").status_code == 403
    assert client.as_(nobody).post("/places/ring/").status_code == 403


@pytest.mark.parametrize("address", ["/", "/places/", "/about/", "/nope/", "/places/refuse/", "/sign-in/"])
def test_every_answer_carries_the_policy_and_nothing_inline(client, owner, make_places, address):
    make_places(owner, 2)
    answer = client.as_(owner).get(address)
    assert answer["Content-Security-Policy"].startswith(POLICY) and "unsafe" not in answer["Content-Security-Policy"]
    assert (
        answer["Cache-Control"] == "no-store" and answer["X-Request-ID"] and "camera=()" in answer["Permissions-Policy"]
    )
    content = answer.content.decode()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", content)
    assert all("src=" in tag for tag in re.findall(r"<script(?! type=.application/json)[^>]*>", content))


def test_the_shell_follows_where_the_answer_goes(client, owner, make_places):
    row = make_places(owner, 1)[0]
    signed_in = client.as_(owner)
    page = signed_in.get(f"/places/{row.pk}/").content
    panel = signed_in.get(f"/places/{row.pk}/", **HTMX, HTTP_HX_TARGET="panel").content
    dialog = signed_in.get(f"/places/{row.pk}/edit/", **HTMX, HTTP_HX_TARGET="dialog").content
    assert b"<html" in page and b"Place 000" in page
    assert b"<html" not in panel and b'id="panel-title"' in panel and b"Wuxi" in panel
    assert b"<html" not in dialog and b'hx-target="#dialog"' in dialog


def test_absent_and_foreign_records_answer_alike(client, owner, stranger, make_places):
    foreign = make_places(stranger, 1)[0]
    first, second = (client.as_(owner).get(f"/places/{pk}/") for pk in (foreign.pk, 999_999))
    assert first.status_code == second.status_code == 404
    assert first["X-Refusal"] == second["X-Refusal"] == "not_found"
    assert b"Place 000" not in first.content


def test_a_refusal_in_a_fragment_becomes_a_message(client, owner):
    answer = client.as_(owner).get("/places/refuse/", **HTMX)
    assert answer.status_code == 404 and answer["HX-Retarget"] == "#toasts" and b"<html" not in answer.content


def test_an_unknown_address_in_a_fragment_becomes_a_message(client, owner):
    answer = client.as_(owner).get("/nope/", **HTMX)
    assert answer.status_code == 404 and answer["HX-Retarget"] == "#toasts"


def test_a_lost_database_is_said_and_the_page_tries_again(client, owner, monkeypatch):
    def gone(self):
        raise OperationalError("connection failed")

    monkeypatch.setattr(example_pages.PlaceList, "rows", gone)
    answer = client.as_(owner).get("/places/")
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
    assert b'http-equiv="refresh"' in answer.content and b"database is not answering" in answer.content


@pytest.mark.parametrize(
    ("language", "theme", "said"),
    [("en", "dark", "The disk of the server is full"), ("zh-hans", "light", "服务器磁盘已满")],
)
def test_a_full_disk_is_said_as_such_in_the_readers_language_and_theme(
    client, owner, monkeypatch, language, theme, said
):
    def full(self):
        raise OperationalError("could not extend file") from postgres_errors.DiskFull()

    User.objects.filter(pk=owner.pk).update(language=language, theme=theme)
    monkeypatch.setattr(example_pages.PlaceList, "rows", full)
    signed_in = client.as_(owner)
    page, fragment = signed_in.get("/places/"), signed_in.get("/places/", **HTMX)
    content = page.content.decode()
    assert page.status_code == fragment.status_code == 507
    assert said in content and f'data-bs-theme="{theme}"' in content and "Retry-After" not in page
    assert said in fragment.content.decode() and fragment["HX-Retarget"] == "#toasts"
    assert '{"code":"507","swap":true}' in signed_in.get("/about/").content.decode()


def test_a_lost_database_is_said_in_the_language_of_whoever_is_signed_in(client, owner, monkeypatch):
    def gone(self):
        raise OperationalError("connection failed")

    User.objects.filter(pk=owner.pk).update(language="zh-hans", theme="dark")
    monkeypatch.setattr(example_pages.PlaceList, "rows", gone)
    content = client.as_(owner).get("/places/").content.decode()
    assert "数据库" in content and 'lang="zh-Hans"' in content and 'data-bs-theme="dark"' in content


def test_a_bug_shows_a_number_to_tell_and_no_details(client, owner, monkeypatch):
    def broken(self):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(example_pages.PlaceList, "rows", broken)
    signed_in = client.as_(owner)
    signed_in.raise_request_exception = False
    answer = signed_in.get("/places/")
    assert answer.status_code == 500 and b"secret" not in answer.content
    assert b'data-theme-choice="auto"' in answer.content
    assert answer["X-Request-ID"].encode() in answer.content


def test_language_and_theme_stay_with_the_user(client, owner):
    signed_in = client.as_(owner)
    answer = signed_in.post("/taste/", {"language": "zh-hans", "theme": "dark", "next": "/about/"})
    assert answer["Location"] == "/about/"
    owner.refresh_from_db()
    assert (owner.language, owner.theme) == ("zh-hans", "dark")
    content = signed_in.get("/about/").content.decode()
    assert '<html lang="zh-Hans"' in content and 'data-bs-theme="dark"' in content and "关于" in content


def test_a_strangers_language_is_remembered_in_a_cookie(client, db):
    client.post("/taste/", {"language": "zh-hans", "next": "//evil.example/"})
    assert '<html lang="zh-Hans"' in client.get("/nope/").content.decode()


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_taste_never_leads_away(client, owner, wanted):
    assert client.as_(owner).post("/taste/", {"language": "en", "next": wanted})["Location"] == "/"


def test_navigation_shows_what_the_role_may_open(client, owner, make_user):
    from loudou.people.choices import Role

    finance = make_user("fina", Role.FINANCE)
    rep, money = client.as_(owner).get("/").content.decode(), client.as_(finance).get("/").content.decode()
    assert ">Import<" not in rep and 'aria-current="page"' in rep
    assert ">Pipeline<" not in money


def test_money_lies_open_in_the_navigation_of_those_who_post_it(client, owner, make_user):
    from loudou.people.choices import Role

    def folds(user):
        page = client.as_(user).get("/").content.decode()
        return re.search(r'<details class="nav-group"( open)?><summary class="nav-entry">.*?<span>Money</span>', page)

    assert folds(make_user("fina", Role.FINANCE))[1] == " open"
    assert folds(owner)[1] is None


def test_the_palette_only_finds_what_the_user_may_see(client, owner, stranger, make_places):
    make_places(stranger, 1)
    wanted = {"HTTP_HX_TARGET": "palette-results", **HTMX}
    mine = client.as_(owner).get("/search/?q=Place 000", **wanted).content.decode()
    theirs = client.as_(stranger).get("/search/?q=Place 000", **wanted).content.decode()
    assert 'role="option"' not in mine
    assert "Nothing found for “Place 000”." in mine
    assert theirs.count('role="option"') == 2  # the record, and everything there is
    assert 'href="/search/?q=Place%20000"' in theirs
    assert b"Import a file" not in client.as_(owner).get("/search/?q=import", **wanted).content
