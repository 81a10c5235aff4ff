"""Roles, how far they see, and other choices about people."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core.blackening import ERASED_EVENT


class Role(models.TextChoices):
    """What a person is here for; a user may have several."""

    REP = "rep", _("Sales rep")
    MANAGER = "manager", _("Sales manager")
    OPERATIONS = "operations", _("Sales operations")
    FINANCE = "finance", _("Finance")
    EXECUTIVE = "executive", _("Executive")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Language(models.TextChoices):
    """Languages of the interface, each named in itself."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Theme(models.TextChoices):
    """Colour theme of the interface."""

    AUTO = "auto", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Scope(models.IntegerChoices):
    """How far a role sees among the rows of a model; the widest of a user's roles counts."""

    NONE = 0, _("nothing")
    OWN = 1, _("own records")
    TEAM = 2, _("records of the team")
    ALL = 3, _("everything")


class Operation(models.TextChoices):
    """What happened, in the audit."""

    INSERT = "insert", _("created")
    UPDATE = "update", _("changed")
    DELETE = "delete", _("deleted")
    EVENT = "event", _("happened")


class EventCode(models.TextChoices):
    """What can happen without a row changing, in the audit (the entry's table name)."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Failed sign-in")
    SIGNED_OUT = "signed_out", _("Signed out")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_LINK_MADE = "password_link_made", _("Link for a password made")
    PASSWORD_LINK_MAILED = "password_link_mailed", _("Link for a password mailed")
    EXPORTED = "exported", _("Exported")
    EXPORT_ENDED = "export_ended", _("Export ended")
    IMPORTED = "imported", _("Imported")
    REPAIRED = "repaired", _("Stored figures repaired")
    IMPORT_UNDONE = "import_undone", _("Import undone")
    PERSONAL_DATA_ERASED = ERASED_EVENT, _("Personal data erased")
    RECORDED_AGAIN = "recorded_again", _("Erased person recorded again")


class ExportOutcome(models.TextChoices):
    """How the stream of an export ended."""

    FINISHED = "finished", _("complete")
    BROKEN_OFF = "broken_off", _("broken off")
    FAILED = "failed", _("failed")


class NotificationCode(models.TextChoices):
    """What people are told in the top bar; `people.notices` has a sentence for each."""

    CUSTOMER_GIVEN = "customer_given", _("A customer was given to you")
    CUSTOMERS_GIVEN = "customers_given", _("Customers were given to you")
    OPPORTUNITY_GIVEN = "opportunity_given", _("An opportunity was given to you")
    OPPORTUNITIES_GIVEN = "opportunities_given", _("Opportunities were given to you")
    HANDOVER_WAITS = "handover_waits", _("A handover waits for your confirmation")
    IMPORT_DONE = "import_done", _("Your import is finished")
    IMPORT_PAUSED = "import_paused", _("Your import is paused")
    IMPORT_FAILED = "import_failed", _("Your import has failed")
    DISCOUNT_WAITS = "discount_waits", _("A discount waits for your decision")
    DISCOUNT_APPROVED = "discount_approved", _("Your discount was approved")
    DISCOUNT_REFUSED = "discount_refused", _("Your discount was refused")
    RELEASE_APPROVED = "release_approved", _("Your request to supply was approved")
    RELEASE_REFUSED = "release_refused", _("Your request to supply was refused")
    SUGGESTION_TAKEN = "suggestion_taken", _("Your suggestion was taken up")
    SUGGESTION_DECLINED = "suggestion_declined", _("Your suggestion was not taken up")
    CUSTOMER_SHARED = "customer_shared", _("You may work on a customer")
    CUSTOMERS_SHARED = "customers_shared", _("You may work on customers")
