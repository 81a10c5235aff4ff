"""Refuse to empty the history of stages."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0007_list_orders"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="stagechange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="df40d475fd26fa589e280d4b11a39e97b85b0281",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_d7387",
                    table="pipeline_stagechange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
