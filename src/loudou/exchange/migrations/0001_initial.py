"""Imports and the files of banks."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from loudou.core.migrations._triggers import AddTriggers, audited


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contracts", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("file", models.FileField(blank=True, max_length=255, upload_to="imports/%Y/%m/", verbose_name="file")),
                ("file_name", models.CharField(blank=True, default="", max_length=255, verbose_name="file name")),
                ("file_size", models.PositiveBigIntegerField(default=0, verbose_name="size in bytes")),
                ("encoding", models.CharField(blank=True, default="", max_length=20, verbose_name="encoding")),
                ("delimiter", models.CharField(blank=True, default="", max_length=2, verbose_name="separator")),
                ("sheet", models.PositiveSmallIntegerField(default=0, verbose_name="sheet")),
                ("header_row", models.PositiveIntegerField(default=1, verbose_name="header row")),
                ("headers", models.JSONField(default=list, verbose_name="headings")),
                ("mapping", models.JSONField(default=dict, verbose_name="columns")),
                ("date_order", models.CharField(choices=[("auto", "Find out from the file"), ("ymd", "Year, month, day"), ("mdy", "Month, day, year"), ("dmy", "Day, month, year")], default="auto", max_length=5, verbose_name="order of dates")),
                ("decimal_mark", models.CharField(choices=[("point", "Point: 1,234.56"), ("comma", "Comma: 1.234,56")], default="point", max_length=10, verbose_name="decimal mark")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("contacts", "Contacts"),
                            ("opportunities", "Opportunities"),
                            ("stage_history", "Stage history of opportunities"),
                            ("products", "Products"),
                            ("users", "Users and teams"),
                            ("contracts", "Contracts and orders"),
                            ("payment_plans", "Payment plans"),
                            ("deliveries", "Deliveries and returns"),
                            ("receipts", "Receipts and refunds"),
                            ("invoices", "Invoices, blue and red"),
                        ],
                        max_length=20,
                        verbose_name="what the rows are",
                    ),
                ),
                ("mode", models.CharField(choices=[("both", "Create new records and update known ones"), ("create", "Only create new records"), ("update", "Only update known records")], default="both", max_length=10, verbose_name="mode")),
                (
                    "status",
                    models.CharField(
                        choices=[("uploaded", "Being set up"), ("reading", "Reading the file"), ("checking", "Dry run"), ("ready", "Ready to run"), ("running", "Running"), ("paused", "Paused"), ("stopped", "Stopped"), ("done", "Done"), ("failed", "Failed"), ("undoing", "Being undone"), ("undone", "Undone")],
                        default="uploaded",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("defaults", models.JSONField(default=dict, verbose_name="default values")),
                ("reconciled", models.JSONField(default=dict, verbose_name="values")),
                ("match_keys", models.JSONField(default=list, verbose_name="match by")),
                ("on_match", models.CharField(choices=[("skip", "Skip the row"), ("update_empty", "Fill only what is empty"), ("overwrite", "Overwrite with the file"), ("create", "Create another record")], default="overwrite", max_length=15, verbose_name="when a record is known")),
                ("empty_cell", models.CharField(choices=[("leave", "Leave what is there"), ("clear", "Clear what is there")], default="leave", max_length=10, verbose_name="an empty cell")),
                ("currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency of amounts")),
                ("time_zone", models.CharField(blank=True, default="", max_length=64, verbose_name="time zone of times")),
                ("name_order", models.CharField(choices=[("auto", "As the script has it: Ada Ash, 王芳"), ("first_last", "First name, last name"), ("last_first", "Last name, first name")], default="auto", max_length=10, verbose_name="order of first and last name")),
                ("rows_are_lines", models.BooleanField(default=False, verbose_name="several rows may be lines of one record")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="owner of new records that name none")),
                ("team", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.team", verbose_name="team whose members own new records that name none, in turn")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("progress", models.PositiveIntegerField(default=0, verbose_name="rows done")),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="dry run")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                ("beat_at", models.DateTimeField(blank=True, null=True)),
                ("stop_requested", models.BooleanField(default=False, verbose_name="asked to stop")),
                ("trouble", models.TextField(blank=True, default="", verbose_name="what went wrong")),
                ("created_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["created_by", "-id"], name="import_job_who"), models.Index(condition=models.Q(("status__in", ["reading", "checking", "running", "undoing"])), fields=["beat_at"], name="import_job_busy")],
            },
        ),
        migrations.CreateModel(
            name="SavedMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("contacts", "Contacts"),
                            ("opportunities", "Opportunities"),
                            ("stage_history", "Stage history of opportunities"),
                            ("products", "Products"),
                            ("users", "Users and teams"),
                            ("contracts", "Contracts and orders"),
                            ("payment_plans", "Payment plans"),
                            ("deliveries", "Deliveries and returns"),
                            ("receipts", "Receipts and refunds"),
                            ("invoices", "Invoices, blue and red"),
                        ],
                        max_length=20,
                    ),
                ),
                ("signature", models.CharField(max_length=64)),
                ("choices", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "remembered mapping",
                "verbose_name_plural": "remembered mappings",
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "signature"), name="saved_mapping_once")],
            },
        ),
        migrations.CreateModel(
            name="AccountFormat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=100, verbose_name="our account")),
                ("signature", models.CharField(max_length=64)),
                ("headers", models.JSONField(default=list, verbose_name="headings")),
                ("choices", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField(verbose_name="last used")),
                ("used_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
            ],
            options={
                "verbose_name": "remembered format of a bank's files",
                "verbose_name_plural": "remembered formats of banks' files",
                "ordering": ["account", "-used_at"],
                "constraints": [models.UniqueConstraint(fields=("account", "signature"), name="account_format_once")],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="exchange.importjob")),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("cells", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None, verbose_name="cells")),
                (
                    "verdict",
                    models.CharField(
                        blank=True, choices=[("pending", "Waiting"), ("created", "Created"), ("updated", "Updated"), ("skipped", "Skipped"), ("failed", "Failed"), ("line", "Part of another row's record"), ("undone", "Undone"), ("kept", "Kept: changed since")], default="", max_length=10, verbose_name="dry run"
                    ),
                ),
                (
                    "status",
                    models.CharField(choices=[("pending", "Waiting"), ("created", "Created"), ("updated", "Updated"), ("skipped", "Skipped"), ("failed", "Failed"), ("line", "Part of another row's record"), ("undone", "Undone"), ("kept", "Kept: changed since")], default="pending", max_length=10, verbose_name="status"),
                ),
                ("reasons", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None, verbose_name="reasons")),
                ("target_id", models.BigIntegerField(null=True, verbose_name="record")),
                ("version_left", models.PositiveIntegerField(null=True)),
                ("before", models.JSONField(null=True)),
                ("needs_link", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "row",
                "verbose_name_plural": "rows",
                "ordering": ["job", "number"],
                "indexes": [models.Index(condition=models.Q(("status", "pending")), fields=["job", "number"], name="import_row_pending"), models.Index(fields=["job", "verdict", "number"], name="import_row_verdict"), models.Index(fields=["job", "status", "number"], name="import_row_status")],
                "constraints": [models.UniqueConstraint(fields=("job", "number"), name="import_row_once")],
            },
        ),
        migrations.CreateModel(
            name="ImportExtra",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="extras", to="exchange.importjob")),
                ("label", models.CharField(blank=True, default="", max_length=60, verbose_name="kind")),
                ("target_id", models.BigIntegerField(verbose_name="record")),
            ],
            options={
                "verbose_name": "extra record",
                "verbose_name_plural": "extra records",
                "constraints": [models.UniqueConstraint(fields=("job", "label", "target_id"), name="import_extra_once")],
            },
        ),
        migrations.CreateModel(
            name="StatementFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("file", models.FileField(blank=True, max_length=255, upload_to="imports/%Y/%m/", verbose_name="file")),
                ("file_name", models.CharField(blank=True, default="", max_length=255, verbose_name="file name")),
                ("file_size", models.PositiveBigIntegerField(default=0, verbose_name="size in bytes")),
                ("encoding", models.CharField(blank=True, default="", max_length=20, verbose_name="encoding")),
                ("delimiter", models.CharField(blank=True, default="", max_length=2, verbose_name="separator")),
                ("sheet", models.PositiveSmallIntegerField(default=0, verbose_name="sheet")),
                ("header_row", models.PositiveIntegerField(default=1, verbose_name="header row")),
                ("headers", models.JSONField(default=list, verbose_name="headings")),
                ("mapping", models.JSONField(default=dict, verbose_name="columns")),
                ("date_order", models.CharField(choices=[("auto", "Find out from the file"), ("ymd", "Year, month, day"), ("mdy", "Month, day, year"), ("dmy", "Day, month, year")], default="auto", max_length=5, verbose_name="order of dates")),
                ("decimal_mark", models.CharField(choices=[("point", "Point: 1,234.56"), ("comma", "Comma: 1.234,56")], default="point", max_length=10, verbose_name="decimal mark")),
                ("account", models.CharField(max_length=100, verbose_name="our account")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("format", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="exchange.accountformat", verbose_name="remembered format")),
                ("statement", models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="file", to="contracts.bankstatement", verbose_name="bank statement")),
                ("left_out", models.PositiveIntegerField(default=0, verbose_name="rows left out")),
                ("created_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
            ],
            options={
                "verbose_name": "file of a bank",
                "verbose_name_plural": "files of banks",
                "ordering": ["-pk"],
            },
        ),
        AddTriggers(
            *audited("exchange.AccountFormat", exclude=("used_at",)),
            *audited("exchange.ImportJob", exclude=("progress", "counts", "beat_at", "updated_at", "version")),
            *audited("exchange.StatementFile", exclude=("updated_at", "version")),
        ),
    ]
