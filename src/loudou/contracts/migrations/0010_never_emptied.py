"""Refuse to empty the tables of what was posted."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0009_taking_deliveries_back"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="allocation",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="30d96d434ee9454adb0a79f4b6897ff7c7926393",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_14941",
                    table="contracts_allocation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billevent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="e6ec6cce6abc0466ecdd147048ebb68f249f6805",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_25eb5",
                    table="contracts_billevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contractact",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="f325aa3473cef04e487fd7dfeb39a46301cd1009",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_800ad",
                    table="contracts_contractact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="delivery",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="b22d275a4a14fe65bc1858e0d4d9f1c3dfd3512c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_19a2e",
                    table="contracts_delivery",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deliveryacceptance",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="0f0652b92c9d2f518e328f2ed8c6169ec381a797",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_9bf1c",
                    table="contracts_deliveryacceptance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deliveryline",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="921014251a7aa5710ab2a44cbc4e52fdb5b883c1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_5d7e3",
                    table="contracts_deliveryline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="fa078e838407d782b38ae24113f43d331dab6881",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_738e2",
                    table="contracts_discountdecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="0a47cbd75b61f6a184118c8317d8c97a6cacddaf",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_b0d8b",
                    table="contracts_discountrequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangedifference",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="704724730a4fea90b005e3f627983332884e3b2b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_d2114",
                    table="contracts_exchangedifference",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalment",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="377fbadbbdad8d8075083baa8b08b0bab8780158",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_0cc44",
                    table="contracts_instalment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoice",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="33881f8e72e95e30e9aa7723490deac487dba6d1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_19112",
                    table="contracts_invoice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoiceline",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="d687456d91fc726c96ba7ae404cd2e6be6ff122c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_b8c1b",
                    table="contracts_invoiceline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="b87d2d40aef12178753dc5dd49a6df45760bccdd",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_0edd7",
                    table="contracts_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refund",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="36d8950e8e595665886801d32170b9a2c1ee8009",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_bf1a4",
                    table="contracts_refund",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reversal",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="e85a67031dd813b7f6fd09ea874f886d7fd54023",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_92713",
                    table="contracts_reversal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementline",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="5dbb3fcd738fddb26804d1ec5d9ed865d6b5f604",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_5a863",
                    table="contracts_statementline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementposting",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN\n                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;\n            END IF;\n            RETURN NULL;\n        ",
                    hash="d73494448d63a6a7348048e0cba6798feeb0c10a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_dfd52",
                    table="contracts_statementposting",
                    when="BEFORE",
                ),
            ),
        ),
    ]
