"""What holds for every operation: who may call, how requests repeat, how errors look."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import re
import threading

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from psycopg import errors as postgres_errors
from tests.conftest import ApiClientOf

from loudou.api.operations import DECLARED, query_names
from loudou.api.v1.routes import api as the_api
from loudou.api.v1.routes import schema
from loudou.core.models import IdempotencyKey
from loudou.people.models import ApiToken, AuditEntry
from loudou.people.permissions import PERMISSIONS
from loudou.pipeline.models import Opportunity

URL = "/api/v1/opportunities"


def test_every_operation_declares_a_permission_that_exists():
    assert len(DECLARED) > 80
    assert {declared.permission for declared in DECLARED} <= set(PERMISSIONS)
    for _prefix, router in the_api._routers:
        for path_view in router.path_operations.values():
            for operation in path_view.operations:
                assert operation.view_func.permission in PERMISSIONS
                assert operation.auth_callbacks


def test_without_a_token_or_session_nothing_is_told(api, db):
    for declared in DECLARED:
        path = "/api/v1" + declared.path
        path = re.sub(r"\{\w+\}", "any", re.sub(r"\{int:\w+\}", "1", path))
        assert "{" not in path
        answer = api.generic(declared.method, path, b"{", content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_parameter_that_is_not_known_is_refused_instead_of_ignored(with_token, owner, deal):
    api = with_token(owner)
    assert api.get(URL, {"state": "won"}).json()["items"] == []
    answer = api.get(URL, {"stat": "won"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["code"] == "unknown_parameter"
    assert problem["detail"].startswith("There is no parameter stat here. Known ones: ")
    assert {"state", "limit", "cursor"} <= set(re.findall(r"\w+", problem["detail"]))


def test_the_parameters_that_are_known_are_those_of_the_description():
    described = {
        each["operationId"]: {row["name"] for row in each.get("parameters", []) if row["in"] == "query"}
        for item in schema()["paths"].values()
        for each in item.values()
    }
    for _prefix, router in the_api._routers:
        for path, view in router.path_operations.items():
            for each in view.operations:
                function = inspect.unwrap(each.view_func)
                assert query_names(function, path) == described[function.__name__], path


@pytest.mark.parametrize("secret", ["", "ldu_wrong", "nonsense"])
def test_a_wrong_token_is_no_token(api, db, secret):
    assert api.get(URL, headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_an_expired_or_revoked_token_is_no_token(with_token, owner, process):
    api = with_token(owner)
    assert api.get(URL).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert api.get(URL).status_code == 401


def test_a_token_does_no_more_than_its_scopes(with_token, owner, deal):
    api = with_token(owner, ["pipeline.view"])
    assert api.get(f"{URL}/{deal.pk}").status_code == 200
    answer = api.patch(f"{URL}/{deal.pk}", {"notes": "x", "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_refused")
    assert api.get("/api/v1/customers").status_code == 403
    assert Opportunity.objects.get().notes == ""


def test_a_permission_is_asked_before_the_body_is_looked_at(with_token, executive, process):
    answer = with_token(executive).post(URL, {"nonsense": True})
    assert answer.status_code == 403


def test_changes_by_token_are_in_the_audit_as_api(with_token, owner, process):
    with_token(owner).post(URL, {"subject": "x"})
    entry = AuditEntry.objects.get(table_name="pipeline_opportunity")
    assert (entry.source, entry.actor_id, entry.ip_address) == ("api", owner.pk, "127.0.0.1")
    assert entry.request_id


def test_a_repeated_request_is_carried_out_once(with_token, owner, process):
    api = with_token(owner)
    first = api.post(URL, {"subject": "Once"}, headers={"Idempotency-Key": "k1"})
    second = api.post(URL, {"subject": "Once"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert Opportunity.objects.count() == 1


def test_a_key_is_good_for_one_request_of_one_user_at_one_address(with_token, owner, colleague, deal):
    api = with_token(owner)
    key = {"Idempotency-Key": "k1"}
    assert api.post(URL, {"subject": "One"}, headers=key).status_code == 201
    answer = api.post(URL, {"subject": "Two"}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert with_token(colleague).post(URL, {"subject": "Two"}, headers=key).status_code == 201
    assert api.post(f"{URL}/{deal.pk}/clone", headers=key).status_code == 201
    assert Opportunity.objects.count() == 4


def test_a_refusal_gives_the_key_back(with_token, owner, process):
    api = with_token(owner)
    key = {"Idempotency-Key": "k1"}
    assert api.post(URL, {"subject": "One", "customer_id": 10**9}, headers=key).status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert api.post(URL, {"subject": "One"}, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(with_token, owner, process, key):
    answer = with_token(owner).post(URL, {"subject": "x"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_idempotency_key")


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_create_one(with_token, owner, process):
    api = with_token(owner)
    answers = []

    def send():
        try:
            program = ApiClientOf()
            program.defaults = dict(api.defaults)
            answers.append(program.post(URL, {"subject": "Twin"}, headers={"Idempotency-Key": "same"}))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Opportunity.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_body"),
        (b"\xff", 400, "malformed_body"),
        (b'{"subject": NaN}', 400, "malformed_body"),
        (b"[" * 100_000, 400, "malformed_body"),
        (b'{"subject": "a\\u0000b"}', 422, "unstorable_text"),
        (b'{"subject": "\\ud800"}', 422, "unstorable_text"),
        (b"[]", 422, "invalid_input"),
        (b"", 422, "invalid_input"),
        (b'{"subject": "x", "amount": 1e400}', 422, "invalid_input"),
    ],
)
def test_bodies_that_make_no_sense_are_answered(with_token, owner, process, body, status, code):
    answer = with_token(owner).generic("POST", URL, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_huge_body_is_refused_by_its_length(with_token, owner, process):
    answer = with_token(owner).generic("POST", URL, b" " * (6 * 1024 * 1024), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_queries_that_no_database_holds_are_answered(with_token, owner, process):
    api = with_token(owner)
    assert api.get(f"{URL}?q=a%00b").json()["code"] == "unstorable_text"
    assert api.get(f"{URL}/99999999999999999999").status_code == 404
    assert api.get(f"{URL}?customer=99999999999999999999").status_code == 422


def test_an_unknown_address_is_a_problem_too(api, db):
    answer = api.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")


def test_the_description_is_served(with_token, owner):
    document = with_token(owner).get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document == json.loads(json.dumps(schema(), default=str))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "The disk of the server is full."), ("zh-hans", "服务器磁盘已满")]
)
def test_a_full_disk_is_a_problem_of_its_own(with_token, owner, monkeypatch, language, said):
    def full(*args, **kwargs):
        raise OperationalError("could not extend file") from postgres_errors.DiskFull()

    api = with_token(owner)
    monkeypatch.setattr("loudou.api.v1.opportunities.page", full)
    answer = api.get(URL, headers={"Accept-Language": language})
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This address does not take DELETE, only GET, POST."),
        ("zh-hans", "此地址不接受 DELETE，只接受 GET, POST。"),
    ],
)
def test_a_method_that_an_address_does_not_know_is_a_problem_too(with_token, owner, language, said):
    answer = with_token(owner).delete(URL, headers={"Accept-Language": language})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == ("method_not_allowed", said)
    assert answer["Allow"] == "GET, POST"


def test_mistakes_are_told_by_the_names_that_were_sent(with_token, owner):
    answer = with_token(owner).post("/api/v1/contracts", {"customer_id": 99_999_999, "title": "X"})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["customer_id"]


def test_choices_are_named_without_an_english_word_among_them(with_token, owner):
    answer = with_token(owner).get("/api/v1/receipts?kind=gold", headers={"Accept-Language": "zh-hans"})
    assert answer.json()["errors"]["kind"] == ["请从以下选项中选择：transfer, bill, cash, asset。"]
