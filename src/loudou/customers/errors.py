"""Refusals of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal

if TYPE_CHECKING:
    from loudou.customers.models import Contact


class ParentCycle(BusinessRefusal):
    """A company cannot be, through any number of steps, its own parent."""

    code = "parent_cycle"
    message = _("%(parent)s already belongs to %(customer)s. Choose another parent company.")
    status = 422


class OwnerNotAvailable(BusinessRefusal):
    """The chosen owner does not exist or may no longer sign in."""

    code = "owner_not_available"
    message = _("The chosen owner is not an active user. Choose somebody else.")
    status = 422


class AlreadyAtCustomer(BusinessRefusal):
    """The person already has an open post at the customer."""

    code = "already_at_customer"
    message = _("%(contact)s already has a post at %(customer)s. Change that post instead.")


class PostAlreadyEnded(BusinessRefusal):
    """The post ended before."""

    code = "post_already_ended"
    message = _("This post already ended on %(ended_on)s.")


class FileTooLarge(BusinessRefusal):
    """The file is larger than this installation accepts."""

    code = "file_too_large"
    message = _("The file is larger than %(limit)s MB. Make it smaller, or ask the administrator to raise the limit.")
    status = 413


class FileEmpty(BusinessRefusal):
    """The file holds nothing."""

    code = "file_empty"
    message = _("The file is empty. Choose another one.")
    status = 422


class FileKindRefused(BusinessRefusal):
    """A program, or a file whose content is not what its name says."""

    code = "file_kind_refused"
    message = _("%(name)s is a program or not what its name says. Attach documents, pictures, tables or archives.")
    status = 422


class SupplyOnHold(BusinessRefusal):
    """Nothing is delivered to a customer on supply hold without a release that covers it."""

    code = "supply_on_hold"
    message = _(
        "%(customer)s is on supply hold since %(since)s: %(reason)s Have the hold lifted, or ask for a release that "
        "covers this delivery."
    )


class ReasonMissing(BusinessRefusal):
    """A hold or a release without a reason cannot be judged later."""

    code = "reason_missing"
    message = _("Say why, in a sentence that a colleague will understand next year.")
    status = 422


class NotOnSupplyHold(BusinessRefusal):
    """There is no hold to lift or to except from."""

    code = "not_on_supply_hold"
    message = _("%(customer)s is not on supply hold, so there is nothing to lift or release.")


class ReleaseDayPassed(BusinessRefusal):
    """A release for the past releases nothing."""

    code = "release_day_passed"
    message = _("%(on)s has passed. Choose today or a later day.")
    status = 422


class ReleaseDecided(BusinessRefusal):
    """The request was decided before."""

    code = "release_decided"
    message = _("This release was already decided: %(state)s. Ask for a new one if you need it.")


class ReleaseNeedsAnother(BusinessRefusal):
    """Whoever asks for a release does not approve it."""

    code = "release_needs_another"
    message = _("You asked for this release yourself. Somebody else has to approve it.")
    status = 403


class NeedNotVerified(BusinessRefusal):
    """There is no act to take back."""

    code = "need_not_verified"
    message = _("Nobody recorded a need of %(customer)s here. What an opportunity says is changed at the opportunity.")


class ContactErased(BusinessRefusal):
    """The contact was erased; nothing is written to what is left."""

    code = "contact_erased"
    message = _("%(contact)s was erased on %(erased_on)s. Nothing can be added to what is left of it.")

    @classmethod
    def of(cls, contact: Contact) -> ContactErased:
        """Make the refusal about a contact."""
        erased_on = timezone.localtime(contact.erased_at).date() if contact.erased_at else ""
        return cls(contact=contact.name, erased_on=erased_on)


class PersonForgotten(BusinessRefusal):
    """A person of this phone, mail, WeChat name or foreign id was erased and is not to be collected again."""

    code = "person_forgotten"
    message = _(
        "A person of this %(kind)s was erased from Loudou and is not to be recorded again. If the person has agreed "
        "since, ask sales operations or an administrator to record the contact and to say why."
    )
