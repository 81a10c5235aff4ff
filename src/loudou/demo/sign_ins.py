"""Who may sign in to the demo company. These accounts exist only where `Company.is_demo` is set."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.people.choices import Role

PASSWORD = "loudou-demo"  # noqa: S105 - the demo's public password; no other installation has these accounts


@dataclass(frozen=True, slots=True)
class SignIn:
    """One demo account: the name to sign in with, its role, and what it is good for."""

    username: str
    role: Role
    purpose: str | Promise


SIGN_INS: tuple[SignIn, ...] = (
    SignIn("rep", Role.REP, _("Work your own pipeline")),
    SignIn("rep2", Role.REP, _("A colleague's view")),
    SignIn("manager", Role.MANAGER, _("Lead a region's team")),
    SignIn("operations", Role.OPERATIONS, _("Import, assign, keep data clean")),
    SignIn("finance", Role.FINANCE, _("Customers and money")),
    SignIn("executive", Role.EXECUTIVE, _("See the whole company")),
    SignIn("admin", Role.ADMINISTRATOR, _("Set up stages, users and settings")),
    SignIn("auditor", Role.AUDITOR, _("Read everything, change nothing")),
)
