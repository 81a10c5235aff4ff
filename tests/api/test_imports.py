"""A file over the API: uploaded, mapped, tried, run, looked at, undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loudou.customers.models import Customer
from loudou.exchange.models import ImportJob, ImportRow

URL = "/api/v1/imports"
ROWS = "Firm,Town,Staff\nAcme,Wuhan,40\nGlobex,Jinan,many\n,Wuhan,5\nInitech,Wuhan,12\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    """Keep uploads out of the tree."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ops(with_token, operations) -> Any:
    """A program of sales operations."""
    return with_token(operations)


@pytest.fixture
def upload(ops, django_capture_on_commit_callbacks) -> Any:
    """Upload a text as a file: `upload("a,b\\n1,2\\n")`; a small one is read at once."""

    def send(text: str | bytes = ROWS, name: str = "customers.csv", api: Any = ops, **facts: Any) -> Any:
        content = text.encode() if isinstance(text, str) else text
        form = {"kind": "customers", "file": SimpleUploadedFile(name, content), **facts}
        with django_capture_on_commit_callbacks(execute=True):
            return Client.post(api, URL, form)

    return send


@pytest.fixture
def act(ops, django_capture_on_commit_callbacks) -> Any:
    """Ask for a step and let what follows from it happen: `act(job, "run")`."""

    def post(job: dict[str, Any], verb: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return ops.post(f"{URL}/{job['id']}/{verb}")

    return post


def mapped(ops: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Say what the three columns are."""
    answer = ops.put(f"{URL}/{job['id']}/mapping", {"mapping": {"0": "name", "1": "city", "2": "employees"}})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_file_is_tried_run_and_undone(ops, upload, act):
    job = upload().json()
    shown = ops.get(f"{URL}/{job['id']}").json()
    assert (shown["headers"], shown["encoding"], shown["delimiter"], shown["total"]) == (
        ["Firm", "Town", "Staff"], "utf-8", ",", 4,
    )  # fmt: skip
    assert mapped(ops, job)["mapping"] == {"0": "name", "1": "city", "2": "employees"}
    tried = act(job, "check")
    assert tried.status_code == 202
    assert not Customer.objects.exists()
    rows = ops.get(f"{URL}/{job['id']}/rows").json()["items"]
    assert [(row["number"], row["cells"][0], bool(row["reasons"])) for row in rows] == [
        (2, "Acme", False), (3, "Globex", True), (4, "", True), (5, "Initech", False),
    ]  # fmt: skip
    assert act(job, "run").status_code == 202
    done = ops.get(f"{URL}/{job['id']}").json()
    assert (done["status"], done["progress"]) == ("done", 4)
    assert list(Customer.objects.order_by("name").values_list("name", "city", "employees")) == [
        ("Acme", "Wuhan", 40), ("Initech", "Wuhan", 12),
    ]  # fmt: skip
    failed = ops.get(f"{URL}/{job['id']}/rows", {"status": "failed"}).json()["items"]
    assert [row["number"] for row in failed] == [3, 4]
    assert act(job, "undo").status_code == 202
    assert ops.get(f"{URL}/{job['id']}").json()["undone_at"] is not None
    assert not Customer.objects.exists()


def test_known_records_are_matched_by_the_keys_that_were_chosen(ops, operations, upload, act):
    known = Customer.objects.create(name="Acme", city="Beijing", owner=operations)
    job = upload().json()
    mapped(ops, job)
    chosen = ops.put(f"{URL}/{job['id']}/matching", {"match_keys": ["name"], "on_match": "overwrite"}).json()
    assert (chosen["match_keys"], chosen["on_match"]) == (["name"], "overwrite")
    act(job, "check")
    act(job, "run")
    known.refresh_from_db()
    assert (known.city, Customer.objects.filter(name="Acme").count()) == ("Wuhan", 1)
    act(job, "undo")
    known.refresh_from_db()
    assert known.city == "Beijing"


def test_a_wrong_guess_about_the_file_is_corrected(ops, upload, django_capture_on_commit_callbacks):
    job = upload("名称;城市\n恒达钢铁;武汉\n".encode("gbk")).json()
    with django_capture_on_commit_callbacks(execute=True):
        answer = ops.put(f"{URL}/{job['id']}/reading", {"encoding": "gb18030", "delimiter": ";"})
    assert (answer.status_code, answer.json()["headers"]) == (200, ["名称", "城市"])
    row = ops.get(f"{URL}/{job['id']}/rows").json()["items"][0]
    assert row["cells"] == ["恒达钢铁", "武汉"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("broken.xlsx", b"PK\x03\x04 not a workbook"), ("empty.csv", b""), ("picture.png", b"\x89PNG\r\n\x1a\n")],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(upload, name, content):
    answer = upload(content, name=name)
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert problem["detail"].endswith((".", "。"))
    assert not Customer.objects.exists()


def test_steps_out_of_order_are_refused(ops, upload, act):
    job = upload().json()
    early = act(job, "undo")
    assert early.status_code in (409, 422)
    unknown = ops.put(f"{URL}/{job['id']}/mapping", {"mapping": {"0": "shoe_size"}})
    assert unknown.status_code == 422
    assert ImportJob.objects.get().mapping != {"0": "shoe_size"}
    assert ops.delete(f"{URL}/{job['id']}").status_code == 204
    assert not ImportRow.objects.exists()
    assert ops.get(f"{URL}/{job['id']}").status_code == 404


def test_who_may_not_import_such_rows_keeps_nothing(with_token, upload, owner, manager, finance, auditor):
    for user in (owner, manager, finance, auditor):
        answer = upload(api=with_token(user))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_refused")
        # Finance imports receipts and invoices, not customers.
        assert with_token(user).get(URL).status_code == (200 if user == finance else 403)
    assert not ImportJob.objects.exists()


def test_a_repeated_upload_makes_one_import(ops, django_capture_on_commit_callbacks):
    answers = []
    for _ in range(2):
        form = {"kind": "customers", "file": SimpleUploadedFile("customers.csv", ROWS.encode())}
        with django_capture_on_commit_callbacks(execute=True):
            answers.append(Client.post(ops, URL, form, headers={"Idempotency-Key": "upload-1"}))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert ImportJob.objects.count() == 1
