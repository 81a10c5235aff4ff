"""Words about requests."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """What is to be done."""

    COPY = "copy", _("Copy of the data")
    ERASE = "erase", _("Erasure")


class Ground(models.TextChoices):
    """Why."""

    REQUEST = "request", _("The person asked for it")
    CONSENT = "consent", _("Consent was withdrawn")
    PURPOSE = "purpose", _("The data are no longer needed")
    OTHER = "other", _("Another ground, see the note")


class Way(models.TextChoices):
    """How the request reached us."""

    MAIL = "mail", _("By mail")
    PHONE = "phone", _("By phone")
    MESSAGE = "message", _("By message")
    LETTER = "letter", _("By letter")
    IN_PERSON = "in_person", _("In person")
    OURSELVES = "ourselves", _("Our own decision")
