"""Imports of each kind: what is created, updated, skipped, refused, and why."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.catalog.models import Product, ProductLine
from loudou.customers.models import Contact, Customer, OwnerChange, Post
from loudou.exchange.choices import JobStatus, Mode, OnMatch
from loudou.exchange.errors import (
    MappingAmbiguous,
    MappingIncomplete,
    NothingMapped,
    TeamCannotOwn,
    TimeZoneUnknown,
)
from loudou.exchange.models import ImportJob, SavedMapping
from loudou.exchange.services import jobs, running
from loudou.people.choices import Role
from loudou.people.models import AuditEntry, Membership, Team, User
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import Opportunity, StageChange

from .conftest import AT, ran, tried, why

CREATE_ANY = {"*": {"do": "create"}}


def test_customers_with_parents_that_come_later_in_the_file(load, operations):
    job = load("customers", "name,subsidiary of,owner,revenue\nChild Ltd,Mother Ltd,operations,1.5万\nMother Ltd,,,\n")
    assert (job.status, ran(job)) == (JobStatus.DONE, {"created": 2})
    child = Customer.objects.get(name="Child Ltd")
    assert (child.parent.name, child.owner, child.annual_revenue) == ("Mother Ltd", operations, Decimal(15000))
    assert Customer.objects.get(name="Mother Ltd").owner is None
    assert OwnerChange.objects.get().to_owner == operations


def test_every_bad_cell_is_named_with_its_row_and_the_good_rows_are_loaded(load):
    job = load(
        "customers",
        "name,employees,year established,统一社会信用代码\n"
        "Good,12,1999,\nBad,many,1999,\n,5,,\nLong,1,,91110000\nWide,1,,,x\n",
    )
    assert ran(job) == {"created": 1, "failed": 4}
    assert why(job) == {
        3: ["Employees: “many” is not a number."],
        4: ["Customer name is missing."],
        5: ["Unified social credit code: “91110000” has the wrong length or check character."],
        6: ["The row has more cells than there are headings (4). Is a separator or a quote out of place?"],
    }
    assert list(Customer.objects.values_list("name", flat=True)) == ["Good"]


def test_a_dry_run_writes_nothing(load):
    job = load("customers", "name\nAcme\nBeta\n", dry_run=True)
    assert (job.status, tried(job), ran(job)) == (JobStatus.READY, {"created": 2}, {})
    assert not Customer.objects.exists()
    assert not AuditEntry.objects.filter(table_name="customers_customer").exists()


def test_all_or_nothing_writes_only_a_file_without_a_wrong_row(load):
    job = load("customers", "name,employees\nAcme,5\nBeta,many\n", all_or_nothing=True)
    assert (job.status, tried(job), ran(job)) == (JobStatus.READY, {"created": 1, "failed": 1}, {})
    assert not Customer.objects.exists()
    job = load("customers", "name,employees\nAcme,5\nBeta,6\n", all_or_nothing=True)
    assert (job.status, ran(job)) == (JobStatus.DONE, {"created": 2})


def test_the_same_file_again_changes_nothing(load):
    text = "id,name,city\nA1,Acme,Rome\nB2,Beta,Oslo\n"
    load("customers", text)
    again = load("customers", text)
    assert ran(again) == {"skipped": 2}
    assert why(again)[2] == ["Nothing to change."]
    assert set(Customer.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize(
    ("on_match", "city", "phone", "count"),
    [
        (OnMatch.SKIP, "Rome", [], 1),
        (OnMatch.UPDATE_EMPTY, "Rome", ["055512345"], 1),
        (OnMatch.OVERWRITE, "Oslo", ["055512345"], 1),
        (OnMatch.CREATE, "Rome", [], 2),
    ],
)
def test_what_happens_to_a_known_record_is_the_persons_choice(load, on_match, city, phone, count):
    load("customers", "name,city\nAcme,Rome\n")
    load("customers", "name,city,phone\n ACME ,Oslo,0555 12345\n", options={"on_match": on_match})
    acme = Customer.objects.order_by("pk")[0]
    assert (acme.city, acme.phones, Customer.objects.count()) == (city, phone, count)


def test_an_empty_cell_leaves_or_clears_as_told(load):
    load("customers", "name,city\nAcme,Rome\n")
    load("customers", "name,city\nAcme,\n")
    assert Customer.objects.get().city == "Rome"
    load("customers", "name,city\nAcme,\n", options={"empty_cell": "clear"})
    assert Customer.objects.get().city == ""


def test_update_only_makes_nothing_new_and_create_only_changes_nothing_known(load):
    load("customers", "name,city\nAcme,Rome\n")
    job = load("customers", "name,city\nAcme,Oslo\nNew,Oslo\n", mode=Mode.UPDATE)
    assert ran(job) == {"updated": 1, "skipped": 1}
    job = load("customers", "name,city\nAcme,Bern\nNew,Bern\n", mode=Mode.CREATE)
    assert ran(job) == {"created": 1, "skipped": 1}
    assert dict(Customer.objects.values_list("name", "city")) == {"Acme": "Oslo", "New": "Bern"}


def test_a_record_twice_in_one_file_is_loaded_once_and_said(load):
    job = load("customers", "name\nAcme\nacme\n")
    assert ran(job) == {"created": 1, "skipped": 1}
    assert why(job) == {3: ["Row 2 of the file is about the same record. Only that one is loaded."]}


def test_two_known_records_of_one_name_are_not_guessed_between(load):
    load("customers", "id,name\n1,Acme\n2,Acme\n", options={"match_keys": ["external_id"]})
    job = load("customers", "name,city\nAcme,Rome\n")
    assert ran(job) == {"failed": 1}
    assert why(job) == {2: ["Several records match this row. Match by another key."]}


def test_contacts_get_their_posts(load):
    load("customers", "name,website\nAcme,https://www.acme.example/about\n")
    head = "First Name,Last Name,Email,Job Title,Associated Company Domain\n"
    job = load("contacts", head + "Ada,Ash,ada@acme.example,CTO,acme.example\n芳,王,,,\n")
    assert ran(job) == {"created": 2}
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ada Ash", "王芳"}
    post = Post.objects.get()
    assert (post.customer.name, post.title, post.contact.emails) == ("Acme", "CTO", ["ada@acme.example"])


def test_products_and_their_lines(load, administrator):
    text = 'product,series,sales_price,currency\nGTX,G,"$4,821",USD\nMG,M,55,USD\n'
    job = load("products", text, actor=administrator, values={"line": CREATE_ANY})
    assert ran(job) == {"created": 2}
    assert Product.objects.get(name="GTX").list_price == Decimal(4821)
    assert set(ProductLine.objects.values_list("name", flat=True)) == {"G", "M"}


def test_users_teams_and_managers(load, administrator):
    text = "sales_agent,manager,regional_office\nAnn Ash,Max Man,East\nBob Bay,Max Man,East\nCid Cox,Moe Mud,East\n"
    job = load("users", text, actor=administrator)
    assert ran(job) == {"created": 3}
    assert dict(User.objects.filter(name__in=["Ann Ash", "Max Man"]).values_list("username", "roles")) == {
        "ann.ash": ["rep"],
        "max.man": ["manager"],
    }
    assert set(Team.objects.values_list("name", "parent__name")) == {
        ("East", None),
        ("East · Max Man", "East"),
        ("East · Moe Mud", "East"),
    }
    assert Membership.objects.filter(is_lead=True).count() == 2
    assert not User.objects.get(username="ann.ash").has_usable_password()


def test_opportunities_bring_their_history(load, process, owner):
    load("customers", "name\nAcme\n")
    text = (
        "id,name,customer,stage,amount,created,close date,owner\n"
        "1,Press,Acme,赢单,1.2万,2026-01-05,2026-03-01,owner\n"
        "2,Crane,Acme,First contact,800,2026-02-05,2026-09-30,owner\n"
        "3,Belt,Acme,Closed Lost,0,2026-02-05,2026-03-05,owner\n"
    )
    job = load("opportunities", text)
    assert (ran(job), why(job)) == ({"created": 3}, {})
    won, still_open, lost = Opportunity.objects.order_by("external_id")
    assert (won.state, won.amount, won.closed_at.date()) == (State.WON, Decimal(12000), dt.date(2026, 3, 1))
    assert (still_open.state, still_open.expected_on) == (State.OPEN, dt.date(2026, 9, 30))
    assert (lost.state, lost.amount) == (State.LOST, 0)
    kinds = StageChange.objects.filter(opportunity=won).order_by("at", "id").values_list("kind", flat=True)
    assert list(kinds) == [ChangeKind.CREATED, ChangeKind.WON]
    entry = AuditEntry.objects.get(table_name="pipeline_opportunity", object_id=str(won.pk))
    assert (entry.source, entry.reason) == ("import", f"import {job.pk}")


def test_an_unknown_product_is_refused_until_the_person_decides(load, process, dollars, administrator, owner):
    load("products", "name,price,currency\nGTX Pro,4821,USD\n", actor=administrator)
    text = "id,product,owner\n1,GTXPro,owner\n"
    refused = load("opportunities", text)
    assert ran(refused) == {"failed": 1}
    assert why(refused) == {2: ["Product: “GTXPro” is not known here."]}
    decided = load("opportunities", text, values={"product": {"GTXPro": "GTX Pro"}})
    assert ran(decided) == {"created": 1}
    sale = Opportunity.objects.get()
    assert (sale.subject, sale.amount, sale.lines.get().product.name) == ("GTX Pro", Decimal(4821), "GTX Pro")


def test_unknown_customers_are_made_when_the_person_says_so(load, process, owner):
    text = "name,customer,owner\nPress,New Ltd,owner\nCrane,New Ltd,owner\nBelt,Other,owner\n"
    job = load("opportunities", text, values={"customer": {"New Ltd": {"do": "create"}, "Other": {"do": "empty"}}})
    assert ran(job) == {"created": 3}
    assert Customer.objects.get().name == "New Ltd"
    assert Opportunity.objects.filter(customer=None).count() == 1


def test_known_opportunities_move_and_close_with_their_own_verbs(load, process, owner):
    head = "id,name,stage,amount,created,closing date,owner\n"
    load(
        "opportunities",
        head + "1,Press,First contact,500,2026-01-05,,owner\n2,Belt,First contact,5,2026-01-05,,owner\n",
    )
    job = load(
        "opportunities",
        head + "1,Press,Proposal submitted,700,2026-01-05,,owner\n2,Belt,Won,5,2026-01-05,2026-06-15,owner\n",
    )
    assert (ran(job), why(job)) == ({"updated": 2}, {})
    press, belt = Opportunity.objects.order_by("external_id")
    assert (press.stage.name, press.amount, belt.state) == ("Proposal submitted", Decimal(700), State.WON)
    assert set(StageChange.objects.filter(opportunity=press).values_list("kind", flat=True)) >= {
        "created",
        "revised",
        "skipped",
    }


def test_dates_whose_order_the_file_proves_are_read_so(load, process, owner):
    load("opportunities", "name,opened,owner\nA,03/04/2026,owner\nB,25/04/2026,owner\n")
    assert Opportunity.objects.get(subject="A").opened_on == dt.date(2026, 4, 3)


def test_a_mapping_is_remembered_for_the_next_file_like_it(load, operations):
    text = "Firma,Ort\nAcme,Rome\n"
    with pytest.raises(MappingIncomplete):
        load("customers", text, columns={"Ort": "city"})
    load("customers", text, columns={"Firma": "name", "Ort": "city"})
    assert SavedMapping.objects.get().user == operations
    job = load("customers", "Firma,Ort\nBeta,Oslo\n")
    assert job.mapping == {"0": "name", "1": "city"}
    assert ran(job) == {"created": 1}


def test_two_columns_for_one_value_are_refused(load):
    with pytest.raises(MappingAmbiguous):
        load("customers", "a,b\nAcme,Beta\n", columns={"a": "name", "b": "name"})


def test_rows_are_written_in_batches_and_none_twice(load, monkeypatch):
    from loudou.exchange.services import running

    monkeypatch.setattr(running, "BATCH", 7)
    job = load("customers", "name\n" + "".join(f"Customer {n}\n" for n in range(30)))
    assert ran(job) == {"created": 30}
    assert Customer.objects.count() == 30
    assert ImportJob.objects.get().progress == 30


def test_rows_that_name_nobody_go_to_the_person_chosen(load, owner, colleague):
    job = load("customers", "name,owner\nAcme,\nBeta,owner\n", options={"owner": "colleague"})
    assert ran(job) == {"created": 2}
    assert dict(Customer.objects.values_list("name", "owner__username")) == {"Acme": "colleague", "Beta": "owner"}


def test_rows_that_name_nobody_go_to_the_members_of_a_team_in_turn(load, process, make_team, make_user):
    east = make_team("East")
    for name in ("ann", "ben"):
        make_user(name, team=east)
    make_user("fay", Role.FINANCE, team=east)
    text = "name\n" + "".join(f"Sale {number}\n" for number in range(5))
    tried_first = load("opportunities", text, options={"team": "East"}, dry_run=True)
    assert tried(tried_first) == {"created": 5}
    load("opportunities", text, options={"team": "East"})
    owners = Opportunity.objects.order_by("pk").values_list("owner__username", flat=True)
    assert list(owners) == ["ann", "ben", "ann", "ben", "ann"]


def test_a_team_of_nobody_who_sells_is_refused(load, make_team, make_user):
    make_user("fay", Role.FINANCE, team=make_team("Books"))
    with pytest.raises(TeamCannotOwn):
        load("customers", "name\nAcme\n", options={"team": "Books"})


def test_known_records_keep_their_owner(load, owner, colleague):
    load("customers", "name,owner\nAcme,owner\n")
    load("customers", "name,city\nAcme,Rome\n", options={"owner": "colleague"})
    assert Customer.objects.get().owner == owner


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("auto", {"Ada Ash", "王芳"}),
        ("first_last", {"Ada Ash", "芳王"}),
        ("last_first", {"Ash Ada", "王芳"}),
    ],
)
def test_first_and_last_name_are_joined_as_told(load, order, names):
    load("contacts", "First Name,Last Name\nAda,Ash\n芳,王\n", options={"name_order": order})
    assert set(Contact.objects.values_list("name", flat=True)) == names


def test_a_time_zone_that_does_not_exist_is_refused(load):
    with pytest.raises(TimeZoneUnknown):
        load("customers", "name\nAcme\n", options={"time_zone": "Mars/Base"})


def test_many_known_opportunities_change_with_few_statements(load, process, owner, django_assert_max_num_queries):
    head = "id,name,amount,owner\n"
    load("opportunities", head + "".join(f"{number},Sale {number},5,owner\n" for number in range(300)))
    text = head + "".join(f"{number},Sale {number},7,owner\n" for number in range(300))
    with django_assert_max_num_queries(90):
        job = load("opportunities", text)
    assert ran(job) == {"updated": 300}
    assert set(Opportunity.objects.values_list("amount", "version")) == {(Decimal(7), 2)}
    assert StageChange.objects.filter(kind=ChangeKind.REVISED).count() == 300


def test_one_refused_change_does_not_keep_the_others_from_being_made(load, process, owner):
    head = "id,name,amount,created,closed,stage,owner\n"
    load("opportunities", head + "1,A,5,2026-01-05,,,owner\n2,B,5,2026-01-05,2026-02-01,Won,owner\n")
    job = load("opportunities", "id,amount\n1,7\n2,9\n1x,1\n", mode=Mode.UPDATE)
    assert ran(job) == {"updated": 1, "failed": 1, "skipped": 1}
    assert why(job)[3] == ["B is already closed (Won). Open it again to change this."]


def test_people_of_a_known_sale_are_joined_by_those_of_the_file(load, process, owner, colleague, operations):
    load("customers", "name\nAcme\n")
    load("contacts", "id,name,email,customer\nC1,Ada,ada@acme.example,Acme\nC2,Bob,,Acme\nC3,Cid,,Acme\n")
    load("opportunities", "id,name,customer,contact,owner\nO1,Press,Acme,Ada,owner\n")
    job = load(
        "opportunities",
        "deal id,contact,team\nO1,C2,colleague\nO1,C3,\n",
        mode=Mode.UPDATE,
        options={"rows_are_lines": True},
    )
    assert (ran(job), why(job)) == ({"updated": 1, "line": 1}, {})
    sale = Opportunity.objects.get()
    assert set(sale.people.values_list("contact__name", flat=True)) == {"Ada", "Bob", "Cid"}
    assert [member.user for member in sale.members.all()] == [colleague]
    jobs.request_undo(operations, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    assert list(sale.people.values_list("contact__name", flat=True)) == ["Ada"]
    assert not sale.members.exists()


def test_a_sale_that_nothing_names_is_refused(load, process, owner):
    job = load("opportunities", "amount,owner\n5,owner\n")
    assert why(job) == {2: ["Subject is missing."]}


def test_a_file_without_a_known_heading_says_so(load):
    with pytest.raises(NothingMapped):
        load("customers", "x,y\n1,2\n")


def test_an_id_that_a_spreadsheet_has_shortened_is_refused(load):
    job = load("customers", "id,name\n1.1812E+11,Acme\n")
    assert "a spreadsheet has shortened" in why(job)[2][0]


def test_the_closest_known_name_is_taken_only_when_the_person_says_so_and_each_row_says_it(load, process, owner):
    load("customers", "name\nCancity\nIsdom\nZathunicon\n")
    text = "name,customer,owner\nA,Cancity?闹,owner\nB,Isdom?闹,owner\nC,?闹,owner\n"
    assert ran(load("opportunities", text)) == {"failed": 3}
    decisions = {"customer": {"?闹": {"do": "empty"}, "*": {"do": "closest"}}}
    job = load("opportunities", text, values=decisions)
    assert ran(job) == {"created": 3}
    assert why(job) == {
        2: ["Customer: “Cancity?闹” was taken for “Cancity”."],
        3: ["Customer: “Isdom?闹” was taken for “Isdom”."],
    }
    names = Opportunity.objects.order_by("subject").values_list("customer__name", flat=True)
    assert list(names) == ["Cancity", "Isdom", None]
