"""The person who signs in."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loudou.core import audit, clock
from loudou.core.actors import Actor
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import search_document, search_index
from loudou.people import access
from loudou.people.choices import Language, Role, Theme
from loudou.people.permissions import granted


class UserQuerySet(ScopedQuerySet["User"]):
    """Users: colleagues know each other, so every role sees them all."""

    def within(self, reach: Reach) -> Q:
        """Be one of these people."""
        return Q(pk__in=reach.user_ids)

    def active(self) -> Self:
        """May sign in."""
        return self.filter(is_active=True)


class UserManager(BaseUserManager["User"]):
    """Finds users by the name they sign in with, whatever its case."""

    def get_queryset(self) -> UserQuerySet:
        """Start from our own queryset."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor) -> UserQuerySet:
        """Keep the users the actor may see: everybody, for whoever has a role."""
        return self.get_queryset().visible_to(actor)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this sign-in name."""
        return self.get(username__iexact=username)


class User(Versioned, AbstractBaseUser):
    """Somebody who works with Loudou: a name, a sign-in, roles, and a taste in language and theme."""

    username = models.CharField(_("sign-in name"), max_length=150, unique=True)
    name = models.CharField(_("full name"), max_length=150)
    email = models.EmailField(_("mail"), blank=True, default="")
    phone = blank_text(_("phone"), 40)
    title = blank_text(_("job title"), 100)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), verbose_name=_("roles"), default=list, blank=True
    )
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    theme = models.CharField(_("theme"), max_length=10, choices=Theme.choices, default=Theme.AUTO)
    use_wan = models.BooleanField(_("show large amounts in 万 and 亿"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    require_second_factor = models.BooleanField(_("needs a second factor to sign in"), default=False)
    external_id = blank_text(_("id in another system"), 100)
    search_text = search_document("name", "username", "email")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()
    _limits: frozenset[str] | None = None

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_username_once", violation_error_message=_("This sign-in name is taken.")
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                condition=~models.Q(email=""),
                violation_error_message=_("Another user has this mail address."),
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                name="user_external_id_once",
                condition=~models.Q(external_id=""),
                violation_error_message=_("Another user has this id of another system."),
            ),
        ]
        indexes = [search_index("user_search")]
        triggers = audit.audited(exclude=("password", "last_login", "search_text"))

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """Return the name as shown."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name as shown."""
        return str(self)

    @property
    def permissions(self) -> frozenset[str]:
        """All verbs the user's roles include, less what `limited_to` took away."""
        if not self.is_active:
            return frozenset()
        mine = granted(self.roles)
        return mine if self._limits is None else mine & self._limits

    def has_permission(self, verb: str) -> bool:
        """Tell whether the user's roles include a verb, such as 'pipeline.change'."""
        return verb in self.permissions

    def limited_to(self, scopes: Iterable[str]) -> User:
        """Return the same person allowed no more than `scopes`, for a program that acts for them with a token."""
        limited = copy.copy(self)
        limited._limits = frozenset(scopes)
        return limited

    def reach(self, label: str) -> Reach:
        """Say how far the user sees among rows of a model; asked once per request and model."""
        known: dict[str, Reach] = self.__dict__.setdefault("_reach", {})
        if label not in known:
            found = access.reach(self, label, today=clock.today())
            # Equal reaches are one, so that what one kind of record has looked up (shared customers) others know too.
            known[label] = next((each for each in known.values() if each == found), found)
        return known[label]
