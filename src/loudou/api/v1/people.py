"""Users, teams and memberships."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Given, GivenVersion, Id, Ref, Short, Shown, Stamped, changes_of
from loudou.api.v1.customers import ExternalId
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.core.searchtext import matches
from loudou.people.choices import Language, Role
from loudou.people.models import Team, User
from loudou.people.selectors.teams import teams_visible
from loudou.people.services import teams, users

router = Router(tags=["People"])
Name = Annotated[str, Field(min_length=1, max_length=150)]
TeamName = Annotated[str, Field(min_length=1, max_length=120)]


class UserOut(Stamped):
    """Somebody who works with Loudou."""

    username: str
    name: str
    email: str
    phone: str
    title: str
    roles: list[str]
    language: str
    is_active: bool
    external_id: str


class UserPage(Shown):
    """A page of users; `next` is the cursor of the next one."""

    items: list[UserOut]
    next: str | None


class UserQuery(PageQuery):
    """Which users."""

    q: str = Field("", max_length=200, description="Words in name, sign-in name or mail.")
    is_active: bool | None = None
    external_id: ExternalId = ""
    sort: Literal["id", "-id", "name", "-name", "updated_at", "-updated_at"] = "name"


class UserFields(Given):
    """What creating and changing have in common."""

    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    title: Annotated[str, Field(max_length=100)] = ""
    roles: Annotated[list[Role], Field(max_length=10)] = []
    language: Language = Language.CHINESE
    external_id: ExternalId = ""


class UserIn(UserFields):
    """A user to be created; the password is set by the person, by a link that an administrator sends."""

    username: Name
    name: Name


class UserChangesIn(UserFields, GivenVersion):
    """Fields to be changed; what is not sent stays."""

    username: Name | None = None
    name: Name | None = None


class VersionIn(GivenVersion):
    """Nothing but the version."""


class MembershipOut(Shown):
    """A person in a team from a day until (not including) another."""

    id: int
    user: Ref
    team: Ref
    is_lead: bool
    started_on: dt.date
    ended_on: dt.date | None


class TeamOut(Stamped):
    """A team."""

    name: str
    parent_id: int | None
    region: str
    is_active: bool


class TeamDetail(TeamOut):
    """A team with everybody who is or was in it."""

    memberships: list[MembershipOut]


class TeamPage(Shown):
    """A page of teams; `next` is the cursor of the next one."""

    items: list[TeamOut]
    next: str | None


class TeamQuery(PageQuery):
    """How to list teams."""

    sort: Literal["id", "-id", "name", "-name"] = "name"


class TeamFields(Given):
    """What creating and changing have in common."""

    parent_id: Id | None = None
    region: Short = ""
    is_active: bool = True


class TeamIn(TeamFields):
    """A team to be created."""

    name: TeamName


class TeamChangesIn(TeamFields, GivenVersion):
    """Fields to be changed; what is not sent stays."""

    name: TeamName | None = None


class TeamMemberIn(Given):
    """A person who joins a team."""

    user_id: Id
    started_on: dt.date
    ended_on: dt.date | None = None
    is_lead: bool = False


class MembershipEndIn(Given):
    """The first day on which the person no longer belongs to the team."""

    ended_on: dt.date


@operation(router, "GET", "/me", permission="home.view", answers=UserOut)
def who_am_i(request: Caller) -> Any:
    """Show the user you act for."""
    return request.user


@operation(router, "GET", "/users", permission="people.view", answers=UserPage)
def list_users(request: Caller, query: Query[UserQuery]) -> Any:
    """List users."""
    rows = User.objects.get_queryset().visible_to(request.user).defer("search_text")
    if query.q.strip():
        rows = rows.filter(matches(query.q))
    if query.is_active is not None:
        rows = rows.filter(is_active=query.is_active)
    if query.external_id:
        rows = rows.filter(external_id=query.external_id)
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_NAME, **BY_CHANGE}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/users", permission="people.manage", answers=UserOut, status=201)
def create_user(request: Caller, body: UserIn) -> Any:
    """Create a user."""
    return users.create_user(request.user, **body.model_dump())


@operation(router, "GET", "/users/{int:user_id}", permission="people.view", answers=UserOut)
def show_user(request: Caller, user_id: int) -> Any:
    """Show a user."""
    return User.objects.get_queryset().get_visible(request.user, user_id)


@operation(router, "PATCH", "/users/{int:user_id}", permission="people.manage", answers=UserOut)
def change_user(request: Caller, user_id: int, body: UserChangesIn) -> Any:
    """Change fields, roles included."""
    changes, version = changes_of(body, request)
    return users.update_user(request.user, user_id, version=version, **changes)


@operation(router, "POST", "/users/{int:user_id}/deactivate", permission="people.manage", answers=UserOut)
def deactivate_user(request: Caller, user_id: int, body: VersionIn) -> Any:
    """Close an account: sessions and tokens end at once."""
    return users.deactivate_user(request.user, user_id, version=body.version, at=clock.now())


@operation(router, "POST", "/users/{int:user_id}/reactivate", permission="people.manage", answers=UserOut)
def reactivate_user(request: Caller, user_id: int, body: VersionIn) -> Any:
    """Open a closed account again."""
    return users.reactivate_user(request.user, user_id, version=body.version)


@operation(router, "GET", "/teams", permission="people.view", answers=TeamPage)
def list_teams(request: Caller, query: Query[TeamQuery]) -> Any:
    """List teams."""
    items, following = page(teams_visible(request.user), query=query, sorts={**BY_ID, **BY_NAME}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/teams", permission="people.manage", answers=TeamOut, status=201)
def create_team(request: Caller, body: TeamIn) -> Any:
    """Create a team."""
    return teams.create_team(request.user, **body.model_dump())


@operation(router, "GET", "/teams/{int:team_id}", permission="people.view", answers=TeamDetail)
def show_team(request: Caller, team_id: int) -> Any:
    """Show a team with its members, past ones included."""
    team = teams_visible(request.user).filter(pk=team_id).first()
    if team is None:
        raise NotVisible
    rows = team.memberships.select_related("user", "team").order_by("pk")
    shown = TeamOut.model_validate(team).model_dump()
    return TeamDetail(**shown, memberships=[MembershipOut.model_validate(row) for row in rows])


@operation(router, "PATCH", "/teams/{int:team_id}", permission="people.manage", answers=TeamOut)
def change_team(request: Caller, team_id: int, body: TeamChangesIn) -> Any:
    """Change a team or its place in the tree."""
    changes, version = changes_of(body, request)
    return teams.update_team(request.user, team_id, version=version, **changes)


@operation(
    router, "POST", "/teams/{int:team_id}/members", permission="people.manage", answers=MembershipOut, status=201
)
def add_team_member(request: Caller, team_id: int, body: TeamMemberIn) -> Any:
    """Put a person into a team from a day on."""
    given = body.model_dump()
    return teams.add_member(request.user, team_id, given.pop("user_id"), **given)


@operation(router, "POST", "/memberships/{int:membership_id}/end", permission="people.manage", status=204)
def end_membership(request: Caller, membership_id: int, body: MembershipEndIn) -> None:
    """Let a person leave a team."""
    teams.end_membership(request.user, membership_id, ended_on=body.ended_on)


CURRENT[User] = lambda row: UserOut.model_validate(row).model_dump(mode="json")
CURRENT[Team] = lambda row: TeamOut.model_validate(row).model_dump(mode="json")
