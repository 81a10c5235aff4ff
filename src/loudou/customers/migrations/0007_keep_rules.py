"""Let every process keep the company's rules about its customers until they change."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_kept_rows"),
        ("customers", "0006_history_of_parts"),
    ]

    operations = [
        # A number from the beginning, so that it is known that there are no rules of one's own yet.
        migrations.RunSQL("SELECT loudou_note_revision('customers_customerrules')", migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="customerrules",
            trigger=pgtrigger.compiler.Trigger(
                name="note_revision",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM loudou_note_revision(TG_TABLE_NAME::text); RETURN NULL;",
                    hash="e0679c7ce12fd5f08ac103e4e5f29b90325ed9c6",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_note_revision_e3d91",
                    table="customers_customerrules",
                    when="AFTER",
                ),
            ),
        ),
    ]
