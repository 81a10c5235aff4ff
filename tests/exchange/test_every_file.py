"""Every difficult file: what it becomes, or what is said of which row. The table of the how-to says the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from loudou.catalog.models import Product
from loudou.core.actors import SYSTEM
from loudou.core.refusals import BusinessRefusal
from loudou.customers.models import Contact, Customer
from loudou.exchange import command
from loudou.exchange.errors import FileUnreadable, MappingIncomplete, NothingMapped
from loudou.pipeline.models import Opportunity, OpportunityLine, StageChange

from .conftest import AT, EXAMPLES, ran, why

CRM = "crm_exports"


@pytest.fixture
def run(data, process):
    """Import a real file with a mapping file of the examples, or by its headings: `run(path, "odoo/partners")`."""

    def run_file(path, mapping="", *, kind="", values=None, most=0, tmp_path=None):
        chosen = command.MappingFile.load(EXAMPLES / f"{mapping}.toml") if mapping else command.MappingFile.of(kind)
        if values:
            chosen = command.MappingFile(**{**chosen.__dict__, "values": {**chosen.values, **values}})
        source = data / path
        if most:
            head = source.read_bytes().split(b"\n")[: most + 1]
            source = tmp_path / Path(path).name
            source.write_bytes(b"\n".join(head))
        return command.run(SYSTEM, source, now=lambda: AT, mapping=chosen)

    return run_file


def test_messy_people_accounts_and_products(run):
    assert ran(run("maven_messy/sales_teams.csv", "maven/sales_teams")) == {"created": 35}
    assert ran(run("maven_messy/accounts.csv", "maven_messy/accounts")) == {"created": 85}
    assert ran(run("maven_messy/products.csv", "maven/products")) == {"created": 7}


def test_messy_pipeline_finds_products_and_customers_under_the_dirt(run, tmp_path, dollars):
    for name, mapping in (("sales_teams", "maven"), ("accounts", "maven_messy"), ("products", "maven")):
        run(f"maven_messy/{name}.csv", f"{mapping}/{name}")
    job = run("maven_messy/sales_pipeline.csv", "maven_messy/sales_pipeline", most=400, tmp_path=tmp_path)
    assert ran(job) == {"created": 400}
    assert why(job)[2] == [
        "Customer: “Cancity?闹” was taken for “Cancity”.",
        "Product: “GTX (Plus Basic)” was taken for “GTX Plus Basic”.",
    ]
    first = Opportunity.objects.get(external_id="1C1I7A6R")
    assert (first.customer.name, first.opened_on.isoformat()) == ("Cancity", "2022-10-20")
    taken = set(OpportunityLine.objects.values_list("product__name", flat=True))
    assert taken <= set(Product.objects.values_list("name", flat=True))


def test_chinese_customers_prices_and_damaged_ids(run):
    people = run("chinese_gbk/客户信息.csv", "chinese/customers")
    assert ran(people) == {"created": 10}
    assert Customer.objects.get(external_id="001").legal_form == "person"
    assert ran(run("chinese_gbk/价格采集.csv", "chinese/prices")) == {"created": 44}
    orders = run("chinese_gbk/订单数据.csv", kind="opportunities")
    assert ran(orders) == {"failed": 26}
    shortened = {number for number, each in why(orders).items() if "a spreadsheet has shortened" in " ".join(each)}
    assert shortened == set(range(2, 28))


def test_chinese_purchases_in_gbk(run, tmp_path):
    job = run("chinese_gbk/订单表.csv", "chinese/products", most=2000, tmp_path=tmp_path)
    assert (job.encoding, ran(job)["created"]) == ("gb18030", Product.objects.count())
    assert Product.objects.filter(name="旅行自行车").exists()
    purchases = run("chinese_gbk/订单表.csv", "chinese/purchases", most=300, tmp_path=tmp_path)
    assert ran(purchases) == {"created": 300}
    assert OpportunityLine.objects.count() == 300


def test_hubspot_pages(run, dollars):
    folder = f"{CRM}/hubspot_ui"
    assert ran(run(f"{folder}/hubspot_companies.csv", "hubspot/companies")) == {"created": 200}
    assert ran(run(f"{folder}/hubspot_contacts.csv", "hubspot/contacts")) == {"created": 950}
    assert ran(run(f"{folder}/hubspot_deals.csv", "hubspot/deals")) == {"created": 500}
    count = Opportunity.objects.filter
    assert [count(state=state).count() for state in ("open", "won", "lost")] == [360, 71, 69]


@pytest.mark.parametrize(
    ("name", "rows", "reason"),
    [
        ("hubspot_tickets.csv", 300, "Sales process: “Support Pipeline” is not known here."),
        (
            "hubspot_activities.csv",
            2000,
            "Contacts (name, mail or id): “taylorrobertson@example.org” is not known here.",
        ),
    ],
)
def test_hubspot_pages_that_are_no_sales_are_refused_row_by_row(run, name, rows, reason):
    job = run(f"{CRM}/hubspot_ui/{name}", kind="opportunities")
    assert ran(job) == {"failed": rows}
    assert reason in why(job)[2]
    assert not Opportunity.objects.exists()


def test_hubspot_warehouse_companies_contacts_and_deals(run):
    folder = f"{CRM}/hubspot_api"
    assert ran(run(f"{folder}/company_data.csv", "hubspot_warehouse/companies")) == {"created": 24}
    assert ran(run(f"{folder}/contact_data.csv", "hubspot_warehouse/contacts")) == {"created": 22}
    assert ran(run(f"{folder}/deal_data.csv", "hubspot_warehouse/deals")) == {"created": 44}
    assert Contact.objects.exclude(external_id="").count() == 22


def records(path):
    """The rows of a table by heading."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def stand_ins(path, key, opened):
    """Opportunities for a log whose deals are in no file: one for each id, opened on the day of its first row."""
    days = {}
    for row in records(path):
        days[row[key]] = min(days.get(row[key], "9"), f"{row[opened].split()[0]}")
    return "id,name,created\n" + "".join(f"{pk},Deal {pk},{day}\n" for pk, day in days.items()), days


def test_hubspot_log_of_stages_is_refused_without_its_deals_and_loads_with_them(run, data, load):
    path = f"{CRM}/hubspot_api/deal_stage_data.csv"
    job = run(path, "hubspot_warehouse/stages")
    assert ran(job) == {"failed": 14}
    assert "“3954699413” is not known here." in why(job)[2][0]
    text, days = stand_ins(data / path, "deal_id", "date_entered")
    load("opportunities", text, actor=SYSTEM)
    job = run(path, "hubspot_warehouse/stages", values={"stage": {"*": "First contact"}})
    assert ran(job).keys() <= {"updated", "line", "skipped"}
    assert sum(ran(job).values()) == 14
    assert Opportunity.objects.count() == len(days)


def test_hubspot_log_of_properties_asks_which_property_is_the_stage(run, data, load):
    path = f"{CRM}/hubspot_api/deal_property_history_data.csv"
    job = run(path, "hubspot_warehouse/properties")
    assert ran(job) == {"failed": 100}
    assert "Which field the row is about: “ky4p2Nx3U/ctHYnc+rKWvg==” is not one of the known values." in why(job)[2]
    text, _days = stand_ins(data / path, "deal_id", "timestamp")
    load("opportunities", text, actor=SYSTEM)
    decided = {"recorded_field": {"*": "The stage"}, "stage": {"*": "First contact"}}
    job = run(path, "hubspot_warehouse/properties", values=decided)
    assert "failed" not in ran(job)
    assert sum(ran(job).values()) == 100


@pytest.mark.parametrize(
    ("name", "kind", "refusal"),
    [
        ("deal_contact_data.csv", "contacts", MappingIncomplete),
        ("deal_pipeline_data.csv", "opportunities", NothingMapped),
        ("deal_pipeline_stage_data.csv", "stage_history", MappingIncomplete),
    ],
)
def test_tables_that_are_no_records_say_what_is_missing(run, name, kind, refusal):
    with pytest.raises(refusal):
        run(f"{CRM}/hubspot_api/{name}", kind=kind)


def test_hubspot_links_of_deals_to_companies_name_the_unknown_company(run):
    job = run(f"{CRM}/hubspot_api/deal_company_data.csv", kind="opportunities")
    assert ran(job) == {"failed": 2}
    assert why(job)[2] == ["Customer: id in another system: “12345” is not known here."]


def test_odoo_spreadsheets_and_tables(run):
    assert ran(run(f"{CRM}/odoo/res_partner.xls", kind="customers")) == {"created": 8}
    assert ran(run(f"{CRM}/odoo/o2m_customers_contacts.csv", "odoo/partners")) == {"skipped": 8}
    assert ran(run(f"{CRM}/odoo/m2m_customers_tags.csv", "odoo/customers")) == {"created": 5}
    assert ran(run(f"{CRM}/odoo/test.xls", kind="customers")) == {"created": 3}


def test_the_broken_spreadsheet_gives_a_sentence(run):
    with pytest.raises(FileUnreadable) as refused:
        run(f"{CRM}/odoo/crm_lead.xls", kind="customers")
    assert isinstance(refused.value, BusinessRefusal)
    assert "crm_lead.xls cannot be read. It seems to be damaged" in str(refused.value)


def test_salesforce_accounts_contacts_and_users(run):
    folder = f"{CRM}/salesforce"
    accounts = run(f"{folder}/sf_account_data.csv", "salesforce/accounts")
    assert ran(accounts) == {"created": 4, "failed": 6}
    assert set(map(tuple, why(accounts).values())) == {
        ("Website: This is not a web address. Write it like www.example.com.",)
    }
    contacts = run(f"{folder}/sf_contact_data.csv", "salesforce/contacts")
    assert (ran(contacts), why(contacts)) == ({"created": 3, "failed": 1}, {2: ["Name is missing."]})
    assert ran(run(f"{folder}/sf_user_data.csv", "salesforce/users")) == {"created": 10}


def test_salesforce_opportunities_then_their_history(run, dollars):
    folder = f"{CRM}/salesforce"
    refused = run(f"{folder}/sf_opportunity_data.csv", "salesforce/opportunities")
    assert ran(refused) == {"failed": 10}
    assert "is neither a stage of the sales process nor an outcome." in why(refused)[2][0]
    known = {"stage": {"*": "Won"}}
    job = run(f"{folder}/sf_opportunity_data.csv", "salesforce/opportunities", values=known)
    assert ran(job) == {"created": 9, "failed": 1}
    assert why(job) == {6: ["The dates are out of order: 7 Dec 2018 comes before 19 Dec 2018."]}
    history = run(f"{folder}/sf_opportunity_history_data.csv", "salesforce/history", values=known)
    assert ran(history) == {"updated": 9, "failed": 1}
    assert "“006q000000HddueAAB” is not known here." in why(history)[6][0]
    assert StageChange.objects.filter(kind="won").count() == 9


def test_salesforce_line_items_become_lines_of_their_opportunities(run, data, load, dollars):
    path = data / CRM / "salesforce" / "sf_opportunity_line_item_data.csv"
    ids = {row["opportunity_id"] for row in records(path)}
    assert ran(run(path, "salesforce/line_items")) == {"skipped": 10}
    load("opportunities", "id,name\n" + "".join(f"{pk},Deal {pk}\n" for pk in sorted(ids)), actor=SYSTEM)
    job = run(path, "salesforce/line_items")
    assert sum(ran(job).values()) == 10
    assert OpportunityLine.objects.count() + ran(job).get("failed", 0) == 10
    assert ran(job).get("updated", 0) + ran(job).get("line", 0) == OpportunityLine.objects.count()


@pytest.mark.parametrize(
    ("name", "kind", "rows", "reason"),
    [
        ("sf_account_history_data.csv", "customers", 10, "is not one of the known values."),
        ("sf_lead_data.csv", "contacts", 1, "Customer: “Z” is not known here."),
        ("sf_order_data.csv", "opportunities", 10, "“Activated” is neither a stage"),
    ],
)
def test_salesforce_tables_that_need_decisions_name_the_values(run, name, kind, rows, reason):
    job = run(f"{CRM}/salesforce/{name}", kind=kind)
    assert ran(job) == {"failed": rows}
    assert all(any(reason in each for each in reasons) for reasons in why(job).values())
