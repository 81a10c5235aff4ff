"""Groups of companies: a tree of any depth, drawn as far as the reader may see it."""

import pytest
from django.db import IntegrityError, connection, transaction

from loudou.customers import selectors, services
from loudou.customers.models import Customer
from loudou.customers.selectors import family
from loudou.customers.services import CustomerDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(now):
    def make(user, name, parent=None, **facts):
        return services.create_customer(
            user, CustomerDraft(name=name, parent_id=parent.pk if parent else None, **facts), at=now
        )

    return make


def drawn(kin):
    """Draw a tree as nested lists; (x) may not be opened, *x* is where the reader is."""
    name = kin.name if kin.is_visible else f"({kin.name})"
    return [f"*{name}*" if kin.is_here else name, *(drawn(child) for child in kin.children)]


def test_the_whole_group_is_shown_from_anywhere_in_it(owner, make, django_assert_num_queries):
    top = make(owner, "Top")
    north, south = make(owner, "North", top), make(owner, "South", top)
    plant = make(owner, "Plant", north)
    make(owner, "Alone")
    with django_assert_num_queries(2):
        assert drawn(selectors.family_of(owner, plant).top) == ["Top", ["North", ["*Plant*"]], ["South"]]
    assert drawn(selectors.family_of(owner, south).top) == ["Top", ["North", ["Plant"]], ["*South*"]]
    assert drawn(selectors.family_of(owner, top).top) == ["*Top*", ["North", ["Plant"]], ["South"]]


def test_a_company_by_itself_has_no_group(owner, make):
    assert selectors.family_of(owner, make(owner, "Alone")) is None


def test_parents_of_what_one_sees_are_named_and_everything_else_is_left_out(owner, stranger, manager, make):
    top = make(stranger, "Top")
    hidden = make(stranger, "Hidden", top)
    make(stranger, "Secret", top)
    make(stranger, "Secret below", hidden)
    mine = make(owner, "Mine")
    below = make(owner, "Below")
    Customer.objects.filter(pk=mine.pk).update(parent=hidden)
    Customer.objects.filter(pk=below.pk).update(parent=mine)
    assert drawn(selectors.family_of(owner, mine).top) == ["(Top)", ["(Hidden)", ["*Mine*", ["Below"]]]]
    assert drawn(selectors.family_of(stranger, top).top) == [
        "*Top*",
        ["Hidden", ["Secret below"]],
        ["Secret"],
    ]
    Customer.objects.filter(pk=below.pk).update(parent=None)
    lonely = make(stranger, "Lonely")
    Customer.objects.filter(pk=below.pk).update(parent=lonely)
    assert drawn(selectors.family_of(owner, below).top) == ["(Lonely)", ["*Below*"]]
    Customer.objects.filter(pk=hidden.pk).update(parent=below)
    assert drawn(selectors.family_of(owner, below).top) == ["(Lonely)", ["*Below*", ["(Hidden)", ["Mine"]]]]


def test_a_parent_whose_children_one_does_not_see_stands_alone(owner, stranger, make):
    mine, theirs = make(owner, "Mine"), make(stranger, "Theirs")
    Customer.objects.filter(pk=theirs.pk).update(parent=mine)
    assert selectors.family_of(owner, mine) is None


def test_a_large_group_is_cut_off_and_says_so(owner, make, monkeypatch):
    monkeypatch.setattr(family, "MOST_MEMBERS", 3)
    top = make(owner, "Top")
    last = [make(owner, f"Child {number}", top) for number in range(4)][-1]
    found = selectors.family_of(owner, last)
    assert found.has_more
    assert drawn(found.top)[0] == "Top"
    assert "*Child 3*" in str(drawn(found.top))


def test_no_path_makes_a_circle(owner, make):
    top = make(owner, "Top")
    middle = make(owner, "Middle", top)
    low = make(owner, "Low", middle)
    for parent in (low, middle, top):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE customers_customer SET parent_id = %s WHERE id = %s", [parent.pk, top.pk])
    top.refresh_from_db()
    assert top.parent_id is None
