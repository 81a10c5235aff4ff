"""Products and product lines."""

from decimal import Decimal

import pytest

from loudou.catalog import selectors, services
from loudou.catalog.models import Product, ProductLine
from loudou.catalog.services import ProductDraft
from loudou.core.bulk import RowUpdate
from loudou.core.money import UnknownCurrency
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite

pytestmark = pytest.mark.django_db


def test_operations_set_up_lines_and_products(operations):
    line = services.create_line(operations, name="  Pumps ")
    product = services.create_product(
        operations, ProductDraft(name="Pump 200", code="P200", line_id=line.pk, unit="台", list_price=Decimal("12.5"))
    )
    assert (line.name, product.line, product.currency, product.list_price) == ("Pumps", line, "CNY", Decimal("12.5"))


def test_a_rep_sees_products_but_sets_none_up(owner, operations, now):
    product = services.create_product(operations, ProductDraft(name="Pump"))
    assert list(selectors.products(owner)) == [product]
    with pytest.raises(PermissionRefused):
        services.create_product(owner, ProductDraft(name="Mine"))
    with pytest.raises(PermissionRefused):
        services.update_product(owner, product.pk, changes={"name": "Mine"}, at=now)
    with pytest.raises(PermissionRefused):
        services.create_line(owner, name="Mine")
    assert list(Product.objects.values_list("name", flat=True)) == ["Pump"] and not ProductLine.objects.exists()


def test_each_draft_has_its_own_outcome(operations):
    drafts = [
        ProductDraft(name="A", code="1"),
        ProductDraft(name="a"),
        ProductDraft(name="B", code="1"),
        ProductDraft(name="C", list_price=Decimal(-1)),
        ProductDraft(name="D", currency="XYZ"),
        ProductDraft(name="E", line_id=0),
        ProductDraft(name="F", currency="usd"),
    ]
    outcomes = services.create_products(operations, drafts)
    assert [o.row.name if o.row else o.refusal.code for o in outcomes] == [
        "A",
        "invalid_input",
        "invalid_input",
        "invalid_input",
        "unknown_currency",
        "not_found",
        "F",
    ]
    assert Product.objects.count() == 2


def test_products_change_with_their_version(operations, now):
    product = services.create_product(operations, ProductDraft(name="Pump"))
    changed = services.update_product(operations, product.pk, changes={"is_active": False}, version=1, at=now)
    assert (changed.is_active, changed.version) == (False, 2)
    with pytest.raises(StaleWrite):
        services.update_product(operations, product.pk, changes={"name": "Pump 2"}, version=1, at=now)
    with pytest.raises(UnknownCurrency):
        services.update_product(operations, product.pk, changes={"currency": "ABC"}, at=now)
    with pytest.raises(NotVisible):
        services.update_product(operations, product.pk, changes={"line_id": 0}, at=now)
    assert services.update_products(operations, [RowUpdate(0)], at=now)[0].refusal.code == "not_found"


def test_lines_have_one_name_each(operations):
    line = services.create_line(operations, name="Pumps")
    with pytest.raises(InvalidInput) as refusal:
        services.create_line(operations, name="pumps")
    assert refusal.value.errors[""] == ["There is already a product line of this name."]
    other = services.create_line(operations, name="Valves")
    with pytest.raises(InvalidInput):
        services.update_line(operations, other.pk, changes={"name": "PUMPS"})
    assert services.update_line(operations, line.pk, changes={"is_active": False}, version=1).version == 2


def test_products_are_found_by_name_and_code(owner, operations):
    services.create_products(operations, [ProductDraft(name="离心泵 200", code="LXB-200"), ProductDraft(name="阀门")])
    assert [p.name for p in selectors.search_products(owner, "离心", limit=5)] == ["离心泵 200"]
    assert [p.name for p in selectors.search_products(owner, "lxb-2", limit=5)] == ["离心泵 200"]
    assert selectors.search_products(owner, "没有", limit=5) == []


def test_who_may_not_sign_in_sees_no_products(make_user, operations):
    services.create_product(operations, ProductDraft(name="Pump"))
    assert not selectors.products(make_user("leaver", is_active=False)).exists()
