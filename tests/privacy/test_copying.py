"""Copies of everything held about a contact."""

import io
import json
import zipfile

import pytest
from django.utils.translation import override

from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.people.models import AuditEntry
from loudou.privacy import services
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.services.copying import copy_data, copy_file

from .conftest import ASKED, AT, DEPARTMENT, FORMER, MAIL, NAME, NOTE, PHONE, SALUTATION, TITLE, WECHAT

pytestmark = pytest.mark.django_db


def now():
    return AT


def unpacked(file):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(file.chunks)))
    assert sorted(archive.namelist()) == ["personal-data.html", "personal-data.json"]
    return archive.read("personal-data.html").decode(), json.loads(archive.read("personal-data.json"))


def test_the_copy_holds_everything_in_two_forms(traces, operations):
    page, held = unpacked(copy_file(operations, traces.contact.pk, now=now))
    contact = held["contact"]
    assert (contact["name"], contact["phones"], contact["emails"]) == (NAME, [PHONE], [MAIL])
    assert (contact["salutation"], contact["wechat"], contact["notes"]) == (SALUTATION, WECHAT, NOTE)
    assert [(post["customer"], post["title"], post["department"]) for post in held["posts"]] == [
        ("Next Steel", TITLE, ""),
        ("Hengda Steel", TITLE, DEPARTMENT),
    ]
    kinds = sorted({row["record"].split()[0] for row in held["records"]})
    assert kinds == ["contracts.contract", "contracts.contractact", "pipeline.opportunitycontact"]
    assert {row["record"].split()[0] for row in held["named"] if row["kept_because"]} == {
        "contracts.contractact", "contracts.contractversion"
    }  # fmt: skip
    assert [row["file"] for row in held["sources"] if row["file"]] == ["file.csv, 2"]
    assert any(change["before"] == FORMER for entry in held["history"] for change in entry["changes"])
    assert [row["list"] for row in held["exports"]] == ["contacts"]
    assert all(text in page for text in (NAME, PHONE, MAIL, NOTE, TITLE, FORMER))


def test_the_page_speaks_the_readers_language(traces, operations):
    with override("zh-hans"):
        page, _held = unpacked(copy_file(operations, traces.contact.pk, now=now))
    assert "我们掌握的您的信息" in page


def test_a_copy_is_recorded_like_any_export_and_answers_the_request(traces, operations):
    services.record_request(operations, traces.contact.pk, kind="copy", asked=ASKED, at=AT)
    unpacked(copy_file(operations, traces.contact.pk, now=now))
    begun = AuditEntry.objects.get(table_name="exported", after__list="personal-data")
    ended = AuditEntry.objects.get(table_name="export_ended", object_id=str(begun.pk))
    assert (begun.actor, begun.after["address"]) == (operations, f"/contacts/{traces.contact.pk}/personal-data/")
    assert (ended.after["outcome"], ended.after["bytes"] > 500) == ("finished", True)
    request = PersonalDataRequest.objects.get()
    assert (request.done_at, request.done_by) == (AT, operations)
    assert NAME not in json.dumps(begun.after) + json.dumps(ended.after)


@pytest.mark.parametrize("who", ["owner", "manager", "finance", "executive", "auditor"])
def test_only_who_answers_requests_takes_a_copy(traces, who, request):
    with pytest.raises(PermissionRefused):
        copy_data(request.getfixturevalue(who), traces.contact.pk, now=now)
    assert not AuditEntry.objects.filter(after__list="personal-data").exists()


def test_nobody_copies_what_is_not_there(operations):
    with pytest.raises(NotVisible):
        copy_data(operations, 1, now=now)
    assert not AuditEntry.objects.filter(table_name="exported").exists()


def test_a_copy_after_the_erasure_holds_the_shell(traces, erase, operations):
    erase(traces.contact)
    held = copy_data(operations, traces.contact.pk, now=now)
    assert held["contact"]["name"] == f"Erased contact 已删除联系人 #{traces.contact.pk}"
    assert NAME not in json.dumps([held["history"], held["sources"]], ensure_ascii=False)


def test_a_copy_that_nobody_reads_leaves_nothing_open(traces, operations):
    file = copy_file(operations, traces.contact.pk, now=now)
    file.chunks.close()
    ended = AuditEntry.objects.get(table_name="export_ended")
    assert (ended.after["outcome"], ended.after["bytes"]) == ("broken_off", 0)
