"""Forms and acts: once per click, refusals beside fields, two people on one record, bulk, cells, saved views."""

from __future__ import annotations

import uuid

import pytest
from tests.web.frame import example_pages

from loudou.core.errors import IdempotencyKeyReused
from loudou.core.models import IdempotencyKey
from loudou.core.refusals import NotVisible
from loudou.core.services.idempotency import Answer, fingerprint, once
from loudou.customers.models import Customer
from loudou.people.models import SavedView
from loudou.people.services import saved_views as services

HTMX = {"HTTP_HX_REQUEST": "true"}
DIALOG = {**HTMX, "HTTP_HX_TARGET": "dialog"}


@pytest.fixture(autouse=True)
def quiet():
    example_pages.ACTS.clear()


def test_a_second_click_acts_once_and_gets_the_same_answer(client, owner):
    signed_in, sent = client.as_(owner), {"tone": "high", "_once": uuid.uuid4().hex}
    answers = [signed_in.post("/places/ring/", sent, **HTMX) for _ in range(2)]
    assert example_pages.ACTS == ["high"]
    assert [a.status_code for a in answers] == [204, 204] and answers[0]["HX-Trigger"] == answers[1]["HX-Trigger"]


def test_a_token_used_for_something_else_is_refused(client, owner):
    signed_in, token = client.as_(owner), uuid.uuid4().hex
    signed_in.post("/places/ring/", {"tone": "high", "_once": token}, **HTMX)
    answer = signed_in.post("/places/ring/", {"tone": "low", "_once": token}, **HTMX)
    assert answer.status_code == 422 and answer["X-Refusal"] == "idempotency_key_reused"
    assert example_pages.ACTS == ["high"]


def test_a_refusal_takes_the_key_back(owner):
    def refuse():
        raise NotVisible

    sent = {"scope": "s", "key": "k", "fingerprint": fingerprint({"a": 1})}
    with pytest.raises(NotVisible):
        once(owner, **sent, run=refuse)
    assert not IdempotencyKey.objects.exists()
    assert once(owner, **sent, run=lambda: Answer(200, "x")) == Answer(200, "x")
    assert once(owner, **sent, run=refuse) == Answer(200, "x", repeated=True)
    with pytest.raises(IdempotencyKeyReused):
        once(owner, **{**sent, "fingerprint": fingerprint({"a": 2})}, run=refuse)


def test_keys_of_two_people_do_not_meet(owner, colleague):
    sent = {"scope": "s", "key": "k", "fingerprint": fingerprint({})}
    assert not once(owner, **sent, run=lambda: Answer(200)).repeated
    assert not once(colleague, **sent, run=lambda: Answer(200)).repeated


def test_without_htmx_an_act_redirects_and_says_so_on_the_next_page(client, owner):
    answer = client.as_(owner).post("/places/ring/", {"tone": "high"}, follow=True)
    assert answer.redirect_chain == [("/places/", 302)] and b"Rang." in answer.content


def test_a_form_leads_to_the_record_and_shows_model_refusals_beside_the_field(client, owner, make_places):
    row = make_places(owner, 1)[0]
    signed_in = client.as_(owner)
    bad = signed_in.post(f"/places/{row.pk}/edit/", {"name": "", "version": 1}, **DIALOG)
    assert bad.status_code == 422 and b"invalid-feedback" in bad.content and b"dialog_name_error" in bad.content
    assert Customer.objects.get(pk=row.pk).name == "Place 000"
    good = signed_in.post(f"/places/{row.pk}/edit/", {"name": "New", "city": "Hefei", "version": 1})
    assert good["Location"] == f"/places/{row.pk}/" and Customer.objects.get(pk=row.pk).name == "New"


def test_two_people_on_one_record_see_both_values_and_choose(client, owner, make_places):
    row = make_places(owner, 1)[0]
    signed_in = client.as_(owner)
    example_pages.rename(owner, row.pk, name="Theirs", city="Beijing", version=1)
    mine = {"name": "Mine", "city": "Wuxi", "kind": row.kind, "version": 1}
    answer = signed_in.post(f"/places/{row.pk}/edit/", mine)
    text = answer.content.decode()
    assert answer.status_code == 409 and "Somebody else changed this record" in text
    assert all(word in text for word in ("Mine", "Theirs", "Beijing", "_keep-name", "_keep-city"))
    assert "_keep-kind" not in text and 'name="version" value="2"' in text
    assert Customer.objects.get(pk=row.pk).name == "Theirs"
    settled = signed_in.post(
        f"/places/{row.pk}/edit/", {**mine, "version": 2, "_keep-name": "mine", "_keep-city": "theirs"}
    )
    row.refresh_from_db()
    assert settled.status_code == 302 and (row.name, row.city, row.version) == ("Mine", "Beijing", 3)


def test_a_new_record_takes_the_dialog_to_its_page(client, owner):
    answer = client.as_(owner).post("/places/add/", {"name": "Fresh"}, **DIALOG)
    assert answer["HX-Redirect"] == f"/places/{Customer.objects.get().pk}/"


def test_bulk_says_what_was_and_was_not_done(client, owner, stranger, make_places):
    mine, foreign = make_places(owner, 2), make_places(stranger, 1)[0]
    ids = ",".join(str(row.pk) for row in (*mine, foreign))
    text = client.as_(owner).post("/places/move/", {"ids": ids, "city": "Hefei"}, **DIALOG).content.decode()
    assert "2 rows were changed." in text and "1 row was not changed:" in text
    assert Customer.objects.filter(city="Hefei").count() == 2
    foreign.refresh_from_db()
    assert foreign.city == "Wuxi"


def test_bulk_over_the_limit_is_refused_before_anything_is_done(client, owner, make_places, monkeypatch):
    monkeypatch.setattr(example_pages.MoveMany, "most", 3)
    make_places(owner, 5)
    answer = client.as_(owner).post(
        "/places/move/", {"all": "1", "from": "/places/?q=Place", "city": "Hefei"}, **DIALOG
    )
    assert answer.status_code == 422 and "At most 3 rows" in answer.content.decode()
    assert not Customer.objects.filter(city="Hefei").exists()


def test_all_of_a_filter_means_the_rows_of_that_filter(client, owner, make_places):
    make_places(owner, 30)
    client.as_(owner).get("/places/")
    shown = client.as_(owner).get("/places/move/?all=1&from=/places/%3Fq%3D001", **DIALOG).content.decode()
    assert "This changes 1 row." in shown


def test_a_cell_is_shown_saved_and_given_back(client, owner, make_places):
    row = make_places(owner, 1)[0]
    signed_in, cell = client.as_(owner), f"/places/{row.pk}/cell/city/"
    assert b'value="Wuxi"' in signed_in.get(cell, **HTMX).content
    answer = signed_in.post(cell, {"city": "Hefei", "version": 1}, **HTMX).content.decode()
    assert answer.startswith("<td") and "Hefei" in answer and "<form" not in answer
    stale = signed_in.post(cell, {"city": "Xian", "version": 1}, **HTMX)
    assert stale.status_code == 409 and stale["HX-Retarget"] == "#toasts"
    assert Customer.objects.get(pk=row.pk).city == "Hefei"
    assert signed_in.get(f"/places/{row.pk}/cell/kind/", **HTMX).status_code == 404


def test_views_are_ones_own_to_change_and_anybodys_to_use_when_shared(client, owner, stranger, make_places):
    view = services.save_view(owner, page="places:list", name="Mine", query="q=1", is_shared=True)
    assert b">Mine" in client.as_(stranger).get("/places/").content
    for act in ("edit", "delete"):
        assert client.as_(stranger).post(f"/views/{view.pk}/{act}/", {"name": "Stolen", "page": "x"}).status_code == 404
    view.refresh_from_db()
    assert view.name == "Mine"


def test_a_private_view_stays_private(client, owner, stranger):
    services.save_view(owner, page="places:list", name="Secret", query="q=1")
    assert b"Secret" not in client.as_(stranger).get("/places/").content


def test_saving_a_view_keeps_filters_and_drops_the_page(client, owner):
    sent = {"page": "places:list", "name": "Big", "query": "q=1&page=4&sort=-name&panel=/x/", "is_default": "on"}
    client.as_(owner).post("/views/add/", sent, **DIALOG)
    view = SavedView.objects.get()
    assert (view.query, view.is_default, view.owner) == ("q=1&sort=-name", True, owner)
    other = services.save_view(owner, page="places:list", name="Other", query="")
    services.set_default_view(owner, other.pk, is_default=True)
    view.refresh_from_db()
    assert not view.is_default
