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
