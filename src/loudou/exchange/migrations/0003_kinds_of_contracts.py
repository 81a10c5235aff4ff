"""Contracts, payment plans, invoices and receipts can be imported."""

from django.db import migrations, models

KINDS = [
    ("customers", "Customers"),
    ("contacts", "Contacts"),
    ("opportunities", "Opportunities"),
    ("stage_history", "Stage history of opportunities"),
    ("products", "Products"),
    ("users", "Users and teams"),
    ("contracts", "Contracts and orders"),
    ("payment_plans", "Payment plans"),
    ("receipts", "Receipts and refunds"),
    ("invoices", "Invoices, blue and red"),
]


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_import_choices")]

    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20, verbose_name="what the rows are"),
        ),
        migrations.AlterField(
            model_name="savedmapping", name="kind", field=models.CharField(choices=KINDS, max_length=20)
        ),
    ]
