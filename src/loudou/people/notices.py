"""The sentences of notifications: what happened, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from loudou.people.choices import NotificationCode

SENTENCES: Mapping[NotificationCode, str | Promise] = {
    NotificationCode.CUSTOMER_GIVEN: _("%(actor)s gave you the customer %(customer)s."),
    NotificationCode.CUSTOMERS_GIVEN: ngettext_lazy(
        "%(actor)s gave you %(count)d customer.", "%(actor)s gave you %(count)d customers.", "count"
    ),
    NotificationCode.OPPORTUNITY_GIVEN: _("%(actor)s gave you the opportunity %(subject)s."),
    NotificationCode.OPPORTUNITIES_GIVEN: ngettext_lazy(
        "%(actor)s gave you %(count)d opportunity.", "%(actor)s gave you %(count)d opportunities.", "count"
    ),
    NotificationCode.HANDOVER_WAITS: _(
        "%(actor)s handed work of %(leaver)s over to you. Look through it and confirm that it arrived."
    ),
    NotificationCode.IMPORT_DONE: _("Your import of %(file)s is finished."),
    NotificationCode.IMPORT_PAUSED: _("Your import of %(file)s is paused. Its page says why, and how to go on."),
    NotificationCode.IMPORT_FAILED: _("Your import of %(file)s has failed. Its page says why."),
    NotificationCode.DISCOUNT_WAITS: _(
        "%(actor)s asks for a discount of %(discount)s on %(contract)s. You may decide."
    ),
    NotificationCode.DISCOUNT_APPROVED: _("%(actor)s approved your discount of %(discount)s on %(contract)s."),
    NotificationCode.DISCOUNT_REFUSED: _(
        "%(actor)s refused your discount of %(discount)s on %(contract)s. The contract says why."
    ),
    NotificationCode.RELEASE_APPROVED: _("%(actor)s approved your request to supply %(customer)s."),
    NotificationCode.RELEASE_REFUSED: _("%(actor)s refused your request to supply %(customer)s. Its page says why."),
    NotificationCode.SUGGESTION_TAKEN: _("%(actor)s took up your suggestion on the card %(card)s."),
    NotificationCode.SUGGESTION_DECLINED: _("%(actor)s answered your suggestion on the card %(card)s."),
    NotificationCode.CUSTOMER_SHARED: _("%(actor)s lets you work on the customer %(customer)s."),
    NotificationCode.CUSTOMERS_SHARED: ngettext_lazy(
        "%(actor)s lets you work on %(count)d customer.", "%(actor)s lets you work on %(count)d customers.", "count"
    ),
}
"""Sentence by code; its placeholders are the facts that `notify` is given, and `actor`."""


def sentence(code: NotificationCode, facts: Mapping[str, Any]) -> str:
    """Say in the active language what happened."""
    return str(SENTENCES[code] % dict(facts))
