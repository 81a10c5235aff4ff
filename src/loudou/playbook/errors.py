"""Refusals of the playbook."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class KeeperNotAvailable(BusinessRefusal):
    """The chosen keeper may not sign in, or not keep cards."""

    code = "keeper_not_available"
    message = _("The chosen keeper is not an active user who may keep the playbook. Choose somebody else.")
    status = 422


class CardAlreadyPublished(BusinessRefusal):
    """The card is published already."""

    code = "card_already_published"
    message = _("%(card)s is published already. To say how long it holds, mark it as checked.")


class CardNotPublished(BusinessRefusal):
    """Only what is shown can be checked, withdrawn, read or judged."""

    code = "card_not_published"
    message = _("%(card)s is not published, so nobody works with it. Publish it first.")


class SuggestionAlreadyDecided(BusinessRefusal):
    """Somebody has answered the suggestion before."""

    code = "suggestion_already_decided"
    message = _("%(person)s has answered this suggestion already, on %(on)s.")


class CardAlreadyListed(BusinessRefusal):
    """A list names a card once."""

    code = "card_already_listed"
    message = _("%(card)s is on this list already.")


class ListNotActive(BusinessRefusal):
    """A list that is switched off asks nobody to read."""

    code = "list_not_active"
    message = _("%(list)s is switched off, so nobody is asked to read it. Choose another list, or ask its keeper.")


class CardsUnread(BusinessRefusal):
    """The quiz comes after the reading."""

    code = "cards_unread"
    message = _("The quiz begins when every card is read; %(unread)s are still to be read. Read them first.")


class NothingToAsk(BusinessRefusal):
    """There is no question about the cards of a list."""

    code = "nothing_to_ask"
    message = _("There is no question about the cards of %(list)s yet. Ask its keeper to write some.")


class AttemptFinished(BusinessRefusal):
    """Answers are given once."""

    code = "attempt_finished"
    message = _("You have handed in this quiz already, with other answers. Those of the first time count; begin anew.")
