"""Refusals of handovers."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class SuccessorMissing(BusinessRefusal):
    """Something would be left behind."""

    code = "successor_missing"
    message = _("%(count)s things have no successor yet. Choose one for everything, or give each to somebody.")


class SuccessorIsLeaver(BusinessRefusal):
    """Nobody hands over to themselves."""

    code = "successor_is_leaver"
    message = _("%(name)s is the one who hands over. Choose somebody else.")
    status = 422


class SuccessorNotAvailable(BusinessRefusal):
    """The successor does not exist or may no longer sign in."""

    code = "successor_not_available"
    message = _("%(name)s may no longer sign in. Choose somebody else.")
    status = 422


class SuccessorCannotHold(BusinessRefusal):
    """The successor's roles do not let them work on what they would get."""

    code = "successor_cannot_hold"
    message = _("%(name)s cannot take over %(what)s: the role does not allow working on them. Choose somebody else.")
    status = 422


class LeaverMayMore(BusinessRefusal):
    """Nobody ends the access of somebody who may do more than they may themselves."""

    code = "leaver_may_more"
    message = _("%(name)s may do more here than you may. Ask an administrator to end the access.")
    status = 403


class ImportRunning(BusinessRefusal):
    """An import of the leaver still makes records that would be theirs."""

    code = "import_running"
    message = _("The import %(file)s of %(name)s is still running. Wait until it is done, or stop it.")


class NothingToHandOver(BusinessRefusal):
    """A handover without an end of access has to move something."""

    code = "nothing_to_hand_over"
    message = _("Nothing is chosen. Choose a successor for everything, or give at least one customer to somebody.")


class PlanClosed(BusinessRefusal):
    """The handover was carried out or given up before."""

    code = "handover_plan_closed"
    message = _("This handover is no longer being prepared: %(state)s. Begin a new one.")


class DayInFuture(BusinessRefusal):
    """Access ends now, so the last day is not later."""

    code = "last_day_in_future"
    message = _("The last day cannot lie after today, because access ends at once. Carry it out on that day.")
    status = 422


class HiddenBelongings(BusinessRefusal):
    """Something would be left behind that the actor does not see."""

    code = "hidden_belongings"
    message = _(
        "%(name)s holds %(count)s things that you do not see, so they would be left behind. Ask an administrator to "
        "carry the handover out."
    )


class NotSuccessor(BusinessRefusal):
    """Only who takes over says that it arrived."""

    code = "not_successor"
    message = _("Only those who take over can confirm.")


class LetterIncomplete(BusinessRefusal):
    """A letter names nobody, or has no words."""

    code = "letter_incomplete"
    message = _("Write a subject and a text in the language of each chosen contact, and choose at least one contact.")
    status = 422


class LetterNotFailed(BusinessRefusal):
    """Only what was not sent is sent again."""

    code = "letter_not_failed"
    message = _("This letter is %(state)s; only one that was not sent can be sent again.")


class NoMailServer(BusinessRefusal):
    """Without a mail server no mail is sent."""

    code = "no_mail_server"
    message = _("No mail server is set up. Copy the letters or take them as files, or ask whoever runs Loudou.")
