"""Who works at the demo company: the team tree, twenty-four reps, their managers, and the offices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any

from loudou.demo import calendar
from loudou.demo.sign_ins import SIGN_INS
from loudou.demo.words import Pair, Teller, people
from loudou.demo.world import RepLaw, draw_reps
from loudou.people.choices import Language, Role

FOUNDED_BEFORE = dt.timedelta(days=900)
"""How long before the first simulated day the company and most of its people were there."""
REP_SIGN_IN_CAPACITY = 3.0
"""The person one signs in as has a pipeline worth looking at."""
LEAVERS = ((11, 400), (20, 150))
"""Which reps leave, and how many days before today."""
NEWCOMERS = ((4, 620), (9, 340), (15, 480), (18, 210), (23, 90))
"""Which reps joined during the simulation, and how many days before today."""


@dataclass(slots=True)
class Rep:
    """A rep: the account, the team, and what the rep really is."""

    user_id: int
    username: str
    name: str
    team: str
    team_id: int
    manager_id: int
    law: RepLaw
    joined_on: dt.date
    left_on: dt.date | None = None
    successor: Rep | None = None

    def works_on(self, day: dt.date) -> bool:
        """Whether the rep is there on a day."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(slots=True)
class Staff:
    """Rows of users, teams and memberships, and the people the simulation moves."""

    users: list[dict[str, Any]] = field(default_factory=list)
    teams: list[dict[str, Any]] = field(default_factory=list)
    memberships: list[dict[str, Any]] = field(default_factory=list)
    reps: list[Rep] = field(default_factory=list)
    office: dict[Role, int] = field(default_factory=dict)
    """User ids of the people outside sales, by role."""


def build_staff(random: Random, tell: Teller, *, start: dt.date, today: dt.date, password: str) -> Staff:
    """Hire everybody. `password` is the encoded password of those who sign in; the others have none yet."""
    return _Hiring(random, tell, start=start, today=today, password=password).staff()


class _Hiring:
    def __init__(self, random: Random, tell: Teller, *, start: dt.date, today: dt.date, password: str) -> None:
        self.random, self.tell, self.start, self.today, self.password = random, tell, start, today, password
        self.founded = start - FOUNDED_BEFORE
        self.made = Staff()
        names = [(surname, given) for given in people.GIVEN_NAMES for surname in people.SURNAMES]
        self.names = iter(random.sample(names, 60))
        self.usernames: set[str] = {sign_in.username for sign_in in SIGN_INS}

    def staff(self) -> Staff:
        headquarters = self._team(people.HEADQUARTERS, None)
        sales = self._team(people.SALES, headquarters)
        director = self._user("director", [Role.MANAGER])
        self._member(director, sales, is_lead=True)
        laws = iter(draw_reps(self.random, sum(size for _, teams in people.REGIONS for _, size in teams)))
        for position, (region, teams) in enumerate(people.REGIONS):
            self._region(region, teams, sales, laws, signs_in=position == 0)
        self._leave()
        for role, office in (
            (Role.OPERATIONS, "operations"),
            (Role.FINANCE, "finance"),
            (Role.EXECUTIVE, "executive"),
            (Role.ADMINISTRATOR, "operations"),
            (Role.AUDITOR, "finance"),
        ):
            sign_in = next(entry.username for entry in SIGN_INS if entry.role == role)
            self.made.office[role] = user = self._user(role.value, [role], username=sign_in)
            self._member(user, self._office(office, headquarters), is_lead=role in (Role.FINANCE, Role.EXECUTIVE))
        return self.made

    def _region(
        self, region: Pair, teams: tuple[tuple[Pair, int], ...], parent: int, laws: Any, *, signs_in: bool
    ) -> None:
        region_id = self._team(region, parent)
        manager = self._user("manager", [Role.MANAGER], username="manager" if signs_in else None)
        self._member(manager, region_id, is_lead=True)
        for team, size in teams:
            team_id = self._team(team, region_id, region=self.tell(region))
            for _ in range(size):
                self._rep(team, team_id, manager, next(laws))

    def _rep(self, team: Pair, team_id: int, manager: int, law: RepLaw) -> None:
        number = len(self.made.reps)
        username = {0: "rep", 1: "rep2"}.get(number)
        if username == "rep":
            law.capacity, law.discipline, law.neglect_rate = REP_SIGN_IN_CAPACITY, 0.80, 0.08
        joined = {who: self.today - dt.timedelta(days=days) for who, days in NEWCOMERS}.get(number)
        since = joined or self.founded + dt.timedelta(days=self.random.randrange(0, 800))
        title = "senior" if (self.start - since).days > 400 else "rep"  # a year and a bit
        user_id = self._user(title, [Role.REP], username=username, joined=since)
        self._member(user_id, team_id, since=since)
        user = self.made.users[-1]
        self.made.reps.append(
            Rep(user_id, user["username"], user["name"], team[1], team_id, manager, law, max(since, self.start))
        )

    def _leave(self) -> None:
        for number, days in LEAVERS:
            rep = self.made.reps[number]
            rep.left_on = calendar.working_day_from(self.today - dt.timedelta(days=days))
            rep.successor = next(
                other
                for other in self.made.reps
                if other.team_id == rep.team_id and other is not rep and other.joined_on < rep.left_on
            )
            user = self.made.users[rep.user_id - 1]
            user["is_active"] = False
            user["updated_at"] = calendar.during(rep.left_on, self.random)
            membership = next(row for row in self.made.memberships if row["user_id"] == rep.user_id)
            membership["ended_on"] = rep.left_on

    def _user(
        self, title: str, roles: list[Role], *, username: str | None = None, joined: dt.date | None = None
    ) -> int:
        surname, given = next(self.names)
        name = surname[0] + given[0] if self.tell.is_chinese else f"{given[1]} {surname[1]}"
        handle = username or self._free_username(f"{given[1]}.{surname[1]}".lower().replace("ü", "u"))
        since = joined or self.founded + dt.timedelta(days=self.random.randrange(0, 300))
        at = calendar.during(calendar.working_day_from(since), self.random)
        self.made.users.append(
            {
                "id": len(self.made.users) + 1,
                "username": handle,
                "name": name,
                "email": f"{handle}@lanchuan.example",
                "phone": f"154{self.random.randrange(10**8):08d}",
                "title": self.tell(people.JOB_TITLES[title]),
                "roles": [role.value for role in roles],
                "language": Language.CHINESE if self.tell.is_chinese else Language.ENGLISH,
                "password": self.password if username else "!",
                "created_at": at,
                "updated_at": at,
            }
        )
        return len(self.made.users)

    def _free_username(self, wanted: str) -> str:
        free = wanted
        suffix = 1
        while free in self.usernames:
            suffix += 1
            free = f"{wanted}{suffix}"
        self.usernames.add(free)
        return free

    def _team(self, name: Pair, parent: int | None, *, region: str = "") -> int:
        at = calendar.during(calendar.working_day_from(self.founded), self.random)
        self.made.teams.append(
            {
                "id": len(self.made.teams) + 1,
                "name": self.tell(name),
                "parent_id": parent,
                "region": region,
                "created_at": at,
                "updated_at": at,
            }
        )
        return len(self.made.teams)

    def _office(self, office: str, parent: int) -> int:
        name = self.tell(people.OFFICES[office])
        for team in self.made.teams:
            if team["name"] == name:
                return int(team["id"])
        return self._team(people.OFFICES[office], parent)

    def _member(self, user_id: int, team_id: int, *, is_lead: bool = False, since: dt.date | None = None) -> None:
        self.made.memberships.append(
            {
                "id": len(self.made.memberships) + 1,
                "user_id": user_id,
                "team_id": team_id,
                "is_lead": is_lead,
                "started_on": since or self.founded,
                "ended_on": None,
            }
        )
