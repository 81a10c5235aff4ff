"""The register of requests about personal data."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0003_personal_data'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonalDataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('kind', models.CharField(choices=[('copy', 'Copy of the data'), ('erase', 'Erasure')], max_length=10, verbose_name='what is asked for')),
                ('ground', models.CharField(choices=[('request', 'The person asked for it'), ('consent', 'Consent was withdrawn'), ('purpose', 'The data are no longer needed'), ('other', 'Another ground, see the note')], default='request', max_length=10, verbose_name='ground')),
                ('asked_on', models.DateField(verbose_name='asked on')),
                ('way', models.CharField(choices=[('mail', 'By mail'), ('phone', 'By phone'), ('message', 'By message'), ('letter', 'By letter'), ('in_person', 'In person'), ('ourselves', 'Our own decision')], max_length=10, verbose_name='how')),
                ('due_on', models.DateField(verbose_name='answer until')),
                ('note', models.CharField(blank=True, default='', max_length=500, verbose_name='note')),
                ('done_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='answered')),
                ('counts', models.JSONField(blank=True, default=dict, editable=False, verbose_name='counts')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='personal_data_requests', to='customers.contact', verbose_name='contact')),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
            ],
            options={
                'verbose_name': 'request about personal data',
                'verbose_name_plural': 'requests about personal data',
                'ordering': ['-asked_on', '-pk'],
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['due_on'], name='personal_data_request_due'), models.Index(fields=['-asked_on', '-id'], name='personal_data_request_asked')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('contact', 'kind'), name='personal_data_request_open_once', violation_error_message='A request of this kind is still open for this contact.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personaldatarequest',
            trigger=pgtrigger.compiler.Trigger(name='audit_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE context jsonb := coalesce(nullif(current_setting(\'loudou.audit\', true), \'\'), \'{"source": "database"}\')::jsonb;', func="\n    INSERT INTO people_auditentry\n        (at, actor_id, source, request_id, ip_address, reason, table_name, object_id, operation, before, after, whole)\n\n        SELECT clock_timestamp(), (context->>'actor')::bigint, coalesce(context->>'source', 'database'),\n           coalesce(context->>'request', ''), (context->>'ip')::inet, coalesce(context->>'reason', ''), TG_TABLE_NAME, to_jsonb(n)->>'id', 'insert', NULL, jsonb_strip_nulls((to_jsonb(n))), 'customers_contact ' || n.contact_id FROM new_rows n;\n        RETURN NULL;", hash='9c0f1c107e5ace4ee87e8f58c0cf27907cf0671c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_audit_insert_9a675', referencing='REFERENCING NEW TABLE AS new_rows ', table='privacy_personaldatarequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personaldatarequest',
            trigger=pgtrigger.compiler.Trigger(name='audit_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE context jsonb := coalesce(nullif(current_setting(\'loudou.audit\', true), \'\'), \'{"source": "database"}\')::jsonb;', func="\n    INSERT INTO people_auditentry\n        (at, actor_id, source, request_id, ip_address, reason, table_name, object_id, operation, before, after, whole)\n\n        SELECT clock_timestamp(), (context->>'actor')::bigint, coalesce(context->>'source', 'database'),\n           coalesce(context->>'request', ''), (context->>'ip')::inet, coalesce(context->>'reason', ''), TG_TABLE_NAME, to_jsonb(n)->>'id', 'update', changed.before, changed.after, 'customers_contact ' || n.contact_id\n        FROM new_rows n JOIN old_rows o ON o.id = n.id\n        CROSS JOIN LATERAL (\n            SELECT jsonb_object_agg(was.key, was.value) AS before, jsonb_object_agg(was.key, (to_jsonb(n))->was.key) AS after\n            FROM jsonb_each((to_jsonb(o))) was WHERE was.value IS DISTINCT FROM (to_jsonb(n))->was.key\n        ) changed\n        WHERE changed.before IS NOT NULL;\n        RETURN NULL;", hash='d476b22dcd7d441e1993b8dc9887d3f701bfd890', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_audit_update_a88fe', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='privacy_personaldatarequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personaldatarequest',
            trigger=pgtrigger.compiler.Trigger(name='audit_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE context jsonb := coalesce(nullif(current_setting(\'loudou.audit\', true), \'\'), \'{"source": "database"}\')::jsonb;', func="\n    INSERT INTO people_auditentry\n        (at, actor_id, source, request_id, ip_address, reason, table_name, object_id, operation, before, after, whole)\n\n        SELECT clock_timestamp(), (context->>'actor')::bigint, coalesce(context->>'source', 'database'),\n           coalesce(context->>'request', ''), (context->>'ip')::inet, coalesce(context->>'reason', ''), TG_TABLE_NAME, to_jsonb(o)->>'id', 'delete', jsonb_strip_nulls((to_jsonb(o))), NULL, 'customers_contact ' || o.contact_id FROM old_rows o;\n        RETURN NULL;", hash='2230ee3ccffb12bf6f1da619aada947522cccca1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_audit_delete_3f223', referencing='REFERENCING OLD TABLE AS old_rows ', table='privacy_personaldatarequest', when='AFTER')),
        ),
    ]
