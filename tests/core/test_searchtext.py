"""Searching prepared documents: what is looked for, and that reading row by row finds what the index finds."""

import pytest

from loudou.core.searchtext import matches, needles
from loudou.customers.models import Customer

NAMES = ("机械厂", "东机 械业", "上海重型机械有限公司", "械机", "Machine Works", "PUMP 100% ok", "a_b")


@pytest.mark.parametrize(
    ("query", "looked_for"),
    [
        ("机械", ["机械 "]),
        ("重型机械", ["重型 ", "型机 ", "机械 "]),
        ("机", [" 机"]),
        ("Pump 机械", ["机械 ", "pump"]),
        ("va", [" va"]),
        ("  ", []),
    ],
)
def test_a_pair_of_characters_is_one_trigram_and_a_short_word_the_beginning_of_one(query, looked_for):
    assert needles(query) == looked_for


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("机械", {"机械厂", "上海重型机械有限公司"}),
        ("机", {"机械厂", "东机 械业", "上海重型机械有限公司", "械机"}),
        ("重型机械", {"上海重型机械有限公司"}),
        ("machine", {"Machine Works"}),
        ("100%", {"PUMP 100% ok"}),
        ("a_b", {"a_b"}),
        ("axb", set()),
    ],
)
def test_reading_row_by_row_finds_what_the_index_finds(db, query, found):
    Customer.objects.bulk_create(Customer(name=name) for name in NAMES)
    for among_few in (False, True):
        rows = Customer.objects.filter(matches(query, among_few=among_few))
        assert set(rows.values_list("name", flat=True)) == found
