"""Refusals of the demo."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class DatabaseNotEmpty(BusinessRefusal):
    """The demo is only ever loaded into an empty database, so that it cannot bury somebody's real records."""

    code = "database_not_empty"
    message = _("This database already holds records (%(found)s). The demo is loaded into an empty one only.")


class SizeOutOfRange(BusinessRefusal):
    """So few or so many opportunities that the shape of a company would be lost."""

    code = "size_out_of_range"
    message = _("Choose a size between %(fewest)s and %(most)s opportunities.")
    status = 422
