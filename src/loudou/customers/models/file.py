"""Files kept with a customer."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.customers.models.customer import Customer


class CustomerFile(models.Model):
    """A document about a customer; whoever sees the customer may read it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("file name"), max_length=255)
    content = models.FileField(_("file"), upload_to="customers/%Y/%m/", max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-uploaded_at", "-id"]
        triggers = audit.audited(part_of=("customers_customer", "customer_id"))

    def __str__(self) -> str:
        return self.name
