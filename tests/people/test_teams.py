"""Teams: a tree, with people who belong to it from when until when."""

import datetime as dt

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.people import access, selectors
from loudou.people.choices import Role
from loudou.people.errors import TeamCycle
from loudou.people.models import AuditEntry, Membership, Team
from loudou.people.services import teams

DAY = dt.date(2026, 6, 15)
LATER = DAY + dt.timedelta(days=30)


@pytest.fixture
def tree(make_team):
    """Sales over North (over Beijing) and South."""
    sales = make_team("Sales")
    north = make_team("North", parent=sales)
    return {
        "sales": sales,
        "north": north,
        "beijing": make_team("Beijing", parent=north),
        "south": make_team("South", parent=sales),
    }


def test_administrator_builds_the_tree(administrator):
    sales = teams.create_team(administrator, name="Sales", region="China")
    north = teams.create_team(administrator, name="North", parent_id=sales.pk)
    assert (north.parent, sales.region) == (sales, "China")


def test_team_names_are_given_once(administrator, home_team):
    with pytest.raises(InvalidInput) as refusal:
        teams.create_team(administrator, name=home_team.name)
    assert refusal.value.errors == {"name": ["There is already a team of this name."]}


def test_unknown_parent_is_refused(administrator):
    with pytest.raises(InvalidInput):
        teams.create_team(administrator, name="Lost", parent_id=10**9)


@pytest.mark.parametrize(
    ("mover", "target"), [("sales", "north"), ("sales", "beijing"), ("north", "beijing"), ("sales", "sales")]
)
def test_a_circle_in_the_tree_is_refused(administrator, tree, mover, target):
    with pytest.raises(TeamCycle):
        teams.update_team(administrator, tree[mover].pk, parent_id=tree[target].pk)
    assert Team.objects.get(pk=tree[mover].pk).parent == tree[mover].parent


def test_a_team_moves_with_everything_below_it(administrator, tree):
    moved = teams.update_team(administrator, tree["north"].pk, parent_id=tree["south"].pk, version=1)
    assert moved.version == 2
    assert selectors.team_subtree_ids(tree["south"].pk) == {tree[name].pk for name in ("south", "north", "beijing")}


def test_a_stale_move_is_refused(administrator, tree):
    teams.update_team(administrator, tree["north"].pk, region="Hebei", version=1)
    with pytest.raises(StaleWrite):
        teams.update_team(administrator, tree["north"].pk, region="Shandong", version=1)


def test_a_second_team_keeps_the_first(administrator, owner, home_team, other_team):
    teams.add_member(administrator, other_team.pk, owner.pk, started_on=DAY)
    held = Membership.objects.filter(user=owner).on(DAY)
    assert {membership.team for membership in held} == {home_team, other_team}


def test_nobody_is_in_a_team_twice_at_a_time(administrator, owner, home_team):
    with pytest.raises(InvalidInput):
        teams.add_member(administrator, home_team.pk, owner.pk, started_on=DAY)
    membership = Membership.objects.get(user=owner)
    teams.end_membership(administrator, membership.pk, ended_on=DAY)
    with pytest.raises(InvalidInput):
        teams.add_member(administrator, home_team.pk, owner.pk, started_on=DAY - dt.timedelta(days=1))
    assert teams.add_member(administrator, home_team.pk, owner.pk, started_on=DAY).started_on == DAY
    assert Membership.objects.filter(user=owner).count() == 2


def test_membership_holds_from_its_first_day_until_the_day_it_ends(administrator, make_user, home_team):
    someone = make_user("someone")
    membership = teams.add_member(administrator, home_team.pk, someone.pk, started_on=DAY, ended_on=LATER)
    one = dt.timedelta(days=1)
    held = [
        Membership.objects.on(day).filter(pk=membership.pk).exists() for day in (DAY - one, DAY, LATER - one, LATER)
    ]
    assert held == [False, True, True, False]


def test_membership_that_would_end_before_it_began_never_was(administrator, make_user, home_team):
    membership = teams.add_member(administrator, home_team.pk, make_user("x").pk, started_on=DAY)
    assert teams.end_membership(administrator, membership.pk, ended_on=DAY) is None
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_a_team_may_have_several_leads(administrator, owner, manager):
    membership = Membership.objects.get(user=owner)
    assert teams.set_lead(administrator, membership.pk, is_lead=True).is_lead
    assert Membership.objects.filter(team=membership.team, is_lead=True).count() == 2
    assert not teams.set_lead(administrator, membership.pk, is_lead=False).is_lead


def test_bulk_verbs_give_each_row_its_outcome(administrator, home_team, make_user):
    made = teams.create_teams(administrator, [{"name": "East"}, {"name": "North"}, {"name": ""}, {"name": "West"}])
    assert [outcome.row is not None for outcome in made] == [True, False, False, True]
    east, someone = made[0].unwrap(), make_user("someone")
    put = teams.add_members(
        administrator,
        [
            {"team_id": east.pk, "user_id": someone.pk, "started_on": DAY, "is_lead": True},
            {"team_id": east.pk, "user_id": someone.pk, "started_on": LATER},
        ],
    )
    assert [outcome.row is not None for outcome in put] == [True, False]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_change_teams(make_user, owner, home_team, other_team, role):
    someone = make_user("someone", role)
    membership = Membership.objects.get(user=owner)
    before = AuditEntry.objects.count()
    for attempt in (
        lambda: teams.create_team(someone, name="Mine"),
        lambda: teams.update_team(someone, home_team.pk, name="Mine"),
        lambda: teams.add_member(someone, other_team.pk, someone.pk, started_on=DAY, is_lead=True),
        lambda: teams.end_membership(someone, membership.pk, ended_on=DAY),
        lambda: teams.set_lead(someone, membership.pk, is_lead=True),
    ):
        with pytest.raises(PermissionRefused):
            attempt()
    assert AuditEntry.objects.count() == before


def test_unknown_rows_are_not_visible(administrator, home_team):
    with pytest.raises(NotVisible):
        teams.end_membership(administrator, 10**9, ended_on=DAY)
    with pytest.raises(NotVisible):
        teams.add_member(administrator, home_team.pk, 10**9, started_on=DAY)


def test_manager_sees_everybody_below_and_nobody_beside(make_user, tree):
    lead = make_user("lead", Role.MANAGER, team=tree["north"], is_lead=True)
    below = make_user("below", team=tree["beijing"])
    beside = make_user("beside", team=tree["south"])
    above = make_user("above", team=tree["sales"])
    seen = access.people_under(lead, today=DAY)
    assert set(seen) == {lead.pk, below.pk}
    assert not {beside.pk, above.pk} & set(seen)


def test_manager_who_only_is_a_member_sees_nobody_else(make_user, tree):
    make_user("other", team=tree["north"])
    member = make_user("member", Role.MANAGER, team=tree["north"])
    assert access.people_under(member, today=DAY) == (member.pk,)


def test_managers_sight_follows_the_dates(administrator, make_user, tree):
    lead = make_user("lead", Role.MANAGER, team=tree["north"], is_lead=True)
    leaver = make_user("leaver", team=tree["north"])
    teams.end_membership(administrator, Membership.objects.get(user=leaver).pk, ended_on=DAY)
    joiner = make_user("joiner")
    teams.add_member(administrator, tree["beijing"].pk, joiner.pk, started_on=LATER)
    assert set(access.people_under(lead, today=DAY - dt.timedelta(days=1))) == {lead.pk, leaver.pk}
    assert set(access.people_under(lead, today=DAY)) == {lead.pk}
    assert set(access.people_under(lead, today=LATER)) == {lead.pk, joiner.pk}


def test_tree_counts_each_person_once_in_a_fixed_number_of_statements(
    administrator, make_user, tree, django_assert_num_queries
):
    busy = make_user("busy", team=tree["north"])
    Membership.objects.create(user=busy, team=tree["beijing"], started_on=DAY)
    make_user("calm", team=tree["beijing"])
    with django_assert_num_queries(2):
        nodes = selectors.team_tree(administrator, today=DAY)
    sales = next(node for node in nodes if node.team.name == "Sales")
    assert [child.team.name for child in sales.children] == ["North", "South"]
    assert sales.headcount == 2
    assert sales.children[0].children[0].headcount == 2
