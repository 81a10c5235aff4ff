"""Handovers may be blackened by an erasure."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_blackening"),
        ('handover', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='confirmation',
            name='append_only_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='handover',
            name='append_only_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='handoveritem',
            name='append_only_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['remark']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='3ab5fc2397e9b620f551f3e1f09eb79c75422c34', operation='UPDATE', pgid='pgtrigger_append_only_update_55835', table='handover_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handover',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason', 'note']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='ee24c390aee09d5ad29b500bb0a413f4024796ae', operation='UPDATE', pgid='pgtrigger_append_only_update_87108', table='handover_handover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoveritem',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['name', 'detail', 'note']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='c5c92447849aaad4c4e146c6e333d82148eeeca5', operation='UPDATE', pgid='pgtrigger_append_only_update_4a987', table='handover_handoveritem', when='BEFORE')),
        ),
    ]
