"""Products with a tax rate of their own."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="tax_rate",
            field=models.DecimalField(
                blank=True,
                decimal_places=4,
                help_text="Empty: the usual one of the contract's kind.",
                max_digits=5,
                null=True,
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                verbose_name="tax rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_rate__isnull", True), ("tax_rate__range", (0, 1)), _connector="OR"),
                name="product_tax_rate_is_share",
                violation_error_message="A tax rate is between 0 and 100 %.",
            ),
        ),
    ]
