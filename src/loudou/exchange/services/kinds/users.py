"""Users, the teams they belong to, and the managers who lead those."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Lower

from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.targets import Reference
from loudou.exchange.values.texts import same, tidy
from loudou.people.choices import Role
from loudou.people.models import Membership, Team, User
from loudou.people.services.teams import add_members, create_team, update_team
from loudou.people.services.users import create_users, update_user

_NOT_IN_USERNAME = re.compile(r"[^\w.@+-]+")


class UserWriter(Writer):
    """Writes users through the services of people; teams and managers a row names are made when they are not known."""

    model = User
    belongings = frozenset({"people.membership"})
    plain = ("name", "username", "email", "phone", "title", "language", "external_id")

    def visible(self) -> models.QuerySet[Any]:
        """Whoever manages users sees all of them."""
        return User.objects.all()

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Bring mails to lower case, and give the role to a list."""
        for parsed in batch:
            if "email" in parsed.values:
                parsed.values["email"] = parsed.text("email").lower()
            if "role" in parsed.values:
                parsed.values["roles"] = [parsed.values["role"]]

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By column, whatever the case."""
        texts = [tidy(text).lower() for parsed in batch for text in self.key_texts(parsed, key)]
        rows = User.objects.annotate(lowered=Lower(key)).exclude(**{key: ""}).filter(lowered__in=texts)
        return [(text, pk) for pk, text in rows.values_list("pk", key)]

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """Fields and roles."""
        changed = super().changes(parsed)
        if "roles" in parsed.values:
            changed["roles"] = parsed.values["roles"]
        return changed

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """Roles, too; the place in a team is a record of its own, which an undo removes."""
        kept = super().remember(found)
        for memory, (known, changes) in zip(kept, found, strict=True):
            if "roles" in changes:
                memory["roles"] = known.roles
        return kept

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """The place in the teams."""
        return {"place": parsed} if {"team", "parent_team", "manager"} & parsed.values.keys() else {}

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create users, who get a password by a link, and put them into their teams."""
        taken = set(User.objects.values_list(Lower("username"), flat=True))
        people: Any = []
        for parsed in batch:
            facts = {"roles": [Role.REP.value], **self.changes(parsed)}
            if not facts.get("username"):
                facts["username"] = _free_username(facts.get("email", ""), facts["name"], taken)
            taken.add(facts["username"].lower())
            people.append(facts)
        outcomes: list[Outcome[Any]] = [*create_users(self.context.actor, people)]
        for parsed, outcome in zip(batch, outcomes, strict=True):
            if outcome.row is not None:
                self._place(parsed, outcome.row)
        return outcomes

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change users one by one: the last administrator and one's own access are guarded."""
        outcomes: list[Outcome[Any]] = []
        for update in updates:
            changes: Any = dict(update.changes)
            place = changes.pop("place", None)
            try:
                with transaction.atomic():
                    user = update_user(self.context.actor, update.pk, **changes)
                    if place is not None:
                        self._place(place, user)
            except BusinessRefusal as refusal:
                outcomes.append(Outcome(refusal=refusal))
                continue
            outcomes.append(Outcome(row=user))
        return outcomes

    def _place(self, parsed: Parsed, user: User) -> None:
        """Put a user into the team of the row, below the manager's own where several managers share an office."""
        upper, manager_name = parsed.text("parent_team"), parsed.text("manager")
        name = parsed.text("team") or " · ".join(part for part in (upper, manager_name) if part)
        if not name:
            return
        parent = self._team(upper, None) if upper and same(upper) != same(name) else None
        team = self._team(name, parent)
        if manager_name and same(manager_name) != same(user.name):
            self._join(team, self._manager(manager_name), parsed, is_lead=True)
        self._join(team, user, parsed, is_lead=bool(parsed.values.get("is_lead")))

    def _team(self, name: str, parent: Team | None) -> Team:
        directory = self.context.directory
        directory.look_up(Reference.TEAM, [name])
        known = directory.find(Reference.TEAM, name)
        if known is not None:
            team = Team.objects.get(pk=known)
            if parent is not None and team.parent_id is None and team.pk != parent.pk:
                team = update_team(self.context.actor, team.pk, parent_id=parent.pk)
            return team
        team = create_team(self.context.actor, name=tidy(name), parent_id=parent.pk if parent else None)
        directory.add(Reference.TEAM, name, team.pk)
        self.context.made.append((Reference.TEAM, name))
        self.context.note(team)
        return team

    def _manager(self, name: str) -> User:
        directory = self.context.directory
        directory.look_up(Reference.USER, [name])
        known = directory.find(Reference.USER, name)
        if known is not None and known > 0:
            return User.objects.get(pk=known)
        taken = set(User.objects.values_list(Lower("username"), flat=True))
        facts: Any = {"name": tidy(name), "username": _free_username("", name, taken), "roles": [Role.MANAGER.value]}
        manager: User = create_users(self.context.actor, [facts])[0].unwrap()
        directory.add(Reference.USER, name, manager.pk)
        self.context.made.append((Reference.USER, name))
        self.context.note(manager)
        return manager

    def _join(self, team: Team, user: User, parsed: Parsed, *, is_lead: bool) -> None:
        if Membership.objects.filter(team=team, user=user, ended_on=None).exists():
            return
        started_on = parsed.values.get("started_on") or self.context.at.date()
        facts: Any = {"team_id": team.pk, "user_id": user.pk, "started_on": started_on, "is_lead": is_lead}
        self.context.note(add_members(self.context.actor, [facts])[0].unwrap())


def _free_username(email: str, name: str, taken: set[str]) -> str:
    """A sign-in name nobody has: from the mail address, else from the name; letters of any script are fine."""
    plain = email.split("@", maxsplit=1)[0] if email else ".".join(unicodedata.normalize("NFKC", name).split())
    base = _NOT_IN_USERNAME.sub("", plain).lower().strip(".")[:140] or "user"
    username, number = base, 1
    while username in taken:
        number += 1
        username = f"{base}{number}"
    return username
