"""One more reason for which a customer changes hands."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ownerchange',
            name='cause',
            field=models.CharField(choices=[('created', 'Created'), ('assigned', 'Assigned'), ('imported', 'Imported'), ('handover', 'Handed over')], max_length=12, verbose_name='cause'),
        ),
    ]
