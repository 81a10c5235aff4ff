"""Refuse to empty the audit."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_history_of_parts"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="auditentry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="54867c5e69940e1bc407888f821010d80fdcf3b8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_973ca",
                    table="people_auditentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
