"""Users: who works here, and what they are here for."""

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.people import selectors
from loudou.people.choices import Role
from loudou.people.errors import LastAdministrator, OwnAccount
from loudou.people.models import ApiToken, AuditEntry, Membership, Session, User
from loudou.people.services import tokens, users

STRONG = "sieben-Zwerge-und-Milch"


def open_session(user, key="k" * 32):
    return Session.objects.create(session_key=key, user=user, session_data="", expire_date="2099-01-01T00:00Z")


def test_administrator_creates_a_user(administrator):
    user = users.create_user(
        administrator,
        username=" li.na ",
        name="李娜",
        email="li@example.com",
        roles=["manager", "rep"],
        password=STRONG,
    )
    user.refresh_from_db()
    assert (user.username, user.name, user.language, user.version) == ("li.na", "李娜", "zh-hans", 1)
    assert user.roles == ["rep", "manager"]  # in the order of the choices
    assert user.check_password(STRONG)


def test_user_without_a_password_cannot_sign_in(administrator):
    user = users.create_user(administrator, username="li", name="Li")
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"username": "", "name": "X"}, "username"),
        ({"username": "x", "name": ""}, "name"),
        ({"username": "x", "name": "X", "email": "no"}, "email"),
        ({"username": "x", "name": "X", "roles": ["emperor"]}, "roles"),
        ({"username": "x", "name": "X", "language": "tlh"}, "language"),
        ({"username": "x", "name": "X", "password": "short"}, "password"),
        ({"username": "x", "name": "X", "password": "12345678901234"}, "password"),
    ],
)
def test_bad_facts_are_refused_at_their_field(administrator, facts, field):
    before = User.objects.count()
    with pytest.raises(InvalidInput) as refusal:
        users.create_user(administrator, **facts)
    assert list(refusal.value.errors) == [field]
    assert User.objects.count() == before


def test_sign_in_names_are_unique_whatever_their_case(administrator, owner):
    with pytest.raises(InvalidInput) as refusal:
        users.create_user(administrator, username="OWNER", name="Double")
    assert refusal.value.errors == {"username": ["This sign-in name is taken."]}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_manage_users(make_user, owner, role, now):
    someone = make_user("someone", role)
    attempts = [
        lambda: users.create_user(someone, username="x", name="X"),
        lambda: users.update_user(someone, owner.pk, name="Y"),
        lambda: users.update_user(someone, someone.pk, roles=["administrator"]),
        lambda: users.set_password(someone, owner.pk, password=STRONG, at=now),
        lambda: users.deactivate_user(someone, owner.pk, at=now),
        lambda: users.reactivate_user(someone, owner.pk),
    ]
    before = AuditEntry.objects.count()
    for attempt in attempts:
        with pytest.raises(PermissionRefused):
            attempt()
    assert AuditEntry.objects.count() == before  # nothing was written


def test_bulk_creation_gives_each_row_its_outcome(administrator, owner):
    facts = [
        {"username": "a", "name": "A", "roles": ["rep"]},
        {"username": "Owner", "name": "Taken"},
        {"username": "b", "name": ""},
        {"username": "c", "name": "C", "email": "owner@example.com"},
        {"username": "d", "name": "D"},
    ]
    outcomes = users.create_users(administrator, facts)
    assert [outcome.row is not None for outcome in outcomes] == [True, False, False, False, True]
    assert [outcome.refusal.code for outcome in outcomes if outcome.refusal] == ["invalid_input"] * 3
    assert set(User.objects.filter(username__in=["a", "b", "c", "d"]).values_list("username", flat=True)) == {"a", "d"}


def test_bulk_creation_does_not_cost_a_statement_per_row(administrator, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        users.create_users(administrator, [{"username": f"u{i}", "name": f"U{i}"} for i in range(300)])


def test_change_counts_the_version_up_once_and_only_when_something_differs(administrator, owner):
    changed = users.update_user(administrator, owner.pk, title="Key accounts", version=1)
    assert (changed.title, changed.version) == ("Key accounts", 2)
    assert users.update_user(administrator, owner.pk, title="Key accounts").version == 2


def test_a_stale_change_is_refused_with_the_present_row(administrator, owner):
    users.update_user(administrator, owner.pk, title="First", version=1)
    with pytest.raises(StaleWrite) as refusal:
        users.update_user(administrator, owner.pk, title="Second", version=1)
    assert refusal.value.current.title == "First"
    assert User.objects.get(pk=owner.pk).title == "First"


def test_unknown_user_is_not_visible(administrator):
    with pytest.raises(NotVisible):
        users.update_user(administrator, 10**9, name="X")


def test_deactivation_ends_sessions_and_tokens_and_keeps_memberships(administrator, owner, now):
    open_session(owner)
    token, secret = tokens.create_token(
        owner, name="CI", scopes=["pipeline.view"], expires_at=now.replace(month=12), at=now
    )
    left = users.deactivate_user(administrator, owner.pk, at=now)
    assert not left.is_active
    assert not Session.objects.filter(user=owner).exists()
    assert ApiToken.objects.get(pk=token.pk).revoked_at == now
    assert tokens.authenticate_token(secret, now) is None
    assert Membership.objects.filter(user=owner).count() == 1
    assert left.permissions == frozenset()
    assert not User.objects.get_queryset().visible_to(left).exists()


def test_reactivation_lets_the_user_in_again(administrator, owner, now):
    users.deactivate_user(administrator, owner.pk, at=now)
    assert users.reactivate_user(administrator, owner.pk).is_active


def test_nobody_takes_away_their_own_access(administrator, make_user, now):
    make_user("second", Role.ADMINISTRATOR)
    with pytest.raises(OwnAccount):
        users.deactivate_user(administrator, administrator.pk, at=now)
    with pytest.raises(OwnAccount):
        users.update_user(administrator, administrator.pk, roles=["rep"])
    administrator.refresh_from_db()
    assert administrator.is_active
    assert administrator.roles == ["administrator"]


def test_the_last_administrator_stays(administrator, make_user, now):
    from loudou.core.actors import SYSTEM

    with pytest.raises(LastAdministrator):
        users.deactivate_user(SYSTEM, administrator.pk, at=now)
    with pytest.raises(LastAdministrator):
        users.update_user(SYSTEM, administrator.pk, roles=["rep"])
    make_user("second", Role.ADMINISTRATOR)
    assert users.update_user(SYSTEM, administrator.pk, roles=["rep"]).roles == ["rep"]


def test_new_password_ends_every_session_and_is_written_down_without_itself(administrator, owner, now):
    open_session(owner)
    users.set_password(administrator, owner.pk, password=STRONG, at=now)
    owner.refresh_from_db()
    assert owner.check_password(STRONG)
    assert not Session.objects.filter(user=owner).exists()
    event = AuditEntry.objects.get(operation="event")
    assert (event.table_name, event.object_id, event.actor_id) == ("password_changed", str(owner.pk), administrator.pk)
    written = str(list(AuditEntry.objects.values_list("before", "after")))
    assert STRONG not in written
    assert owner.password not in written


def test_people_change_their_own_profile_and_nothing_else(owner):
    changed = users.update_profile(owner, name="New", language="zh-hans", theme="dark", use_wan=True)
    assert (changed.name, changed.language, changed.theme, changed.use_wan) == ("New", "zh-hans", "dark", True)
    with pytest.raises(InvalidInput):
        users.update_profile(owner, theme="pink")


def test_list_of_users_costs_the_same_however_many_there_are(
    administrator, make_user, home_team, today, django_assert_num_queries
):
    for number in range(20):
        make_user(f"u{number}", team=home_team)
    with django_assert_num_queries(2):
        rows = list(selectors.users_visible(administrator, today=today))
    assert len(rows) == 21
    assert {row.present_memberships[0].team.name for row in rows if row.username != "administrator"} == {"North"}


def test_somebody_without_a_role_sees_nobody(make_user, owner, today):
    nobody = make_user("nobody")
    nobody.roles = []
    assert not selectors.users_visible(nobody, today=today).exists()
