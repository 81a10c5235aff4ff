"""Users, and the teams they belong to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.kinds.base import EXTERNAL_ID, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType
from loudou.people.choices import Language, Role

V, R = ValueType, Reference

USERS = Kind(
    ObjectKind.USERS,
    (
        Target("name", _("Name"), sample="Li Wei", required=True, length=150),
        Target("username", _("Sign-in name"), sample="li.wei", length=150),
        Target("email", _("Mail"), sample="li.wei@example.com"),
        Target("phone", _("Phone"), length=40),
        Target("title", _("Job title"), sample="Sales engineer", length=100),
        Target("role", _("Role"), V.CHOICE, choices=Role),
        Target("language", _("Language"), V.CHOICE, choices=Language),
        Target("team", _("Team"), V.TEXT, "East", length=120),
        Target("parent_team", _("Part of team"), V.TEXT, length=120),
        Target("manager", _("Manager, who leads the team"), V.TEXT, length=150),
        Target("is_lead", _("Leads the team"), V.TRUTH),
        Target("started_on", _("In the team since"), V.DATE),
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "username": _("Sign-in name"),
        "email": _("Mail"),
        "name": _("Name"),
    },
    creates_with="people.manage",
    changes_with="people.manage",
)
