"""The real files: loaded whole, or told what is wrong with which row."""

import csv

import pytest

from loudou.catalog.models import Product
from loudou.core.actors import SYSTEM
from loudou.customers.models import Customer
from loudou.exchange import command
from loudou.people.models import Membership, Team
from loudou.pipeline.models import Opportunity

from .conftest import AT, EXAMPLES, ran, why


def run(path, mapping, actor=SYSTEM):
    return command.run(actor, path, now=lambda: AT, mapping=mapping)


@pytest.fixture
def maven(data, process, dollars):
    """The three small Maven files, loaded."""
    for name in ("sales_teams", "accounts", "products"):
        mapping = command.MappingFile.load(EXAMPLES / "maven" / f"{name}.toml")
        job = run(data / "maven" / f"{name}.csv", mapping)
        assert not why(job), name
    return data / "maven"


def test_maven_people_accounts_and_products(maven):
    assert Customer.objects.count() == 85
    assert Product.objects.count() == 7
    assert Membership.objects.filter(is_lead=False).count() == 35
    assert Membership.objects.filter(is_lead=True, user__roles=["manager"]).count() == 6
    assert Team.objects.filter(parent=None).count() == 3
    assert Customer.objects.exclude(parent=None).count() == 15


@pytest.mark.slow
def test_maven_pipeline(maven):
    mapping = command.MappingFile.load(EXAMPLES / "maven" / "sales_pipeline.toml")
    job = run(maven / "sales_pipeline.csv", mapping)
    assert (ran(job), why(job)) == ({"created": 8800}, {})
    count = Opportunity.objects.filter
    assert (count(state="won").count(), count(state="lost").count()) == (4238, 2473)
    assert count(state="open", stage__name="Needs understood").count() == 1589
    assert count(state="open", stage__name="First contact").count() == 500
    assert count(customer=None).count() == 1425
    assert count(lines__product__name="GTX Pro").count() == 1480


def test_gtxpro_is_never_taken_for_gtx_pro_silently(maven, tmp_path):
    with (maven / "sales_pipeline.csv").open() as file:
        rows = list(csv.reader(file))[:40]
    path = tmp_path / "sales_pipeline.csv"
    with path.open("w") as file:
        csv.writer(file).writerows(rows)
    written = command.MappingFile.load(EXAMPLES / "maven" / "sales_pipeline.toml")
    undecided = command.MappingFile(**{**written.__dict__, "values": {"stage": written.values["stage"]}})
    job = run(path, undecided)
    gtxpro = [number for number, row in enumerate(rows, start=1) if row[2] == "GTXPro"]
    assert why(job) == {number: ["Product: “GTXPro” is not known here."] for number in gtxpro}


def test_messy_maven_names_its_rows(maven, data, tmp_path):
    text = (data / "maven_messy" / "sales_pipeline.csv").read_bytes().split(b"\r\n")
    path = tmp_path / "messy.csv"
    path.write_bytes(b"\r\n".join(text[:60]))
    mapping = command.MappingFile(kind="opportunities", reading={"encoding": "gb18030", "delimiter": ","})
    job = run(path, mapping)
    reasons = why(job)
    assert job.rows.count() == 59
    assert set(reasons) == set(range(2, 61))
    assert all(any("is not known here" in reason for reason in found) for found in reasons.values())
    # Runs of blanks around and within names do not matter.
    assert not any("Owner" in reason for found in reasons.values() for reason in found)
