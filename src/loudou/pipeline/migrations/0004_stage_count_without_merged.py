"""Stages that were merged into another no longer count among the three to seven."""

from django.db import migrations

from loudou.pipeline.models.process import CREATE_STAGE_COUNT_FUNCTION


class Migration(migrations.Migration):
    """Install the function again, now that it leaves merged stages out."""

    dependencies = [("pipeline", "0003_merged_stages")]
    operations = [migrations.RunSQL(CREATE_STAGE_COUNT_FUNCTION, migrations.RunSQL.noop)]
