"""Refusals of customers."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


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
