"""Refuse to empty the tables of evidence, phases and holds."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_keep_rules"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="f64694ac2ba5dc95e14ca37870c8e0ca0344d407",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_60057",
                    table="customers_evidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="holdchange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="e9453998b17786afe13c9772c93aeea6a69911d9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_f1977",
                    table="customers_holdchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownerchange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="eef73626fd84e3478abb9f8c648ecc25026a6a16",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_86344",
                    table="customers_ownerchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phasechange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="cdc7b407eb38ca292971bb3eec29f48744d511bc",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_a3772",
                    table="customers_phasechange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="releaseuse",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="c7936a05073212f50d0faed2722c648a2b57b4b8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_f6ab1",
                    table="customers_releaseuse",
                    when="BEFORE",
                ),
            ),
        ),
    ]
