"""What is imported and exported, how, and how far an import has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ExportFormat(models.TextChoices):
    """Kinds of files that lists are exported to."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")


class ObjectKind(models.TextChoices):
    """What the rows of a file are."""

    CUSTOMERS = "customers", _("Customers")
    CONTACTS = "contacts", _("Contacts")
    OPPORTUNITIES = "opportunities", _("Opportunities")
    STAGE_HISTORY = "stage_history", _("Stage history of opportunities")
    PRODUCTS = "products", _("Products")
    USERS = "users", _("Users and teams")
    CONTRACTS = "contracts", _("Contracts and orders")
    PAYMENT_PLANS = "payment_plans", _("Payment plans")
    DELIVERIES = "deliveries", _("Deliveries and returns")
    RECEIPTS = "receipts", _("Receipts and refunds")
    INVOICES = "invoices", _("Invoices, blue and red")


class Mode(models.TextChoices):
    """Whether rows may make new records, change known ones, or both."""

    BOTH = "both", _("Create new records and update known ones")
    CREATE = "create", _("Only create new records")
    UPDATE = "update", _("Only update known records")


class OnMatch(models.TextChoices):
    """What to do with a row whose record is already known."""

    SKIP = "skip", _("Skip the row")
    UPDATE_EMPTY = "update_empty", _("Fill only what is empty")
    OVERWRITE = "overwrite", _("Overwrite with the file")
    CREATE = "create", _("Create another record")


class EmptyCell(models.TextChoices):
    """What an empty cell says about a known record."""

    LEAVE = "leave", _("Leave what is there")
    CLEAR = "clear", _("Clear what is there")


class DateOrder(models.TextChoices):
    """How to read dates such as 03/04/2026."""

    AUTO = "auto", _("Find out from the file")
    YMD = "ymd", _("Year, month, day")
    MDY = "mdy", _("Month, day, year")
    DMY = "dmy", _("Day, month, year")


class DecimalMark(models.TextChoices):
    """What stands before the decimals of a number."""

    POINT = "point", _("Point: 1,234.56")
    COMMA = "comma", _("Comma: 1.234,56")


class NameOrder(models.TextChoices):
    """How first and last name of separate columns make one name."""

    AUTO = "auto", _("As the script has it: Ada Ash, 王芳")
    FIRST_LAST = "first_last", _("First name, last name")
    LAST_FIRST = "last_first", _("Last name, first name")


class RecordedField(models.TextChoices):
    """What a row of another system's change log is about: the log of one field at a time has many we do not need."""

    STAGE = "stage", _("The stage")
    OTHER = "other", _("Something else")


class ContractStanding(models.TextChoices):
    """Where a contract that is brought along stands."""

    DRAFT = "draft", _("Draft")
    SIGNED = "signed", pgettext_lazy("contract", "Signed")
    PERFORMING = "performing", _("In performance")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Terminated")


class PaymentForm(models.TextChoices):
    """In what form money came in, or that it was paid back."""

    TRANSFER = "transfer", _("Bank transfer")
    BILL = "bill", _("Bill of exchange")
    CASH = "cash", _("Cash")
    ASSET = "asset", _("Asset settlement")
    REFUND = "refund", _("Refund")


class JobStatus(models.TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded", _("Being set up")
    READING = "reading", _("Reading the file")
    CHECKING = "checking", _("Dry run")
    READY = "ready", _("Ready to run")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class RowStatus(models.TextChoices):
    """What became of one row of the file."""

    PENDING = "pending", _("Waiting")
    CREATED = "created", _("Created")
    UPDATED = "updated", _("Updated")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    LINE = "line", _("Part of another row's record")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Kept: changed since")


class Reconcile(models.TextChoices):
    """What to do with a value of the file that names nothing known."""

    MAP = "map", _("Use a known one")
    CREATE = "create", _("Create it")
    EMPTY = "empty", _("Leave empty")
    CLOSEST = "closest", _("Use the closest known name")
    FAIL = "fail", _("Refuse the row")
