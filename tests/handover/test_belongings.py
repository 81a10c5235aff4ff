"""Nothing is left behind, now and when later modules come."""

from __future__ import annotations

import pytest
from django.apps import apps

from loudou.handover.belongings import BELONGINGS, ENDS, STAYS
from loudou.handover.choices import Kind
from loudou.people.models import User
from loudou.people.permissions import PERMISSIONS

MOVES = [name for each in BELONGINGS for name in each.fields]


def keys_to_users() -> set[str]:
    """Every foreign key to a user of every model, proxies left out, such as 'customers.Customer.owner'."""
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.is_relation and field.related_model is User and not model._meta.proxy
    }


def test_every_key_to_a_user_says_what_becomes_of_it():
    """A new model that refers to users belongs into `loudou.handover.belongings`: it moves, ends, or stays and why."""
    declared = {*MOVES, *ENDS, *STAYS}
    assert keys_to_users() - declared == set()
    assert declared - keys_to_users() == set()


def test_nothing_is_declared_twice():
    assert len([*MOVES, *ENDS, *STAYS]) == len({*MOVES, *ENDS, *STAYS})


def test_whatever_stays_has_a_reason():
    assert all(len(reason) > 10 for reason in [*ENDS.values(), *STAYS.values()])


@pytest.mark.parametrize("each", BELONGINGS, ids=lambda each: each.kind)
def test_each_kind_names_a_verb_that_exists(each):
    assert each.needs in PERMISSIONS


def test_every_kind_has_a_belonging():
    assert {each.kind for each in BELONGINGS} == set(Kind)
