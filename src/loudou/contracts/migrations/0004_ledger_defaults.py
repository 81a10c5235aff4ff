"""A fresh installation has payment plans to start from, and can number refunds."""

from django.db import migrations

from loudou.contracts import defaults


def install(apps, schema_editor):
    """Install what is shipped, unless the company has its own."""
    defaults.install(apps.get_model("contracts", "NumberSeries"))
    defaults.install_plan_templates(
        apps.get_model("contracts", "PlanTemplate"), apps.get_model("contracts", "TemplateInstalment")
    )


class Migration(migrations.Migration):
    """Install the templates of payment plans and the series that came since."""

    dependencies = [("contracts", "0003_ledger")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
