"""The functions by which the database lets history lose a person's name, and nothing else."""

from django.db import migrations

from loudou.core.blackening import CREATE_FUNCTIONS, DROP_FUNCTIONS


class Migration(migrations.Migration):
    """Install the functions."""

    dependencies = [("core", "0002_initial")]
    operations = [migrations.RunSQL(CREATE_FUNCTIONS, DROP_FUNCTIONS)]
