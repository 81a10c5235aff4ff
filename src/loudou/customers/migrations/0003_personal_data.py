"""Contacts that were erased, whom not to collect again, and the door for blackening their history."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_blackening'),
        ('customers', '0002_handover_cause'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ForgottenIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('mail', 'Mail'), ('wechat', 'WeChat'), ('external_id', 'Id in another system')], max_length=12, verbose_name='kind')),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('key_mark', models.CharField(editable=False, max_length=8)),
                ('created_at', models.DateTimeField(verbose_name='erased')),
            ],
            options={
                'verbose_name': 'identity that is not collected again',
                'verbose_name_plural': 'identities that are not collected again',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='append_only_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='holdchange',
            name='append_only_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='ownerchange',
            name='append_only_update',
        ),
        migrations.AddField(
            model_name='contact',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='erased'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['subject_label', 'cause', 'facts']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='d119cd6ee738505f9fa57a1f1583553c747d0e20', operation='UPDATE', pgid='pgtrigger_append_only_update_ca07b', table='customers_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdchange',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='3e5e5d8c845baf97b2293a7c06916024e27081d2', operation='UPDATE', pgid='pgtrigger_append_only_update_6d593', table='customers_holdchange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownerchange',
            trigger=pgtrigger.compiler.Trigger(name='append_only_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']) THEN RETURN NEW; END IF;\nRAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;", hash='75d06c48f95c6a16118e2f7c8a89f04ea48f9389', operation='UPDATE', pgid='pgtrigger_append_only_update_189c6', table='customers_ownerchange', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('birthday__isnull', True), ('do_not_call', True), ('do_not_mail', True), ('do_not_message', True), ('emails', []), ('external_id', ''), ('notes', ''), ('phones', []), ('preferred_channel', ''), ('salutation', ''), ('wants_festival_greetings', False), ('wechat', '')), _connector='OR'), name='contact_erased_is_empty', violation_error_message='Nothing is written to a contact who was erased.'),
        ),
        migrations.AddField(
            model_name='forgottenidentity',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forgotten_identities', to='customers.contact'),
        ),
        migrations.AddConstraint(
            model_name='forgottenidentity',
            constraint=models.UniqueConstraint(fields=('digest', 'contact'), name='forgotten_identity_once'),
        ),
    ]
