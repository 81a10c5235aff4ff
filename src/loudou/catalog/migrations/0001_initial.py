"""Product lines and products."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import loudou.core.searchtext
from loudou.core.migrations._triggers import AddTriggers, audited


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_foundations")]

    operations = [
        migrations.CreateModel(
            name="ProductLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="product line")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "product line",
                "verbose_name_plural": "product lines",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="product_line_name_once", violation_error_message="There is already a product line of this name.")],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=200, verbose_name="product")),
                ("code", models.CharField(blank=True, default="", max_length=60, verbose_name="product code")),
                ("line", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.productline", verbose_name="product line")),
                ("unit", models.CharField(blank=True, default="", max_length=20, verbose_name="unit")),
                ("list_price", models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name="list price")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("is_active", models.BooleanField(default=True, verbose_name="on sale")),
                ("external_id", models.CharField(blank=True, default="", max_length=100, verbose_name="id in another system")),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=loudou.core.searchtext.SearchDocument(django.db.models.functions.comparison.Coalesce(models.F("name"), models.Value(""), output_field=models.TextField()), django.db.models.functions.comparison.Coalesce(models.F("code"), models.Value(""), output_field=models.TextField())),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["name"],
                "indexes": [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="product_search")],
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="product_name_once", violation_error_message="There is already a product of this name."),
                    models.UniqueConstraint(django.db.models.functions.text.Lower("code"), condition=models.Q(("code", ""), _negated=True), name="product_code_once", violation_error_message="There is already a product with this code."),
                    models.CheckConstraint(condition=models.Q(("list_price__isnull", True), ("list_price__gte", 0), _connector="OR"), name="product_price_not_negative", violation_error_message="The list price cannot be negative."),
                ],
            },
        ),
        AddTriggers(
            *audited("catalog.ProductLine"),
            *audited("catalog.Product", exclude=("search_text",)),
        ),
    ]
