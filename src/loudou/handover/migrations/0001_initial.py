"""Handovers, what they move, and letters about them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from loudou.core.migrations._triggers import AddTriggers, append_only, audited


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0002_handover_cause'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('keeps_access', models.BooleanField(default=False, verbose_name='keeps access')),
                ('last_day', models.DateField(verbose_name='last working day')),
                ('reason', models.CharField(blank=True, default='', max_length=255, verbose_name='reason')),
                ('note', models.TextField(blank=True, default='', verbose_name='what successors should know')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='carried out by')),
                ('leaver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who handed over')),
            ],
            options={
                'verbose_name': 'handover',
                'verbose_name_plural': 'handovers',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='HandoverPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='handover.handover')),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor')),
            ],
            options={
                'verbose_name': 'part of a handover',
                'verbose_name_plural': 'parts of handovers',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='HandoverItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('customer', 'Customers'), ('opportunity', 'Open opportunities'), ('contract', 'Contracts'), ('contact', 'Contacts'), ('customer_member', "Work on colleagues' customers"), ('sale_member', "Work on colleagues' opportunities"), ('saved_view', 'Shared views')], max_length=16, verbose_name='kind')),
                ('object_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=400, verbose_name='name')),
                ('customer_ref', models.BigIntegerField(null=True)),
                ('customer_name', models.CharField(blank=True, default='', max_length=255, verbose_name='customer')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, null=True, verbose_name='amount')),
                ('owed', models.DecimalField(decimal_places=4, max_digits=19, null=True, verbose_name='still owed')),
                ('currency', models.CharField(blank=True, default='', max_length=3, verbose_name='currency')),
                ('due_on', models.DateField(null=True, verbose_name='due')),
                ('detail', models.CharField(blank=True, default='', max_length=255, verbose_name='next step')),
                ('note', models.TextField(blank=True, default='', verbose_name='note')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='handover.handoverpart')),
            ],
            options={
                'verbose_name': 'thing handed over',
                'verbose_name_plural': 'things handed over',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('remark', models.CharField(blank=True, default='', max_length=500, verbose_name='remark')),
                ('part', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation', to='handover.handoverpart')),
            ],
            options={
                'verbose_name': 'confirmation of receipt',
                'verbose_name_plural': 'confirmations of receipt',
            },
        ),
        migrations.CreateModel(
            name='HandoverPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('keeps_access', models.BooleanField(default=False, verbose_name='keeps access')),
                ('last_day', models.DateField(verbose_name='last working day')),
                ('reason', models.CharField(blank=True, default='', max_length=255, verbose_name='reason')),
                ('note', models.TextField(blank=True, default='', verbose_name='what successors should know')),
                ('state', models.CharField(choices=[('open', 'Being prepared'), ('done', 'Carried out'), ('dropped', 'Given up')], default='open', max_length=8, verbose_name='state')),
                ('leaver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who hands over')),
                ('prepared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor for everything else')),
            ],
            options={
                'verbose_name': 'prepared handover',
                'verbose_name_plural': 'prepared handovers',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='handover',
            name='plan',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handover', to='handover.handoverplan'),
        ),
        migrations.CreateModel(
            name='PlanChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('customer', 'Customers'), ('opportunity', 'Open opportunities'), ('contract', 'Contracts'), ('contact', 'Contacts'), ('customer_member', "Work on colleagues' customers"), ('sale_member', "Work on colleagues' opportunities"), ('saved_view', 'Shared views')], max_length=16, verbose_name='kind')),
                ('object_id', models.BigIntegerField()),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='handover.handoverplan')),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor')),
            ],
            options={
                'verbose_name': 'choice of a successor',
                'verbose_name_plural': 'choices of successors',
            },
        ),
        migrations.CreateModel(
            name='PlanNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer', verbose_name='customer')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='handover.handoverplan')),
            ],
            options={
                'verbose_name': 'note on a customer',
                'verbose_name_plural': 'notes on customers',
            },
        ),
        migrations.CreateModel(
            name='HandoverLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('customer_name', models.CharField(blank=True, default='', max_length=255, verbose_name='customer')),
                ('address', models.EmailField(max_length=254, verbose_name='mail')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
                ('state', models.CharField(choices=[('draft', 'To be copied'), ('waiting', 'Waiting'), ('sending', 'Being sent'), ('sent', 'Sent'), ('failed', 'Not sent')], default='waiting', max_length=8, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('trouble', models.CharField(blank=True, default='', max_length=500, verbose_name='what went wrong')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.contact', verbose_name='contact')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='handover.handover')),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor')),
            ],
            options={
                'verbose_name': 'letter about a handover',
                'verbose_name_plural': 'letters about handovers',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'contact'), name='handover_letter_once')],
            },
        ),
        migrations.AddIndex(
            model_name='handoverpart',
            index=models.Index(fields=['successor', 'handover'], name='handover_part_successor'),
        ),
        migrations.AddConstraint(
            model_name='handoverpart',
            constraint=models.UniqueConstraint(fields=('handover', 'successor'), name='handover_part_once'),
        ),
        migrations.AddIndex(
            model_name='handoveritem',
            index=models.Index(fields=['part', 'kind', 'id'], name='handover_item_part'),
        ),
        migrations.AddIndex(
            model_name='handoveritem',
            index=models.Index(fields=['kind', 'object_id'], name='handover_item_thing'),
        ),
        migrations.AddConstraint(
            model_name='handoverplan',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('leaver',), name='handover_plan_open_once', violation_error_message='A handover of this person is already being prepared.'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['leaver', '-at'], name='handover_leaver'),
        ),
        migrations.AddConstraint(
            model_name='planchoice',
            constraint=models.UniqueConstraint(fields=('plan', 'kind', 'object_id'), name='handover_choice_once'),
        ),
        migrations.AddConstraint(
            model_name='plannote',
            constraint=models.UniqueConstraint(fields=('plan', 'customer'), name='handover_note_once'),
        ),
        AddTriggers(
            *audited("handover.HandoverPlan"),
            *audited("handover.PlanChoice", part_of=("handover_handoverplan", "plan_id")),
            *audited("handover.PlanNote", part_of=("handover_handoverplan", "plan_id")),
            *audited("handover.Handover"),
            *append_only("handover.Handover"),
            *append_only("handover.HandoverPart"),
            *append_only("handover.HandoverItem"),
            *append_only("handover.Confirmation"),
            *audited("handover.HandoverLetter", part_of=("handover_handover", "handover_id")),
        ),
    ]
