"""The table of sights says the truth about every kind of record."""

from django.apps import apps

from loudou.core.scoping import ScopedQuerySet
from loudou.people import access
from loudou.people.choices import Role, Scope
from loudou.people.selectors import sides

LABELS = [label for _name, labels in access.SIDES for label in labels]


def test_every_kind_of_record_with_a_scope_is_in_one_side():
    scoped = {
        model._meta.label_lower
        for model in apps.get_models()
        if isinstance(model._default_manager.all(), ScopedQuerySet) and not model._meta.proxy
    }
    assert sorted(LABELS) == sorted(set(LABELS)) == sorted(scoped)
    assert {label for scopes in access.SCOPES.values() for label in scopes} == scoped


def test_all_kinds_of_a_side_are_seen_equally_far():
    for _name, labels in access.SIDES:
        for role in Role:
            assert len({access.SCOPES[role].get(label, Scope.NONE) for label in labels}) == 1, (role, labels)
    assert [len(side.kinds) for side in sides()] == [len(labels) for _name, labels in access.SIDES]
