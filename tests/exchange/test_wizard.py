"""The wizard's pages, asked in an order nobody means them to be asked in."""

import csv
import io
import re
from urllib.parse import urlsplit

import pytest
from tests.conftest import PASSWORD

from loudou.customers.models import Customer
from loudou.exchange.models import ImportJob
from loudou.exchange.selectors import MOST_SHOWN
from loudou.exchange.services import jobs, running
from loudou.people.models import AuditEntry, Membership, User

from .conftest import AT, tried


@pytest.mark.parametrize("step", ["reading", "columns", "matching", "values", "check"])
def test_a_step_that_is_sent_before_there_is_a_file_leads_to_the_file(client, operations, step):
    job = jobs.create_import(operations, kind="customers")
    answer = client.as_(operations).post(f"/import/{job.pk}/{step}/", {})
    assert (answer.status_code, answer["Location"]) == (302, f"/import/{job.pk}/file/")
    job.refresh_from_db()
    assert (job.status, job.mapping, job.total) == ("uploaded", {}, 0)


def test_the_result_lists_what_was_created_with_a_link_to_each_record_and_who_did_it(client, load, operations):
    job = load("customers", "name,city\nAcme,Rome\nBeta,Oslo\n")
    text = client.as_(operations).get(f"/import/{job.pk}/").content.decode()
    for customer in Customer.objects.all():
        assert f'href="/customers/{customer.pk}/"' in text
    assert "Acme" in text
    assert "Operations" in text


def test_the_result_shows_failing_rows_first(client, load, operations):
    job = load("customers", "name,employees\nAcme,5\nBeta,many\n")
    text = client.as_(operations).get(f"/import/{job.pk}/").content.decode()
    assert "“many” is not a number." in text
    assert 'aria-label="Correct row 3"' in text
    assert "?format=csv" in text


def test_a_file_is_imported_again_with_the_same_choices(client, load, operations):
    first = load(
        "customers", "id,Firma\n1,Acme\n", columns={"id": "external_id", "Firma": "name"}, options={"on_match": "skip"}
    )
    answer = client.as_(operations).post(f"/import/{first.pk}/repeat/")
    second = ImportJob.objects.get(pk=first.pk + 1)
    assert (answer.status_code, answer["Location"]) == (302, f"/import/{second.pk}/")
    for name in ("mapping", "on_match", "match_keys", "encoding", "total"):
        assert getattr(second, name) == getattr(first, name), name
    assert second.file.name != first.file.name
    checked = jobs.request_check(operations, second.pk, at=AT)
    running.work_on(checked.pk, now=lambda: AT)
    second.refresh_from_db()
    assert tried(second) == {"skipped": 1}


def test_values_of_several_columns_are_asked_about_on_one_page_that_can_be_sent(client, load, operations, settings):
    rows = [f"Sale {n},Firm {n},Colleague {n},{'Aerial' if n % 2 else 'Lunar'}" for n in range(300)]
    text = "\n".join(["subject,customer,owner,stage", *rows])
    job = load("opportunities", text, dry_run=True)
    decided = {"customer": {"firm 299": {"do": "map", "to": "Firm A"}, "firm 0": {"do": "empty", "to": ""}}}
    job = jobs.reconcile(operations, job.pk, decisions=decided)
    page = client.as_(operations)
    shown = page.get(f"/import/{job.pk}/values/").content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="((?:code|text)-[^"]+)" value="([^"]*)">', shown))
    sent |= dict.fromkeys(re.findall(r'<select name="(do-[^"]+)"', shown), "fail")
    sent |= dict.fromkeys(re.findall(r'<input name="(to-[^"]+)"', shown), "")
    assert sum(name.startswith("to-") for name in sent) == MOST_SHOWN
    assert "All others, 201 of them not shown" in shown
    assert len(sent) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    answer = page.post(f"/import/{job.pk}/values/", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/import/{job.pk}/check/")
    job.refresh_from_db()
    assert len(job.reconciled["stage"]) == 3
    assert job.reconciled["customer"]["firm 0"] == {"do": "fail", "to": ""}
    assert job.reconciled["customer"]["firm 299"] == {"do": "map", "to": "Firm A"}


def test_an_import_without_its_file_is_not_repeated(client, load, operations):
    job = load("customers", "name\nAcme\n")
    job.file.delete()
    assert client.as_(operations).post(f"/import/{job.pk}/repeat/").status_code == 422
    assert ImportJob.objects.count() == 1


def test_imported_people_get_links_for_their_own_passwords_and_nothing_is_sent(client, load, administrator, mailoutbox):
    job = load("users", "name,username,email\nAnn Ash,ann,ann@example.com\nBob Bay,bob,\n", actor=administrator)
    assert not User.objects.get(username="ann").has_usable_password()
    browser = client.as_(administrator)
    assert "2 of these people have no password yet" in browser.get(f"/import/{job.pk}/").content.decode()
    answer = browser.post(f"/import/{job.pk}/sign-in-links/?format=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[:3] for row in rows[1:]] == [["Ann Ash", "ann", "ann@example.com"], ["Bob Bay", "bob", ""]]
    assert len({row[3] for row in rows[1:]}) == 2
    link = urlsplit(rows[1][3]).path
    client.post(link, {"password": PASSWORD, "repeated": PASSWORD})
    assert User.objects.get(username="ann").check_password(PASSWORD)
    assert AuditEntry.objects.filter(table_name="password_link_made").count() == 2
    assert not mailoutbox
    assert "1 of these people has no password yet" in browser.get(f"/import/{job.pk}/").content.decode()


def test_people_of_a_second_file_join_further_teams(load, administrator):
    load("users", "name,username,team\nAnn,ann,East\n", actor=administrator)
    load("users", "name,username,team\nAnn,ann,West\n", actor=administrator)
    memberships = Membership.objects.filter(user__username="ann", ended_on=None)
    assert set(memberships.values_list("team__name", flat=True)) == {"East", "West"}
