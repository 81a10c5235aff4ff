"""A fresh installation can draft contracts and number its documents at once."""

from django.db import migrations

from loudou.contracts import defaults


def install(apps, schema_editor):
    """Install what is shipped, unless the company has its own."""
    defaults.install(apps.get_model("contracts", "NumberSeries"))
    defaults.install_clauses(apps.get_model("contracts", "ClauseTemplate"))


class Migration(migrations.Migration):
    """Install the number series and clauses that are shipped."""

    dependencies = [("contracts", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
