"""What every test may ask for: people in their teams, clients who sign in as them, and a day that does not move."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from loudou.contracts import defaults as contract_defaults
from loudou.contracts.models import ClauseTemplate, NumberSeries, PlanTemplate, TemplateInstalment
from loudou.people.choices import Role
from loudou.people.models import Membership, Team, User
from loudou.pipeline import defaults
from loudou.pipeline.models import LossReason, SalesProcess, Stage, StageCriterion

PASSWORD = "a-good-password-for-tests"
JSON = "application/json"
NOW = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)


class ClientOf(Client):
    """Django's test client with one more verb: `client.as_(user)` is a fresh client with that user signed in."""

    def as_(self, user: User) -> ClientOf:
        """Return another client, signed in; the same defaults, its own cookies."""
        other = type(self)(raise_request_exception=self.raise_request_exception)
        other.defaults = dict(self.defaults)
        other.force_login(user)
        return other


class ApiClientOf(ClientOf):
    """A client that sends JSON: `api.as_(owner).patch(path, {"name": "New"})`."""

    def post(self, path: str, data: Any = None, content_type: str = JSON, **extra: Any) -> Any:
        """Send JSON."""
        return super().post(path, data, content_type, **extra)

    def put(self, path: str, data: Any = "", content_type: str = JSON, **extra: Any) -> Any:
        """Send JSON."""
        return super().put(path, data, content_type, **extra)

    def patch(self, path: str, data: Any = "", content_type: str = JSON, **extra: Any) -> Any:
        """Send JSON."""
        return super().patch(path, data, content_type, **extra)

    def delete(self, path: str, data: Any = "", content_type: str = JSON, **extra: Any) -> Any:
        """Send JSON."""
        return super().delete(path, data, content_type, **extra)


@pytest.fixture
def client() -> ClientOf:
    """A browser nobody is signed in with; `client.as_(owner)` signs in."""
    return ClientOf()


@pytest.fixture
def api() -> ApiClientOf:
    """A machine nobody is signed in with; `api.as_(owner)` signs in."""
    return ApiClientOf()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts may enter, which pytest's own are not: each run of pytest closes them again."""
    with tempfile.TemporaryDirectory(prefix="loudou-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def now() -> dt.datetime:
    """The instant that `frozen` stops the clock at."""
    return NOW


@pytest.fixture
def today() -> dt.date:
    """The day of `now`."""
    return NOW.date()


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    """Stop the clock at `now`; `frozen.shift(seconds)` moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def make_team(db: None) -> Callable[..., Team]:
    """Make a team: `make_team("North", parent=sales)`."""

    def make(name: str, **facts: Any) -> Team:
        return Team.objects.create(name=name, **facts)

    return make


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Make a user: `make_user("ann", Role.REP, team=north, is_lead=False)`; a sales rep when no role is given."""

    def make(username: str, *roles: Role, team: Team | None = None, is_lead: bool = False, **facts: Any) -> User:
        facts = {"name": username.title(), "email": f"{username}@example.com", "language": "en"} | facts
        user = User(username=username, roles=[str(role) for role in roles or (Role.REP,)], **facts)
        user.set_password(PASSWORD)
        user.save()
        if team is not None:
            Membership.objects.create(user=user, team=team, is_lead=is_lead, started_on=dt.date(2020, 1, 1))
        return user

    return make


@pytest.fixture
def home_team(make_team: Callable[..., Team]) -> Team:
    """The team of `owner`, `colleague` and `manager`."""
    return make_team("North")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test database go at the end: a thread of a live server may still hold a connection to it."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def install_what_ships() -> None:
    """Install again what migrations installed: a test with real transactions wipes it away."""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    contract_defaults.install(NumberSeries)
    contract_defaults.install_plan_templates(PlanTemplate, TemplateInstalment)
    contract_defaults.install_clauses(ClauseTemplate)


@pytest.fixture(autouse=True)
def shipped_processes(request: pytest.FixtureRequest) -> None:
    """Give every test what ships."""
    asks = {"db", "transactional_db", "django_db_reset_sequences", "live_server"} & set(request.fixturenames)
    if asks or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        install_what_ships()


@pytest.fixture
def other_team(make_team: Callable[..., Team]) -> Team:
    """The team of `stranger`."""
    return make_team("South")


@pytest.fixture
def owner(make_user: Callable[..., User], home_team: Team) -> User:
    """The sales rep whose records a test is about."""
    return make_user("owner", team=home_team)


@pytest.fixture
def colleague(make_user: Callable[..., User], home_team: Team) -> User:
    """Another sales rep of the same team."""
    return make_user("colleague", team=home_team)


@pytest.fixture
def stranger(make_user: Callable[..., User], other_team: Team) -> User:
    """A sales rep of another team."""
    return make_user("stranger", team=other_team)


@pytest.fixture
def manager(make_user: Callable[..., User], home_team: Team) -> User:
    """The sales manager who leads the team of `owner` and `colleague`."""
    return make_user("manager", Role.MANAGER, team=home_team, is_lead=True)


@pytest.fixture
def operations(make_user: Callable[..., User]) -> User:
    """Somebody in sales operations: sees every record, imports, sets up products."""
    return make_user("operations", Role.OPERATIONS)


@pytest.fixture
def finance(make_user: Callable[..., User]) -> User:
    """Somebody in finance: sees customers, no opportunities."""
    return make_user("finance", Role.FINANCE)


@pytest.fixture
def executive(make_user: Callable[..., User]) -> User:
    """An executive: sees every record, changes none."""
    return make_user("executive", Role.EXECUTIVE)


@pytest.fixture
def administrator(make_user: Callable[..., User]) -> User:
    """An administrator: may do everything."""
    return make_user("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def auditor(make_user: Callable[..., User]) -> User:
    """An auditor: reads everything, the audit included."""
    return make_user("auditor", Role.AUDITOR)
