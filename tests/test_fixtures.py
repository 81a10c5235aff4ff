"""The fixtures every other test leans on."""

import pytest

from loudou.people import access


@pytest.mark.django_db
def test_a_manager_reaches_the_team_and_nobody_else(manager, owner, colleague, stranger, today):
    assert access.people_under(manager, today=today) == tuple(sorted((manager.pk, owner.pk, colleague.pk)))
    assert access.people_under(owner, today=today) == (owner.pk,)


@pytest.mark.django_db
def test_as_signs_in_without_touching_the_first_client(client, owner):
    assert client.as_(owner).session["_auth_user_id"] == str(owner.pk)
    assert "_auth_user_id" not in client.session


def test_the_clock_stands_still(frozen, now):
    from loudou.core import clock

    assert clock.now() == now
