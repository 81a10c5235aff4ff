"""What must not be collected again: whom a person was known by, as digests that say nothing by themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import IdentityKind
from loudou.customers.models.contact import Contact


class ForgottenIdentity(models.Model):
    """A phone, mail, WeChat name or foreign id of a contact who was erased, as a digest under the signing key.

    `key_mark` tells which signing key made it: when that key is gone, `loudou check` says so.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="forgotten_identities")
    kind = models.CharField(_("kind"), max_length=12, choices=IdentityKind.choices)
    digest = models.CharField(max_length=64, editable=False)
    key_mark = models.CharField(max_length=8, editable=False)
    created_at = models.DateTimeField(_("erased"))

    class Meta:
        verbose_name = _("identity that is not collected again")
        verbose_name_plural = _("identities that are not collected again")
        constraints = [models.UniqueConstraint(fields=["digest", "contact"], name="forgotten_identity_once")]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_kind_display()}"
