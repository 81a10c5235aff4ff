"""Refusals about personal data."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class NameNotConfirmed(BusinessRefusal):
    """The name typed to confirm an erasure is not the contact's."""

    code = "name_not_confirmed"
    message = _("The name does not agree. Type %(contact)s as it is written here: an erasure cannot be taken back.")
    status = 422


class PlacesChanged(BusinessRefusal):
    """What would be erased is no longer what the preview showed."""

    code = "places_changed"
    message = _("What is held about this person changed since the preview. Look at it again, then erase.")


class RequestAlreadyOpen(BusinessRefusal):
    """A request of this kind waits for its answer already."""

    code = "request_already_open"
    message = _("A request of this kind of %(asked_on)s is still open for this contact. Answer that one.")


class AskedInTheFuture(BusinessRefusal):
    """The day of the request is still to come."""

    code = "asked_in_the_future"
    message = _("%(asked_on)s is still to come. Enter the day on which the request arrived.")
    status = 422


class GroundNeedsNote(BusinessRefusal):
    """Another ground tells nothing without a note."""

    code = "ground_needs_note"
    message = _("Say in the note which ground it is.")
    status = 422
