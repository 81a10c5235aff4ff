"""What was learned from the opportunities that are closed."""

import django.db.models.deletion
from django.db import migrations, models

from loudou.core.migrations._triggers import AddTriggers, first_numbers, noted


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0002_initial"), ("pipeline", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LearnedStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("sample", models.PositiveIntegerField(verbose_name="opportunities observed")),
                ("won", models.PositiveIntegerField(verbose_name="won")),
                ("lost", models.PositiveIntegerField(verbose_name="lost")),
                ("win_rate", models.FloatField(null=True, verbose_name="learned win rate")),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("undecided", models.FloatField(null=True, verbose_name="still undecided")),
                ("horizon_days", models.PositiveIntegerField(null=True)),
                ("median_days", models.PositiveIntegerField(null=True, verbose_name="median days")),
                ("p80_days", models.PositiveIntegerField(null=True, verbose_name="80th percentile of days")),
                ("stays", models.PositiveIntegerField(verbose_name="stays observed")),
                ("stays_finished", models.PositiveIntegerField(verbose_name="stays finished")),
                ("stage", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="learned", to="pipeline.stage")),
            ],
            options={
                "verbose_name": "learned stage",
                "verbose_name_plural": "learned stages",
            },
        ),
        migrations.CreateModel(
            name="LearnedProcess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("sample", models.PositiveIntegerField(verbose_name="opportunities observed")),
                ("won", models.PositiveIntegerField(verbose_name="won")),
                ("lost", models.PositiveIntegerField(verbose_name="lost")),
                ("win_rate", models.FloatField(null=True, verbose_name="learned win rate")),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("undecided", models.FloatField(null=True, verbose_name="still undecided")),
                ("horizon_days", models.PositiveIntegerField(null=True)),
                ("median_days", models.PositiveIntegerField(null=True, verbose_name="median days")),
                ("p80_days", models.PositiveIntegerField(null=True, verbose_name="80th percentile of days")),
                ("stays", models.PositiveIntegerField(verbose_name="stays observed")),
                ("stays_finished", models.PositiveIntegerField(verbose_name="stays finished")),
                ("process", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="learned", to="pipeline.salesprocess")),
            ],
            options={
                "verbose_name": "learned process",
                "verbose_name_plural": "learned processes",
            },
        ),
        AddTriggers(
            *noted("insights.LearnedProcess"),
            *noted("insights.LearnedStage"),
        ),
        first_numbers("insights_learnedprocess", "insights_learnedstage"),
    ]
