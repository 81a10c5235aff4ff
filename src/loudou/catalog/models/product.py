"""Products and the lines they belong to."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import ScopedQuerySet
from loudou.core.searchtext import search_document, search_index


class ProductLineQuerySet(ScopedQuerySet["ProductLine"]):
    """Product lines: every role sees all of them."""


class ProductLine(Versioned):
    """A family of products that is sold, planned and rewarded together."""

    name = models.CharField(_("product line"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[ProductLineQuerySet] = ProductLineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="product_line_name_once",
                violation_error_message=_("There is already a product line of this name."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(ScopedQuerySet["Product"]):
    """Products: every role sees all of them."""


class Product(Versioned):
    """Something a customer can buy: goods or a service, with a unit and a list price."""

    name = models.CharField(_("product"), max_length=200)
    code = blank_text(_("product code"), 60)
    line = models.ForeignKey(
        ProductLine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("product line"),
    )
    unit = blank_text(_("unit"), 20)
    list_price = models.DecimalField(_("list price"), max_digits=19, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    tax_rate = models.DecimalField(
        _("tax rate"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Empty: the usual one of the contract's kind."),
    )
    description = models.TextField(_("description"), blank=True, default="")
    is_active = models.BooleanField(_("on sale"), default=True)
    external_id = blank_text(_("id in another system"), 100)
    search_text = search_document("name", "code")

    objects: ClassVar[ProductQuerySet] = ProductQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="product_name_once",
                violation_error_message=_("There is already a product of this name."),
            ),
            models.UniqueConstraint(
                Lower("code"),
                name="product_code_once",
                condition=~models.Q(code=""),
                violation_error_message=_("There is already a product with this code."),
            ),
            models.CheckConstraint(
                name="product_price_not_negative",
                condition=models.Q(list_price__isnull=True) | models.Q(list_price__gte=0),
                violation_error_message=_("The list price cannot be negative."),
            ),
            models.CheckConstraint(
                name="product_tax_rate_is_share",
                condition=models.Q(tax_rate__isnull=True) | models.Q(tax_rate__range=(0, 1)),
                violation_error_message=_("A tax rate is between 0 and 100 %."),
            ),
        ]
        indexes = [search_index("product_search")]
        triggers = audit.audited(exclude=("search_text",))

    def __str__(self) -> str:
        return self.name
