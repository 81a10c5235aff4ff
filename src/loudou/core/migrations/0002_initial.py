"""The company, its exchange rates, and the revisions of tables that are kept."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from loudou.core.kept import CREATE_FUNCTION, DROP_FUNCTION
from loudou.core.migrations._triggers import AddTriggers, audited, first_numbers, noted


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_foundations"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=200, verbose_name="company name")),
                ("credit_code", models.CharField(blank=True, default="", max_length=18, verbose_name="unified social credit code")),
                ("address", models.CharField(blank=True, default="", max_length=255, verbose_name="address")),
                ("phone", models.CharField(blank=True, default="", max_length=40, verbose_name="phone")),
                ("representative", models.CharField(blank=True, default="", max_length=80, verbose_name="legal representative")),
                ("bank_name", models.CharField(blank=True, default="", max_length=120, verbose_name="bank")),
                ("bank_account", models.CharField(blank=True, default="", max_length=60, verbose_name="bank account")),
                ("base_currency", models.CharField(default="CNY", max_length=3, verbose_name="base currency")),
                ("time_zone", models.CharField(default="Asia/Shanghai", max_length=64, verbose_name="time zone")),
                ("fiscal_year_start_month", models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name="first month of the fiscal year")),
                ("require_second_factor", models.BooleanField(default=False, verbose_name="everybody needs a second factor to sign in")),
                ("is_demo", models.BooleanField(default=False, verbose_name="demo company")),
            ],
            options={
                "verbose_name": "company",
                "verbose_name_plural": "company",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="company_is_only_one"), models.CheckConstraint(condition=models.Q(("fiscal_year_start_month__range", (1, 12))), name="company_fiscal_month_in_year")],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("on", models.DateField(verbose_name="valid from")),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="rate")),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency", "-on"],
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "on"), name="exchange_rate_one_per_day", violation_error_message="There is already a rate for this currency on this day."),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="exchange_rate_positive", violation_error_message="A rate must be greater than zero."),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("scope", models.CharField(max_length=120)),
                ("key", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "indexes": [models.Index(fields=["created_at"], name="idempotency_created")],
                "constraints": [models.UniqueConstraint(fields=("user", "scope", "key"), name="idempotency_key_once")],
            },
        ),
        migrations.CreateModel(
            name="TableRevision",
            fields=[
                ("table_name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "revision of a table",
                "verbose_name_plural": "revisions of tables",
            },
        ),
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
        AddTriggers(
            *audited("core.Company"),
            *noted("core.Company"),
            *audited("core.ExchangeRate"),
        ),
        first_numbers("core_company"),
    ]
