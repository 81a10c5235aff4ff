"""Find what waits for an invoice among few lines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0010_never_emptied"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contractline",
            index=models.Index(
                condition=models.Q(("delivered_amount__gt", models.F("invoiced_amount"))),
                fields=["contract"],
                name="contract_line_to_invoice",
            ),
        ),
    ]
