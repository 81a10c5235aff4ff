"""A bank reference counts once within an account, in whatever spelling the account is written."""

import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0003_tax_and_terms'),
        ('customers', '0003_personal_data'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='receipt',
            name='receipt_bank_reference_once',
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(models.F('bank_reference'), django.db.models.functions.text.Lower(models.Func(models.Func(models.F('account'), template='normalize(%(expressions)s, NFKC)'), models.Value('[\\s‐‑‒–—―−_.·•,，、/-]+'), models.Value(''), models.Value('g'), function='regexp_replace')), condition=models.Q(('reversed', 0), models.Q(('bank_reference', ''), _negated=True)), name='receipt_bank_reference_once', violation_error_message='A receipt with this bank reference is already posted.'),
        ),
    ]
