"""The truth behind the demo."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoTruth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("world", "The whole simulation"), ("rep", "A sales rep"), ("stage", "A stage"), ("effect", "What moves the chance of winning"), ("season", "The seasons"), ("payer", "How a customer pays")], max_length=8, verbose_name="about what")),
                ("about", models.CharField(max_length=200, verbose_name="name")),
                ("object_id", models.BigIntegerField(null=True, verbose_name="record")),
                ("facts", models.JSONField(verbose_name="facts")),
            ],
            options={
                "verbose_name": "truth behind the demo",
                "verbose_name_plural": "truths behind the demo",
                "ordering": ["kind", "about"],
                "constraints": [models.UniqueConstraint(fields=("kind", "about"), name="demo_truth_once")],
            },
        ),
    ]
