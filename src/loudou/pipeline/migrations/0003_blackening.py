"""Personal data: history may be blackened by an erasure."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_blackening'),
        ('pipeline', '0002_default_processes'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='stagechange',
            name='append_only_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stagechange',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['note']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='d253dddc7c5e6ccc1749af7c7b06bad17ac34fa5', operation='UPDATE', pgid='pgtrigger_append_only_update_a2659', table='pipeline_stagechange', when='BEFORE')),
        ),
    ]
