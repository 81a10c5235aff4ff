"""Refusals of contracts."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class SeriesMissing(BusinessRefusal):
    """No series is set up for a kind of document."""

    code = "series_missing"
    message = _("There is no number series for %(kind)s. Set one up under Settings, Number series.")
    status = 422
