"""What signing in needs beside the password: a second factor, other identities, and a memory of attempts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit


class SecondFactor(models.Model):
    """An authenticator app that a user has set up; it counts once it has shown a right code."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.TextField(editable=False)  # sealed with the signing key: a stolen backup opens no account
    last_step = models.BigIntegerField(default=0, editable=False)  # a code is good once: no replay within its minute
    created_at = models.DateTimeField(_("created"))
    confirmed_at = models.DateTimeField(_("switched on"), null=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        triggers = audit.audited(exclude=("secret", "last_step"), part_of=("people_user", "user_id"))

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A code on paper for the day the phone is lost; it works once. Only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]
        triggers = audit.audited(exclude=("digest",))

    def __str__(self) -> str:
        return str(self.pk)


class ExternalIdentity(models.Model):
    """Who a user is at an identity provider: found by mail once, by the provider's own unchanging id ever after."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(_("identity provider"), max_length=255)
    subject = models.CharField(_("id there"), max_length=255)
    created_at = models.DateTimeField(_("linked"))

    class Meta:
        verbose_name = _("identity at a provider")
        verbose_name_plural = _("identities at a provider")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_leads_to_one_user"),
            models.UniqueConstraint(fields=["user", "issuer"], name="identity_one_per_provider"),
        ]
        triggers = audit.audited(part_of=("people_user", "user_id"))

    def __str__(self) -> str:
        return f"{self.issuer} {self.subject}"


class SignInAttempt(models.Model):
    """One guess at a password or code, kept for a day: the database is what all web processes share.

    The account is kept as a hash, for people now and then type their password where the name belongs.
    """

    at = models.DateTimeField()
    account = models.CharField(max_length=64)
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("sign-in attempt")
        verbose_name_plural = _("sign-in attempts")
        indexes = [
            models.Index(fields=["account", "at"], name="attempt_account"),
            models.Index(fields=["ip_address", "at"], name="attempt_address"),
            models.Index(fields=["at"], name="attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.ip_address}"
