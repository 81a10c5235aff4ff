"""Refusals of the core."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class ExchangeRateMissing(BusinessRefusal):
    """No rate is known on or before a day; today's rate is never used for yesterday's money."""

    code = "exchange_rate_missing"
    message = _(
        "There is no exchange rate for %(currency)s on or before %(on)s. Add one under Settings, Exchange rates."
    )
    status = 422


class IdempotencyKeyReused(BusinessRefusal):
    """The same key was sent with another request."""

    code = "idempotency_key_reused"
    message = _("This idempotency key was already used for another request. Use a new key.")
    status = 422


class HttpsOnly(BusinessRefusal):
    """The request came in the clear, and the site is reached over HTTPS."""

    code = "https_only"
    message = _(
        "This site answers over HTTPS only, so that nobody on the way can read along. Open its address with https:// "
        "in front. Whoever runs it finds under LOUDOU_HTTPS and LOUDOU_PROXY what to set."
    )
    status = 403


class DiskFull(BusinessRefusal):
    """The machine has no room left; what was begun is taken back."""

    code = "disk_full"
    message = _(
        "The disk of the server is full. Nothing was half-written. Ask an administrator to make room, then continue."
    )
    status = 507


class DatabaseAway(BusinessRefusal):
    """No connection to the database can be had; nothing was changed."""

    code = "database_away"
    message = _("The database is away for a moment. Nothing was changed; try again in a few seconds.")
    status = 503
