"""Refusals of the pipeline."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class NoProcess(BusinessRefusal):
    """No process was named and none is set as the default."""

    code = "no_process"
    message = _("There is no sales process to start in. Choose one, or set a default under Settings, Sales processes.")
    status = 422


class StageOfOtherProcess(BusinessRefusal):
    """The stage does not belong to the opportunity's process, or is no longer in use."""

    code = "stage_of_other_process"
    message = _("This stage does not belong to the sales process %(process)s. Choose one of its stages.")
    status = 422


class NotOpen(BusinessRefusal):
    """Only an open opportunity moves from stage to stage."""

    code = "not_open"
    message = _("%(subject)s is not open (%(state)s). Open it again first.")


class AlreadyClosed(BusinessRefusal):
    """The opportunity was already won, lost or dropped; its amount and dates are frozen."""

    code = "already_closed"
    message = _("%(subject)s is already closed (%(state)s). Open it again to change this.")


class NotClosed(BusinessRefusal):
    """There is nothing to open again."""

    code = "not_closed"
    message = _("%(subject)s is not closed, so there is nothing to open again.")


class NotOnHold(BusinessRefusal):
    """There is nothing to resume."""

    code = "not_on_hold"
    message = _("%(subject)s is not on hold, so there is nothing to resume.")


class CriteriaUnmet(BusinessRefusal):
    """The process blocks a move until what its stages ask for is there; `unmet` lists what is missing."""

    code = "criteria_unmet"
    message = _("%(stage)s cannot be left yet. Still missing: %(missing)s.")

    def __init__(self, unmet: "list[Any]", **facts: Any) -> None:
        super().__init__(**facts)
        self.unmet = unmet


class WaiverNeedsReason(BusinessRefusal):
    """A waiver without a reason is not a waiver."""

    code = "waiver_needs_reason"
    message = _("Say why the exit criteria are waived.")
    status = 422


class ClosedBeforeLastChange(BusinessRefusal):
    """History would run backwards."""

    code = "closed_before_last_change"
    message = _("This opportunity was still changed on %(on)s. Choose that day or a later one as the closing day.")
    status = 422


class DateInFuture(BusinessRefusal):
    """What has happened cannot happen tomorrow."""

    code = "date_in_future"
    message = _("%(on)s is still to come. Choose today or an earlier day.")
    status = 422


class DatesOutOfOrder(BusinessRefusal):
    """Opened, passed through stages, closed: in this order."""

    code = "dates_out_of_order"
    message = _("The dates are out of order: %(later)s comes before %(earlier)s.")
    status = 422


class PastBeforeOpening(BusinessRefusal):
    """A history begins before the opportunity was opened."""

    code = "past_before_opening"
    message = _(
        "The history begins on %(on)s, but the opportunity was opened on %(opened)s. Correct the day of opening, or "
        "leave out the earlier rows."
    )
    status = 422


class PastEndsElsewhere(BusinessRefusal):
    """A history that is brought along does not lead to what is known."""

    code = "past_ends_elsewhere"
    message = _("The history ends in “%(there)s”, but what is known here goes on from “%(here)s”.")
    status = 422


class PastTooLate(BusinessRefusal):
    """A history that is brought along runs into what has happened here."""

    code = "past_too_late"
    message = _("The history still goes on at %(on)s, when it is already known here what happened next.")
    status = 422


class CameFromElsewhere(BusinessRefusal):
    """A row names another stage before it than the row before it."""

    code = "came_from_elsewhere"
    message = _("The row of %(on)s says it came from “%(said)s”, but before it the opportunity was in “%(was)s”.")
    status = 422


class AmountComesFromLines(BusinessRefusal):
    """With product lines the amount is their sum."""

    code = "amount_comes_from_lines"
    message = _("The amount is the sum of the product lines. Change the lines, or remove them first.")


class SplitTooLarge(BusinessRefusal):
    """The shares of the team exceed the whole."""

    code = "split_too_large"
    message = _("The shares of the team add up to %(total)s %%. Together they may not exceed 100 %%.")
    status = 422


class ListedTwice(BusinessRefusal):
    """The same person or thing twice in one list."""

    code = "listed_twice"
    message = _("%(name)s is in the list twice.")
    status = 422


class CannotSell(BusinessRefusal):
    """The colleague has left or has no role in sales, and would never see the opportunity."""

    code = "cannot_sell"
    message = _("%(name)s cannot work on opportunities: the account is closed or has no sales role.")
    status = 422


class TooManyAtOnce(BusinessRefusal):
    """A bulk action has an upper limit so that it always ends."""

    code = "too_many_at_once"
    message = _(
        "This would change %(count)s opportunities; at most %(most)s can be changed at once. Narrow the filter."
    )
    status = 422


class StageInUse(BusinessRefusal):
    """Opportunities are or were in the stage, and history is never lost."""

    code = "stage_in_use"
    message = _("%(stage)s is or was used by opportunities. Choose a stage to merge it into.")


class StageCountOutOfRange(BusinessRefusal):
    """A process has three to seven stages."""

    code = "stage_count_out_of_range"
    message = _("A sales process has three to seven stages; this would leave %(count)s.")
    status = 422


class BaseCurrencyInUse(BusinessRefusal):
    """Every base amount on record would lose its meaning."""

    code = "base_currency_in_use"
    message = _(
        "There are already amounts or rates in %(currency)s. Choose the base currency before entering the first."
    )


class NamedTwice(BusinessRefusal):
    """Two stages or criteria of one list bear the same name."""

    code = "named_twice"
    message = _("%(name)s is there twice. Give each its own name.")
    status = 422
