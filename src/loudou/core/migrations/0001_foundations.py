"""What the tables stand on: extensions and the functions behind search."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations

from loudou.core.searchtext import CREATE_ARRAY_FUNCTION, CREATE_FUNCTION, DROP_FUNCTION


class Migration(migrations.Migration):
    """Install extensions and search functions."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
        migrations.RunSQL(CREATE_ARRAY_FUNCTION, "DROP FUNCTION IF EXISTS loudou_array_text(text[])"),
    ]
