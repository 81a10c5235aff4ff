"""People and their teams, how they sign in, and the audit."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import loudou.core.searchtext
from loudou.core.migrations._triggers import AddTriggers, append_only, audited
from loudou.people.models.audit import CREATE_DOCUMENT_FUNCTION


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_foundations")]

    operations = [
        migrations.RunSQL(CREATE_DOCUMENT_FUNCTION, "DROP FUNCTION IF EXISTS loudou_audit_document(jsonb, jsonb)"),
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("account", models.CharField(max_length=64)),
                ("ip_address", models.GenericIPAddressField(null=True)),
            ],
            options={
                "verbose_name": "sign-in attempt",
                "verbose_name_plural": "sign-in attempts",
                "indexes": [models.Index(fields=["account", "at"], name="attempt_account"), models.Index(fields=["ip_address", "at"], name="attempt_address"), models.Index(fields=["at"], name="attempt_at")],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="team name")),
                ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="people.team", verbose_name="part of")),
                ("region", models.CharField(blank=True, default="", max_length=120, verbose_name="region")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("name",), name="team_name_once", violation_error_message="There is already a team of this name."),
                    models.CheckConstraint(condition=models.Q(("parent__isnull", True), models.Q(("parent", models.F("pk")), _negated=True), _connector="OR"), name="team_not_its_own_parent", violation_error_message="A team cannot be part of itself."),
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=150, unique=True, verbose_name="sign-in name")),
                ("name", models.CharField(max_length=150, verbose_name="full name")),
                ("email", models.EmailField(blank=True, default="", max_length=254, verbose_name="mail")),
                ("phone", models.CharField(blank=True, default="", max_length=40, verbose_name="phone")),
                ("title", models.CharField(blank=True, default="", max_length=100, verbose_name="job title")),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("rep", "Sales rep"), ("manager", "Sales manager"), ("operations", "Sales operations"), ("finance", "Finance"), ("executive", "Executive"), ("administrator", "Administrator"), ("auditor", "Auditor")], max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="roles",
                    ),
                ),
                ("language", models.CharField(choices=[("en", "English"), ("zh-hans", "简体中文")], default="zh-hans", max_length=10, verbose_name="language")),
                ("theme", models.CharField(choices=[("auto", "Like the device"), ("light", "Light"), ("dark", "Dark")], default="auto", max_length=10, verbose_name="theme")),
                ("use_wan", models.BooleanField(default=False, verbose_name="show large amounts in 万 and 亿")),
                ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                ("require_second_factor", models.BooleanField(default=False, verbose_name="needs a second factor to sign in")),
                ("external_id", models.CharField(blank=True, default="", max_length=100, verbose_name="id in another system")),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=loudou.core.searchtext.SearchDocument(
                            django.db.models.functions.comparison.Coalesce(models.F("name"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("username"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("email"), models.Value(""), output_field=models.TextField()),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "ordering": ["name", "pk"],
                "indexes": [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="user_search")],
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("username"), name="user_username_once", violation_error_message="This sign-in name is taken."),
                    models.UniqueConstraint(django.db.models.functions.text.Lower("email"), condition=models.Q(("email", ""), _negated=True), name="user_email_once", violation_error_message="Another user has this mail address."),
                    models.UniqueConstraint(condition=models.Q(("external_id", ""), _negated=True), fields=("external_id",), name="user_external_id_once", violation_error_message="Another user has this id of another system."),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
                ("source", models.CharField(max_length=40, verbose_name="from where")),
                ("request_id", models.CharField(blank=True, max_length=40, verbose_name="request")),
                ("ip_address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("table_name", models.CharField(max_length=80, verbose_name="table")),
                ("object_id", models.CharField(max_length=40, null=True, verbose_name="record")),
                ("operation", models.CharField(choices=[("insert", "created"), ("update", "changed"), ("delete", "deleted"), ("event", "happened")], max_length=10, verbose_name="what")),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
                ("whole", models.CharField(max_length=120, null=True)),
                ("search_text", models.GeneratedField(db_persist=True, expression=models.Func("before", "after", function="loudou_audit_document", output_field=models.TextField()), output_field=models.TextField())),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["table_name", "object_id"], name="audit_record"),
                    models.Index(condition=models.Q(("whole__isnull", False)), fields=["whole"], name="audit_whole"),
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="audit_search"),
                    models.Index(fields=["actor", "-id"], name="audit_actor"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="audit_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="saved_views", to=settings.AUTH_USER_MODEL)),
                ("page", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("query", models.TextField(blank=True, default="")),
                ("columns", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ("is_shared", models.BooleanField(default=False, verbose_name="shared with everybody")),
                ("is_pinned", models.BooleanField(default=False, verbose_name="pinned")),
                ("is_default", models.BooleanField(default=False, verbose_name="my default")),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["-is_pinned", "name", "pk"],
                "constraints": [models.UniqueConstraint(fields=("owner", "page", "name"), name="saved_view_name_once", violation_error_message="You already have a view of this name here."), models.UniqueConstraint(condition=models.Q(("is_default", True)), fields=("owner", "page"), name="saved_view_one_default")],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="sessions", to=settings.AUTH_USER_MODEL, verbose_name="user")),
                ("ip_address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("user_agent", models.CharField(blank=True, default="", max_length=300, verbose_name="device")),
                ("signed_in_at", models.DateTimeField(null=True, verbose_name="signed in")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="last seen")),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "ordering": ["-seen_at"],
            },
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="second_factor", to=settings.AUTH_USER_MODEL)),
                ("secret", models.TextField(editable=False)),
                ("last_step", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="switched on")),
            ],
            options={
                "verbose_name": "second factor",
                "verbose_name_plural": "second factors",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="recovery_codes", to=settings.AUTH_USER_MODEL)),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("used_at", models.DateTimeField(null=True, verbose_name="used")),
            ],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="recovery_code_once")],
            },
        ),
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="identities", to=settings.AUTH_USER_MODEL)),
                ("issuer", models.CharField(max_length=255, verbose_name="identity provider")),
                ("subject", models.CharField(max_length=255, verbose_name="id there")),
                ("created_at", models.DateTimeField(verbose_name="linked")),
            ],
            options={
                "verbose_name": "identity at a provider",
                "verbose_name_plural": "identities at a provider",
                "constraints": [models.UniqueConstraint(fields=("issuer", "subject"), name="identity_leads_to_one_user"), models.UniqueConstraint(fields=("user", "issuer"), name="identity_one_per_provider")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL, verbose_name="user")),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="people.team", verbose_name="team")),
                ("is_lead", models.BooleanField(default=False, verbose_name="leads the team")),
                ("started_on", models.DateField(verbose_name="from")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["team__name", "-is_lead", "user__name"],
                "indexes": [models.Index(fields=["team", "user"], name="membership_team_user")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("ended_on__isnull", True), ("ended_on__gt", models.F("started_on")), _connector="OR"), name="membership_ends_after_it_starts", violation_error_message="The last day must come after the first."),
                    models.UniqueConstraint(condition=models.Q(("ended_on__isnull", True)), fields=("user", "team"), name="membership_open_once", violation_error_message="This person is already in the team."),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="api_tokens", to=settings.AUTH_USER_MODEL)),
                ("name", models.CharField(max_length=100, verbose_name="what it is for")),
                ("prefix", models.CharField(max_length=12, verbose_name="begins with")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name="permissions")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ["-created_at"],
            },
        ),
        AddTriggers(
            *audited("people.User", exclude=("password", "last_login", "search_text")),
            *audited("people.ApiToken", exclude=("digest", "last_used_at"), part_of=("people_user", "user_id")),
            *append_only("people.AuditEntry"),
            *audited("people.ExternalIdentity", part_of=("people_user", "user_id")),
            *audited("people.RecoveryCode", exclude=("digest",)),
            *audited("people.SecondFactor", exclude=("secret", "last_step"), part_of=("people_user", "user_id")),
            *audited("people.Team"),
            *audited("people.Membership", part_of=("people_team", "team_id")),
        ),
    ]
