"""Personal data: history may be blackened by an erasure."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_blackening'),
        ('people', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='auditentry',
            name='append_only_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['before', 'after', 'reason']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='00e7d484964783f643e1c5b65bc5c29cd3195f48', operation='UPDATE', pgid='pgtrigger_append_only_update_5c124', table='people_auditentry', when='BEFORE')),
        ),
    ]
