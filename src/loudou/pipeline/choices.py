"""States of an opportunity, kinds of stage change, and the ways to classify a sale."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an opportunity ended, or that it is still open. End states are states, never stages."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    DROPPED = "dropped", _("Dropped")
    ON_HOLD = "on_hold", _("On hold")


CLOSED_STATES = (State.WON, State.LOST, State.DROPPED)


class ChangeKind(models.TextChoices):
    """What a row of the stage history records."""

    CREATED = "created", _("Created")
    ADVANCED = "advanced", _("Moved forward")
    SKIPPED = "skipped", _("Moved forward, skipping stages")
    MOVED_BACK = "moved_back", _("Moved back")
    SWITCHED = "switched", _("Moved to another process")
    REVISED = "revised", _("Amount, date or owner changed")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    DROPPED = "dropped", _("Dropped")
    HELD = "held", _("Put on hold")
    REOPENED = "reopened", _("Opened again")


class Priority(models.IntegerChoices):
    """How urgent the sale is."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")


class Likelihood(models.TextChoices):
    """Kind by likelihood."""

    CHANCE = "chance", _("Chance")
    CERTAIN = "certain", _("Certain")


class Visibility(models.TextChoices):
    """Kind by visibility of the need."""

    HIDDEN = "hidden", _("Hidden need")
    EXPLICIT = "explicit", _("Explicit need")


class ReachKind(models.TextChoices):
    """Kind by how far the sale reaches."""

    STRATEGIC = "strategic", _("Strategic")
    TACTICAL = "tactical", _("Tactical")


class PurchaseKind(models.TextChoices):
    """Kind of purchase."""

    NEW = "new", _("New")
    ADDITIONAL = "additional", _("Additional or repeat")
    REPLACEMENT = "replacement", _("Replacement")


class CriteriaMode(models.TextChoices):
    """What unmet exit criteria do to a move."""

    WARN = "warn", _("Warn")
    BLOCK = "block", _("Block")


class RequiredField(models.TextChoices):
    """Fields a stage may require before it is left."""

    CUSTOMER = "customer", _("Customer")
    AMOUNT = "amount", _("Amount")
    EXPECTED_ON = "expected_on", _("Expected signing date")
    NEXT_STEP = "next_step", _("Next step")
    CONTACTS = "contacts", _("Contacts")
    COMPETITORS = "competitors", _("Competitors")
    LINES = "lines", _("Products")
    PROBABILITY = "probability", _("Probability")
    PURCHASE_KIND = "purchase_kind", _("Kind of purchase")


class Scene(models.TextChoices):
    """Whose opportunities: the four quick choices of the filter bar."""

    MINE = "mine", _("Mine")
    TEAM = "team", _("My team's")
    MEMBER = "member", _("I am a member")
    STARRED = "starred", _("Starred")


class ExpectedRange(models.TextChoices):
    """Quick ranges of the expected signing date."""

    OVERDUE = "overdue", _("Overdue")
    THIS_MONTH = "this_month", _("This month")
    NEXT_MONTH = "next_month", _("Next month")
    THIS_QUARTER = "this_quarter", _("This quarter")
    NO_DATE = "no_date", _("No date")


class NextStepDue(models.TextChoices):
    """When the next step is due."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Due today")
    THIS_WEEK = "this_week", _("Due later this week")
    MISSING = "missing", _("No next step")


class Changed(models.TextChoices):
    """What happened lately, by the history: anything, or a move in one direction."""

    YESTERDAY = "yesterday", _("Anything since yesterday")
    WEEK = "week", _("Anything in the last 7 days")
    FORWARD = "forward", _("Moved forward in the last 7 days")
    BACK = "back", _("Moved back in the last 7 days")
