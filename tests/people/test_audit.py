"""The audit is written by the database: no way of changing a row escapes it, and nobody changes the audit."""

import datetime as dt
import io

import pytest
from django.db import DatabaseError, connection, transaction

from loudou.core import audit
from loudou.core.actors import SYSTEM
from loudou.core.refusals import NotVisible
from loudou.customers.models import Customer
from loudou.people import selectors
from loudou.people.models import AuditEntry, Team, User
from loudou.people.services import teams, users
from loudou.people.services.events import record_event


@pytest.fixture
def three(db):
    return Team.objects.bulk_create([Team(name=name) for name in ("A", "B", "C")])


def entries(**wanted):
    return list(AuditEntry.objects.filter(table_name="people_team", **wanted).order_by("pk"))


@pytest.fixture
def acting(administrator):
    """Inside a web request of the administrator."""
    with audit.source("web", request_id="r-1", ip="203.0.113.5", reason="tidying up"), transaction.atomic():
        audit.bind(administrator)
        yield administrator


def assert_caught(found, administrator, count):
    assert len(found) == count
    for entry in found:
        assert (entry.actor_id, entry.source, entry.request_id) == (administrator.pk, "web", "r-1")
        assert (entry.ip_address, entry.reason) == ("203.0.113.5", "tidying up")


def test_queryset_update_is_caught(three, acting):
    Team.objects.filter(name__in=["A", "B"]).update(region="North")
    found = entries(operation="update")
    assert_caught(found, acting, 2)
    assert [(entry.before, entry.after) for entry in found] == [({"region": ""}, {"region": "North"})] * 2


def test_bulk_update_and_bulk_create_are_caught(three, acting):
    for team in three:
        team.region = team.name * 2
    Team.objects.bulk_update(three, ["region"])
    Team.objects.bulk_create([Team(name="D"), Team(name="E")])
    assert_caught(entries(operation="update"), acting, 3)
    assert_caught(entries(operation="insert", source="web"), acting, 2)


def test_raw_sql_is_caught(three, acting):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_team SET name = name || '!' WHERE name <> 'C'")
    found = entries(operation="update")
    assert_caught(found, acting, 2)
    assert {(entry.before["name"], entry.after["name"]) for entry in found} == {("A", "A!"), ("B", "B!")}


def test_copy_is_caught(acting):
    rows = io.StringIO("F,2026-01-01,2026-01-01,1,,t\nG,2026-01-01,2026-01-01,1,,t\n")
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY people_team (name, created_at, updated_at, version, region, is_active) "
            "FROM STDIN (FORMAT csv, FORCE_NOT_NULL (region))"
        ) as copy,
    ):
        copy.write(rows.read())
    found = entries(operation="insert")
    assert_caught(found, acting, 2)
    assert [entry.after["name"] for entry in found] == ["F", "G"]


def test_deletion_is_caught_with_what_was_there(three, acting):
    Team.objects.filter(name="A").delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_team WHERE name = 'B'")
    found = entries(operation="delete")
    assert_caught(found, acting, 2)
    assert [entry.before["name"] for entry in found] == ["A", "B"]


def test_change_behind_the_products_back_says_so(three):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_team SET region = 'x' WHERE name = 'A'")
    assert [(entry.actor_id, entry.source) for entry in entries(operation="update")] == [(None, "database")]


def test_writing_the_same_values_writes_no_entry(three):
    Team.objects.update(region="")
    assert entries(operation="update") == []


def test_actor_does_not_leak_into_the_next_transaction(administrator):
    with audit.source("web"):
        teams.create_team(administrator, name="Mine")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loudou.audit', '', true)")  # what the end of a transaction does
    Team.objects.create(name="Nobody's")
    assert [(e.after["name"], e.actor_id) for e in entries()] == [("Mine", administrator.pk), ("Nobody's", None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people_auditentry SET actor_id = NULL",
        "DELETE FROM people_auditentry",
        "UPDATE people_auditentry SET reason = 'nothing to see' WHERE operation = 'insert'",
    ],
)
def test_the_audit_cannot_be_changed(three, statement):
    before = list(AuditEntry.objects.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AuditEntry.objects.values()) == before


def test_models_cannot_change_the_audit_either(three):
    entry = AuditEntry.objects.latest("pk")
    entry.reason = "changed"
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()
    assert AuditEntry.objects.filter(pk=entry.pk, reason="").exists()


def test_secrets_never_reach_the_audit(administrator):
    user = users.create_user(administrator, username="li", name="Li", password="sieben-Zwerge-und-Milch")
    User.objects.filter(pk=user.pk).update(password="pbkdf2$leaked", last_login="2026-01-01T00:00Z")
    user.delete()
    written = str(list(AuditEntry.objects.values("before", "after")))
    assert "password" not in written
    assert "leaked" not in written
    assert user.password not in written


def test_a_statement_costs_one_trigger_however_many_rows(three, django_assert_num_queries):
    with django_assert_num_queries(1):
        Team.objects.update(region="everywhere")
    assert len(entries(operation="update")) == 3


def test_events_carry_where_they_come_from(owner, now):
    with audit.source("api", request_id="r-2", ip="198.51.100.7"):
        event = record_event(owner, "exported", at=now, details={"rows": 12, "format": "csv"})
    event.refresh_from_db()
    assert (event.source, event.request_id, event.ip_address, event.actor_id) == (
        "api",
        "r-2",
        "198.51.100.7",
        owner.pk,
    )
    assert selectors.describe(event) == "Exported"
    assert {c.label: c.after for c in selectors.changes_of([event])[event.pk]} == {"Rows": "12", "Format": "csv"}


def test_a_records_history_is_for_whoever_sees_the_record(owner, colleague, manager, administrator):
    customer = Customer.objects.create(name="Acme", owner=owner)
    Customer.objects.filter(pk=customer.pk).update(city="Jinan")
    for reader in (owner, manager, administrator):
        found = selectors.audit_of(reader, "customers_customer", customer.pk)
        assert [entry.operation for entry in found] == ["update", "insert"]
    with pytest.raises(NotVisible):
        selectors.audit_of(colleague, "customers_customer", customer.pk)
    for table in ("people_apitoken", "core_company", "pg_authid", ""):
        with pytest.raises(NotVisible):
            selectors.audit_of(owner, table, 1)


def test_only_those_who_may_read_the_audit_get_entries(owner, manager, operations, administrator, auditor):
    Team.objects.create(name="Z")
    counts = [selectors.audit_entries(p).count() for p in (owner, manager, operations, administrator, auditor)]
    assert counts[:3] == [0, 0, 0]
    assert counts[3] == counts[4] > 0
    assert selectors.audit_entries(SYSTEM).count() == counts[3]


def test_entries_are_found_by_what_they_say(administrator, auditor):
    team = teams.create_team(administrator, name="Searched")
    teams.update_team(administrator, team.pk, region="Shandong")
    teams.update_team(administrator, team.pk, name="搜索山东机械")
    entries_of = selectors.audit_entries(auditor)
    assert entries_of.mentioning("shandong").count() == 1
    assert entries_of.mentioning("handon").count() == 1
    assert entries_of.mentioning("Searched").count() == 2  # created, and the former name
    assert entries_of.mentioning("机械").count() == entries_of.mentioning("山东").count() == 1
    assert entries_of.mentioning("region").count() == 0  # a field's name is not a value
    assert entries_of.mentioning("Sear%ed").count() == 0


def test_the_text_search_uses_its_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        for words in ("valve", "阀门"):
            plan = AuditEntry.objects.all().mentioning(words).order_by().explain()
            assert "Bitmap Index Scan on audit_search" in plan, plan


def test_a_records_history_tells_of_its_parts(administrator, owner):
    team = teams.create_team(administrator, name="Whole")
    other = teams.create_team(administrator, name="Other")
    day = dt.date(2026, 1, 1)
    member = teams.add_member(administrator, team.pk, user_id=owner.pk, started_on=day)
    teams.add_member(administrator, other.pk, user_id=owner.pk, started_on=day)
    teams.end_membership(administrator, member.pk, ended_on=dt.date(2026, 2, 1))
    found = list(selectors.audit_of(administrator, "people_team", team.pk))
    assert [(entry.table_name, entry.operation) for entry in found] == [
        ("people_membership", "update"),
        ("people_membership", "insert"),
        ("people_team", "insert"),
    ]
    words = selectors.changes_of(found)
    labels = [change.label for change in words[found[1].pk]]
    assert labels == ["User", "Leads the team", "From"]  # the team itself goes without saying
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_membership WHERE id = %s", [member.pk])
    gone = selectors.audit_of(administrator, "people_team", team.pk).first()
    assert (gone.operation, gone.whole) == ("delete", f"people_team {team.pk}")


def test_changes_are_put_into_words_with_one_statement_per_table(administrator, owner, django_assert_num_queries):
    with audit.source("web"):
        north = teams.create_team(administrator, name="North-East")
        for number in range(10):
            teams.create_team(administrator, name=f"Part {number}", parent_id=north.pk)
        users.update_user(administrator, owner.pk, roles=["manager", "rep"])
    rows = list(selectors.audit_entries(administrator).filter(table_name__in=["people_team", "people_user"]))
    with django_assert_num_queries(1):
        words = selectors.changes_of(rows)
    by_label = {(change.label, change.after) for changes in words.values() for change in changes}
    assert ("Part of", "North-East") in by_label
    assert ("Active", "yes") in by_label
    assert ("Roles", "Sales rep, Sales manager") in by_label
    assert not any(label in {"Version", "Created"} for label, _after in by_label)
