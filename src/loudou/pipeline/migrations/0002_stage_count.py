"""The function that counts the stages of a process when a transaction ends."""

from django.db import migrations

from loudou.pipeline.models.process import CREATE_STAGE_COUNT_FUNCTION


class Migration(migrations.Migration):
    """Install the function behind the three-to-seven rule."""

    dependencies = [("pipeline", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE_STAGE_COUNT_FUNCTION, "DROP FUNCTION IF EXISTS loudou_check_stage_count(bigint)")
    ]
