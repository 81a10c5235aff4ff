"""Cards of the playbook, and what their readers make of them."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import loudou.core.searchtext
from loudou.core.migrations._triggers import AddTriggers, audited


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0002_tax_rate'),
        ('pipeline', '0002_default_processes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('kind', models.CharField(choices=[('talk_track', 'Talk track'), ('objection', 'Objection and answer'), ('competitor', 'Competitor note'), ('fact', 'Fact')], max_length=12, verbose_name='kind')),
                ('title', models.CharField(blank=True, default='', max_length=120, verbose_name='title in English')),
                ('title_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='title in Chinese')),
                ('body', models.TextField(blank=True, default='', verbose_name='text in English')),
                ('body_zh', models.TextField(blank=True, default='', verbose_name='text in Chinese')),
                ('purchase_kind', models.CharField(blank=True, choices=[('new', 'New'), ('additional', 'Additional or repeat'), ('replacement', 'Replacement')], default='', max_length=12, verbose_name='kind of purchase')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10, verbose_name='state')),
                ('edition', models.PositiveIntegerField(default=1, editable=False, verbose_name='edition')),
                ('checked_on', models.DateField(editable=False, null=True, verbose_name='checked on')),
                ('checked_until', models.DateField(blank=True, null=True, verbose_name='checked until')),
                ('search_text', models.GeneratedField(db_persist=True, expression=loudou.core.searchtext.SearchDocument(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value(''), output_field=models.TextField()), django.db.models.functions.comparison.Coalesce(models.F('title_zh'), models.Value(''), output_field=models.TextField()), django.db.models.functions.comparison.Coalesce(models.F('body'), models.Value(''), output_field=models.TextField()), django.db.models.functions.comparison.Coalesce(models.F('body_zh'), models.Value(''), output_field=models.TextField())), output_field=models.TextField())),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('competitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.competitor', verbose_name='competitor')),
                ('keeper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='keeper')),
            ],
            options={
                'verbose_name': 'card of the playbook',
                'verbose_name_plural': 'cards of the playbook',
                'ordering': ['kind', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CardLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='about_lines', to='playbook.card')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.productline', verbose_name='product line')),
            ],
            options={
                'verbose_name': 'product line of a card',
                'verbose_name_plural': 'product lines of cards',
            },
        ),
        migrations.AddField(
            model_name='card',
            name='lines',
            field=models.ManyToManyField(blank=True, related_name='+', through='playbook.CardLine', to='catalog.productline', verbose_name='product lines'),
        ),
        migrations.CreateModel(
            name='CardProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='about_products', to='playbook.card')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'product of a card',
                'verbose_name_plural': 'products of cards',
            },
        ),
        migrations.AddField(
            model_name='card',
            name='products',
            field=models.ManyToManyField(blank=True, related_name='+', through='playbook.CardProduct', to='catalog.product', verbose_name='products'),
        ),
        migrations.CreateModel(
            name='CardStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='for_stages', to='playbook.card')),
                ('stage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pipeline.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name': 'stage of a card',
                'verbose_name_plural': 'stages of cards',
            },
        ),
        migrations.AddField(
            model_name='card',
            name='stages',
            field=models.ManyToManyField(blank=True, related_name='+', through='playbook.CardStage', to='pipeline.stage', verbose_name='stages'),
        ),
        migrations.CreateModel(
            name='CardSuggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('text', models.CharField(max_length=1000, verbose_name='suggestion')),
                ('edition', models.PositiveIntegerField(verbose_name='edition')),
                ('suggested_at', models.DateTimeField(verbose_name='suggested')),
                ('state', models.CharField(choices=[('open', 'Open'), ('taken', 'Taken up'), ('declined', 'Not taken up')], default='open', editable=False, max_length=8, verbose_name='state')),
                ('answer', models.CharField(blank=True, default='', max_length=500, verbose_name='answer')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='answered')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='playbook.card', verbose_name='card')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('suggested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='suggested by')),
            ],
            options={
                'verbose_name': 'suggested correction',
                'verbose_name_plural': 'suggested corrections',
                'ordering': ['suggested_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CardUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='day')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='playbook.card', verbose_name='card')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'use of a card',
                'verbose_name_plural': 'uses of cards',
            },
        ),
        migrations.CreateModel(
            name='CardVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_useful', models.BooleanField(verbose_name='useful')),
                ('edition', models.PositiveIntegerField(verbose_name='edition')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='playbook.card', verbose_name='card')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'vote on a card',
                'verbose_name_plural': 'votes on cards',
            },
        ),
        migrations.AddConstraint(
            model_name='cardline',
            constraint=models.UniqueConstraint(fields=('card', 'line'), name='card_line_once'),
        ),
        migrations.AddConstraint(
            model_name='cardproduct',
            constraint=models.UniqueConstraint(fields=('card', 'product'), name='card_product_once'),
        ),
        migrations.AddConstraint(
            model_name='cardstage',
            constraint=models.UniqueConstraint(fields=('card', 'stage'), name='card_stage_once'),
        ),
        migrations.AddIndex(
            model_name='card',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), 'gin_trgm_ops'), name='card_search'),
        ),
        migrations.AddIndex(
            model_name='card',
            index=models.Index(fields=['state', 'checked_until'], name='card_state_checked'),
        ),
        migrations.AddIndex(
            model_name='card',
            index=models.Index(fields=['competitor'], name='card_competitor'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('title_zh', ''), _negated=True), _connector='OR'), name='card_has_words', violation_error_message='Write title and text in at least one language.'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('body', ''), ('title', '')), models.Q(models.Q(('title', ''), _negated=True), models.Q(('body', ''), _negated=True)), _connector='OR'), name='card_english_is_whole', violation_error_message='A title needs its text, and a text its title: complete the English.'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('body_zh', ''), ('title_zh', '')), models.Q(models.Q(('title_zh', ''), _negated=True), models.Q(('body_zh', ''), _negated=True)), _connector='OR'), name='card_chinese_is_whole', violation_error_message='A title needs its text, and a text its title: complete the Chinese.'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'competitor'), _negated=True), ('competitor__isnull', False), _connector='OR'), name='card_note_names_competitor', violation_error_message='A competitor note is about one competitor: choose which.'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('checked_on__isnull', False), ('checked_until__isnull', False)), _connector='OR'), name='card_published_is_checked', violation_error_message='A published card says until when it was checked.'),
        ),
        migrations.AddIndex(
            model_name='cardsuggestion',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['card'], name='card_suggestion_open'),
        ),
        migrations.AddConstraint(
            model_name='carduse',
            constraint=models.UniqueConstraint(fields=('card', 'user', 'on'), name='card_use_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='cardvote',
            constraint=models.UniqueConstraint(fields=('card', 'user'), name='card_vote_once'),
        ),
        AddTriggers(
            *audited("playbook.Card", exclude=("search_text",)),
            *audited("playbook.CardProduct", part_of=("playbook_card", "card_id")),
            *audited("playbook.CardLine", part_of=("playbook_card", "card_id")),
            *audited("playbook.CardStage", part_of=("playbook_card", "card_id")),
            *audited("playbook.CardVote", part_of=("playbook_card", "card_id")),
            *audited("playbook.CardSuggestion", part_of=("playbook_card", "card_id")),
        ),
    ]
