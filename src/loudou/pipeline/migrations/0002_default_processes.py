"""A fresh installation can sell at once: two processes and nine loss reasons."""

from django.db import migrations

from loudou.pipeline import defaults


def install(apps, schema_editor):
    """Install what is shipped, unless the company already has processes of its own."""
    defaults.install(
        apps.get_model("pipeline", "SalesProcess"),
        apps.get_model("pipeline", "Stage"),
        apps.get_model("pipeline", "StageCriterion"),
        apps.get_model("pipeline", "LossReason"),
    )


class Migration(migrations.Migration):
    """Install the processes and loss reasons that are shipped."""

    dependencies = [("pipeline", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
