"""The company that runs this Loudou, and its dated exchange rates."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit, kept
from loudou.core.models.base import Versioned, blank_text


class Company(Versioned):
    """The one company of this installation: its name, base currency, time zone and fiscal year."""

    name = models.CharField(_("company name"), max_length=200)
    credit_code = blank_text(_("unified social credit code"), 18)
    address = blank_text(_("address"), 255)
    phone = blank_text(_("phone"), 40)
    representative = blank_text(_("legal representative"), 80)
    bank_name = blank_text(_("bank"), 120)
    bank_account = blank_text(_("bank account"), 60)
    base_currency = models.CharField(_("base currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    require_second_factor = models.BooleanField(_("everybody needs a second factor to sign in"), default=False)
    is_demo = models.BooleanField(_("demo company"), default=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [
            models.CheckConstraint(name="company_is_only_one", condition=models.Q(pk=1)),
            models.CheckConstraint(
                name="company_fiscal_month_in_year", condition=models.Q(fiscal_year_start_month__range=(1, 12))
            ),
        ]
        triggers = [*audit.audited(), *kept.noted()]

    def __str__(self) -> str:
        return self.name


class ExchangeRate(models.Model):
    """How many units of the base currency one unit of a currency was worth from a day on, until the next rate."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("valid from"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-on"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "on"],
                name="exchange_rate_one_per_day",
                violation_error_message=_("There is already a rate for this currency on this day."),
            ),
            models.CheckConstraint(
                name="exchange_rate_positive",
                condition=models.Q(rate__gt=0),
                violation_error_message=_("A rate must be greater than zero."),
            ),
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return f"{self.currency} {self.on}: {self.rate.normalize():f}"
