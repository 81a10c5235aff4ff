"""Usual tax rates of kinds of contracts, and payment plans at the payment days of customers."""

import django.core.validators
from django.db import migrations, models

from loudou.contracts import defaults
from loudou.core.migrations._triggers import AddTriggers, audited


def install(apps, schema_editor):
    """Install the plans to start from, unless the company has its own."""
    defaults.install_plan_templates(
        apps.get_model("contracts", "PlanTemplate"), apps.get_model("contracts", "TemplateInstalment")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_defaults"),
    ]

    operations = [
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                (
                    "contract_kind",
                    models.CharField(
                        choices=[
                            ("goods", "Order for goods"),
                            ("services", "Service contract"),
                            ("project", "Project contract"),
                        ],
                        max_length=10,
                        unique=True,
                        verbose_name="kind of contract",
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=4,
                        help_text="Share between 0 and 1, such as 0.13.",
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="tax rate",
                    ),
                ),
            ],
            options={
                "verbose_name": "usual tax rate",
                "verbose_name_plural": "usual tax rates",
                "ordering": ["contract_kind"],
            },
        ),
        migrations.AddField(
            model_name="templateinstalment",
            name="on_terms",
            field=models.BooleanField(
                default=False,
                help_text="Where none are agreed with the customer, the days of the template.",
                verbose_name="the customer's payment days count first",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateinstalment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_terms", False),
                    models.Q(
                        ("basis__in", ["acceptance", "delivery", "first_delivery", "invoice"]),
                        ("is_retention", False),
                        ("offset_months", 0),
                    ),
                    _connector="OR",
                ),
                name="template_instalment_on_terms",
                violation_error_message="Payment days count from a delivery, an acceptance or an invoice, without months, and not for retention money.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate__range", (0, 1))),
                name="tax_rate_is_share",
                violation_error_message="A tax rate is between 0 and 100 %.",
            ),
        ),
        AddTriggers(*audited("contracts.TaxRate")),
        migrations.RunPython(install, migrations.RunPython.noop, elidable=False),
    ]
