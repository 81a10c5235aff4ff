"""Customers, contacts and what is known of them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import loudou.core.searchtext
import loudou.customers.namekey
import loudou.customers.registration
from loudou.core.migrations._triggers import AddTriggers, append_only, audited, first_numbers, noted, trigger
from loudou.customers.namekey import CREATE_FUNCTION, DROP_FUNCTION


class Migration(migrations.Migration):
    initial = True

    dependencies = [("catalog", "0001_initial"), ("core", "0002_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=255, verbose_name="customer name")),
                ("short_name", models.CharField(blank=True, default="", max_length=100, verbose_name="short name")),
                ("aliases", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, size=None, verbose_name="other names")),
                ("legal_form", models.CharField(choices=[("company", "Company"), ("person", "Household or person")], default="company", max_length=10, verbose_name="legal form")),
                ("kind", models.CharField(choices=[("end_user", "End user"), ("dealer", "Dealer or distributor"), ("agent", "Agent"), ("contractor", "General contractor"), ("owner", "Owner or designer")], default="end_user", max_length=12, verbose_name="kind of customer")),
                ("channel_place", models.CharField(blank=True, choices=[("maker", "Maker"), ("wholesaler", "Wholesaler"), ("retailer", "Retailer"), ("end_user", "End user")], default="", max_length=12, verbose_name="place in the channel")),
                ("credit_code", models.CharField(blank=True, default="", help_text="18 characters; the last one is checked.", max_length=18, validators=[loudou.customers.registration.validate_credit_code], verbose_name="unified social credit code")),
                ("registration_number", models.CharField(blank=True, default="", max_length=60, verbose_name="other registration number")),
                ("industry", models.CharField(blank=True, default="", max_length=120, verbose_name="industry")),
                ("size_band", models.CharField(blank=True, choices=[("micro", "1-9 people"), ("small", "10-49 people"), ("medium", "50-249 people"), ("large", "250-999 people"), ("huge", "1,000 people and more")], default="", max_length=8, verbose_name="size")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                ("annual_revenue", models.DecimalField(blank=True, decimal_places=2, max_digits=19, null=True, verbose_name="annual revenue")),
                ("revenue_currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency of the revenue")),
                ("expected_contribution", models.DecimalField(blank=True, decimal_places=4, help_text="Purchasing power: the contribution profit we expect a year, in the company's base currency.", max_digits=19, null=True, verbose_name="expected yearly contribution")),
                ("founded_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="founded")),
                ("country", models.CharField(blank=True, default="", max_length=80, verbose_name="country")),
                ("province", models.CharField(blank=True, default="", max_length=80, verbose_name="province")),
                ("city", models.CharField(blank=True, default="", max_length=80, verbose_name="city")),
                ("address", models.CharField(blank=True, default="", max_length=255, verbose_name="address")),
                ("website", models.CharField(blank=True, default="", max_length=255, validators=[loudou.customers.registration.validate_website], verbose_name="website")),
                ("phones", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name="phones")),
                ("emails", django.contrib.postgres.fields.ArrayField(base_field=models.EmailField(max_length=254), blank=True, default=list, size=None, verbose_name="mails")),
                ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="subsidiaries", to="customers.customer", verbose_name="parent company")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="customers", to=settings.AUTH_USER_MODEL, verbose_name="owner")),
                ("source", models.CharField(blank=True, default="", max_length=120, verbose_name="source")),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                ("external_id", models.CharField(blank=True, default="", max_length=100, verbose_name="id in another system")),
                ("phase", models.PositiveSmallIntegerField(choices=[(0, "Outside the target market"), (1, "Target market"), (2, "Prospect"), (3, "Target customer"), (4, "Signed"), (5, "Qualified (paid on terms)")], default=0, editable=False, verbose_name="phase")),
                ("phase_since", models.DateTimeField(editable=False, null=True, verbose_name="in this phase since")),
                ("held_since", models.DateTimeField(editable=False, null=True, verbose_name="on supply hold since")),
                ("max_discount_rate", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name="maximum discount")),
                ("credit_limit", models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name="credit limit")),
                ("credit_currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency of the credit limit")),
                ("payment_days", models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name="payment days")),
                ("grace_days", models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name="grace days")),
                ("name_key", models.GeneratedField(db_persist=True, expression=loudou.customers.namekey.NameKey(models.F("name")), output_field=models.TextField())),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=loudou.core.searchtext.SearchDocument(
                            django.db.models.functions.comparison.Coalesce(models.F("name"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("short_name"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("credit_code"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("registration_number"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("website"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(loudou.core.searchtext.ArrayText(models.F("aliases")), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(loudou.core.searchtext.ArrayText(models.F("phones")), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(loudou.core.searchtext.ArrayText(models.F("emails")), models.Value(""), output_field=models.TextField()),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "ordering": ["name", "pk"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="customer_search"),
                    models.Index(fields=["owner", "name"], name="customer_owner_name"),
                    models.Index(fields=["name", "id"], name="customer_name_id"),
                    models.Index(fields=["-updated_at", "-id"], name="customer_updated"),
                    models.Index(fields=["phase", "name", "id"], name="customer_by_phase"),
                    models.Index(condition=models.Q(("held_since__isnull", False)), fields=["name", "id"], name="customer_on_hold"),
                    models.Index(condition=models.Q(("industry__gt", "")), fields=["industry", "name"], name="customer_by_industry"),
                    models.Index(condition=models.Q(("source__gt", "")), fields=["source", "name"], name="customer_by_source"),
                    models.Index(condition=models.Q(("country__gt", "")), fields=["country", "name"], name="customer_by_country"),
                    models.Index(condition=models.Q(("province__gt", "")), fields=["province", "name"], name="customer_by_province"),
                    models.Index(condition=models.Q(("city__gt", "")), fields=["city", "name"], name="customer_by_city"),
                    models.Index(django.contrib.postgres.indexes.OpClass(models.F("name_key"), "text_pattern_ops"), name="customer_name_key"),
                    models.Index(condition=models.Q(("short_name", ""), _negated=True), fields=["short_name"], name="customer_short_name"),
                    models.Index(condition=models.Q(("registration_number", ""), _negated=True), fields=["registration_number"], name="customer_registration"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("credit_code", ""), _negated=True), fields=("credit_code",), name="customer_credit_code_once", violation_error_message="Another customer has this unified social credit code."),
                    models.UniqueConstraint(condition=models.Q(("external_id", ""), _negated=True), fields=("external_id",), name="customer_external_id_once", violation_error_message="Another customer has this id of another system."),
                    models.CheckConstraint(condition=models.Q(("parent__isnull", True), models.Q(("parent", models.F("pk")), _negated=True), _connector="OR"), name="customer_not_its_own_parent", violation_error_message="A customer cannot be its own parent company."),
                    models.CheckConstraint(condition=models.Q(("annual_revenue__isnull", True), models.Q(("revenue_currency", ""), _negated=True), _connector="OR"), name="customer_revenue_has_currency", violation_error_message="Say which currency the revenue is in."),
                    models.CheckConstraint(condition=models.Q(("credit_limit__isnull", True), models.Q(("credit_limit__gte", 0), models.Q(("credit_currency", ""), _negated=True)), _connector="OR"), name="customer_credit_has_currency", violation_error_message="A credit limit is zero or more, in a currency."),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("salutation", models.CharField(blank=True, default="", max_length=40, verbose_name="salutation")),
                ("phones", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name="phones")),
                ("emails", django.contrib.postgres.fields.ArrayField(base_field=models.EmailField(max_length=254), blank=True, default=list, size=None, verbose_name="mails")),
                ("wechat", models.CharField(blank=True, default="", max_length=60, verbose_name="WeChat")),
                ("preferred_channel", models.CharField(blank=True, choices=[("phone", "Phone"), ("email", "Mail"), ("message", "Message"), ("visit", "Visit")], default="", max_length=10, verbose_name="prefers")),
                ("do_not_call", models.BooleanField(default=False, verbose_name="do not call")),
                ("do_not_mail", models.BooleanField(default=False, verbose_name="do not mail")),
                ("do_not_message", models.BooleanField(default=False, verbose_name="do not message")),
                ("birthday", models.DateField(blank=True, null=True, verbose_name="birthday")),
                ("wants_festival_greetings", models.BooleanField(default=False, verbose_name="send festival greetings")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to=settings.AUTH_USER_MODEL, verbose_name="owner")),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                ("external_id", models.CharField(blank=True, default="", max_length=100, verbose_name="id in another system")),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=loudou.core.searchtext.SearchDocument(
                            django.db.models.functions.comparison.Coalesce(models.F("name"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(models.F("wechat"), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(loudou.core.searchtext.ArrayText(models.F("phones")), models.Value(""), output_field=models.TextField()),
                            django.db.models.functions.comparison.Coalesce(loudou.core.searchtext.ArrayText(models.F("emails")), models.Value(""), output_field=models.TextField()),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["name", "pk"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="contact_search"),
                    models.Index(fields=["name", "id"], name="contact_name_id"),
                    models.Index(fields=["owner", "name"], name="contact_owner_name"),
                    models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower("name"), "text_pattern_ops"), name="contact_name_begins"),
                    django.contrib.postgres.indexes.GinIndex(fields=["emails"], name="contact_emails"),
                    django.contrib.postgres.indexes.GinIndex(fields=["phones"], name="contact_phones"),
                ],
                "constraints": [models.UniqueConstraint(condition=models.Q(("external_id", ""), _negated=True), fields=("external_id",), name="contact_external_id_once", violation_error_message="Another contact has this id of another system.")],
            },
        ),
        migrations.CreateModel(
            name="CustomerRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("horizon_days", models.PositiveSmallIntegerField(default=90, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name="days ahead that an expected signing counts")),
                ("grace_days", models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name="days that an instalment may come late")),
                ("late_counts_days", models.PositiveSmallIntegerField(blank=True, help_text="Empty: for ever.", null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name="days that a late payment counts")),
                ("phase_names", models.JSONField(blank=True, default=dict, verbose_name="names of the phases")),
                ("max_discount_rate", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name="maximum discount")),
                ("credit_limit", models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name="credit limit")),
                ("credit_currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency of the credit limit")),
                ("payment_days", models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name="payment days")),
            ],
            options={
                "verbose_name": "rules about customers",
                "verbose_name_plural": "rules about customers",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="customer_rules_are_only_one"),
                    models.CheckConstraint(condition=models.Q(("credit_limit__isnull", True), models.Q(("credit_limit__gte", 0), models.Q(("credit_currency", ""), _negated=True)), _connector="OR"), name="customer_rules_credit_has_currency", violation_error_message="A credit limit is zero or more, in a currency."),
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="segment")),
                ("description", models.TextField(blank=True, default="", verbose_name="what it is for")),
                ("rule", models.JSONField(verbose_name="rule")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
                "ordering": ["name", "pk"],
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="segment_name_once", violation_error_message="There is already a segment of this name.")],
            },
        ),
        migrations.CreateModel(
            name="CustomerMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="members", to="customers.customer")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="customer_memberships", to=settings.AUTH_USER_MODEL, verbose_name="colleague")),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "indexes": [models.Index(fields=["user", "customer"], name="customer_member_user")],
                "constraints": [models.UniqueConstraint(fields=("customer", "user"), name="customer_member_once")],
            },
        ),
        migrations.CreateModel(
            name="LineParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="line_parties", to="customers.customer")),
                ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.productline", verbose_name="product line")),
                ("role", models.CharField(choices=[("pays", "Pays"), ("decides", "Decides"), ("benefits", "Benefits")], max_length=10, verbose_name="role")),
                ("party", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer", verbose_name="customer")),
                ("party_name", models.CharField(blank=True, default="", max_length=255, verbose_name="name")),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "who pays, decides, benefits",
                "ordering": ["line__name", "role"],
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "line", "role"), name="line_party_once", violation_error_message="This role is already filled for the product line."),
                    models.CheckConstraint(condition=models.Q(("party__isnull", False), models.Q(("party_name", ""), _negated=True), _connector="OR"), name="line_party_named", violation_error_message="Choose a customer or write a name."),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="owner_changes", to="customers.customer")),
                ("from_owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("to_owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("cause", models.CharField(choices=[("created", "Created"), ("assigned", "Assigned"), ("imported", "Imported")], max_length=12, verbose_name="cause")),
                ("reason", models.CharField(blank=True, default="", max_length=255, verbose_name="reason")),
            ],
            options={
                "verbose_name": "change of owner",
                "verbose_name_plural": "changes of owner",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["customer", "-at"], name="owner_change_customer")],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="customers.contact", verbose_name="contact")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="customers.customer", verbose_name="customer")),
                ("title", models.CharField(blank=True, default="", max_length=120, verbose_name="position")),
                ("department", models.CharField(blank=True, default="", max_length=120, verbose_name="department")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "ordering": [models.OrderBy(models.F("ended_on"), descending=True, nulls_first=True), "-started_on", "-id"],
                "indexes": [models.Index(fields=["customer", "contact"], name="post_customer_contact")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("ended_on__isnull", True), ("started_on__isnull", True), ("ended_on__gte", models.F("started_on")), _connector="OR"), name="post_ends_after_it_starts", violation_error_message="A post cannot end before it starts."),
                    models.UniqueConstraint(condition=models.Q(("ended_on__isnull", True)), fields=("contact", "customer"), name="post_open_once", violation_error_message="This person already has a post at this customer."),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("segment_match", "Matches a target segment"),
                            ("need_verified", "Need verified"),
                            ("intent", "Intent stated, purchasing power confirmed"),
                            ("contract_signed", "Contract signed"),
                            ("first_instalment_received", "First instalment received in full"),
                            ("instalment", "Instalment"),
                            ("refunded", "Refunded"),
                        ],
                        max_length=26,
                        verbose_name="evidence",
                    ),
                ),
                ("subject_model", models.CharField(max_length=60, verbose_name="kind of record")),
                ("subject_id", models.BigIntegerField(verbose_name="id of the record")),
                ("subject_label", models.CharField(blank=True, default="", max_length=255, verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("due_on", models.DateField(null=True, verbose_name="expected or due")),
                ("settled_on", models.DateField(null=True, verbose_name="received in full")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="customers.customer")),
                ("holds", models.BooleanField(verbose_name="holds")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("cause", models.CharField(blank=True, default="", max_length=255, verbose_name="cause")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["customer", "kind", "subject_model", "subject_id", "-id"], name="evidence_newest"), models.Index(fields=["subject_model", "subject_id"], name="evidence_subject")],
            },
        ),
        migrations.CreateModel(
            name="CustomerFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="customers.customer")),
                ("name", models.CharField(max_length=255, verbose_name="file name")),
                ("content", models.FileField(max_length=255, upload_to="customers/%Y/%m/", verbose_name="file")),
                ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                ("uploaded_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded")),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "ordering": ["-uploaded_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="HoldChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="hold_changes", to="customers.customer")),
                ("source", models.CharField(choices=[("person", "A colleague"), ("credit", "Credit control"), ("dunning", "Dunning")], max_length=12, verbose_name="who holds")),
                ("is_held", models.BooleanField(verbose_name="on hold")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "change of hold",
                "verbose_name_plural": "changes of hold",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["customer", "source", "-id"], name="hold_change_newest")],
            },
        ),
        migrations.CreateModel(
            name="SupplyRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="releases", to="customers.customer")),
                ("state", models.CharField(choices=[("requested", "Waiting for a decision"), ("approved", "Approved"), ("rejected", "Rejected"), ("withdrawn", "Withdrawn"), ("ended", "Ended early")], default="requested", editable=False, max_length=10, verbose_name="state")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("until_on", models.DateField(help_text="The last day on which it may be delivered.", verbose_name="valid until")),
                ("amount", models.DecimalField(blank=True, decimal_places=4, help_text="Empty: no limit of the amount.", max_digits=19, null=True, verbose_name="up to")),
                ("currency", models.CharField(blank=True, default="", max_length=3, verbose_name="currency")),
                ("requested_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("requested_at", models.DateTimeField(editable=False, verbose_name="requested")),
                ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="decided")),
                ("decision_note", models.CharField(blank=True, default="", max_length=500, verbose_name="note on the decision")),
            ],
            options={
                "verbose_name": "release",
                "verbose_name_plural": "releases",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["customer", "state"], name="supply_release_customer"), models.Index(condition=models.Q(("state", "requested")), fields=["requested_at"], name="supply_release_waiting")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__isnull", True), models.Q(("amount__gt", 0), models.Q(("currency", ""), _negated=True)), _connector="OR"), name="supply_release_amount_has_currency", violation_error_message="The amount must be greater than zero, in a currency."),
                    models.CheckConstraint(condition=models.Q(models.Q(("decided_at__isnull", True), ("state", "requested")), models.Q(models.Q(("state", "requested"), _negated=True), ("decided_at__isnull", False)), _connector="OR"), name="supply_release_decided_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingEvidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("segment_match", "Matches a target segment"),
                            ("need_verified", "Need verified"),
                            ("intent", "Intent stated, purchasing power confirmed"),
                            ("contract_signed", "Contract signed"),
                            ("first_instalment_received", "First instalment received in full"),
                            ("instalment", "Instalment"),
                            ("refunded", "Refunded"),
                        ],
                        max_length=26,
                        verbose_name="evidence",
                    ),
                ),
                ("subject_model", models.CharField(max_length=60, verbose_name="kind of record")),
                ("subject_id", models.BigIntegerField(verbose_name="id of the record")),
                ("subject_label", models.CharField(blank=True, default="", max_length=255, verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("due_on", models.DateField(null=True, verbose_name="expected or due")),
                ("settled_on", models.DateField(null=True, verbose_name="received in full")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="standing_evidence", to="customers.customer")),
                ("evidence", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="standing", to="customers.evidence")),
            ],
            options={
                "verbose_name": "standing evidence",
                "verbose_name_plural": "standing evidence",
                "indexes": [models.Index(fields=["subject_model", "subject_id", "kind"], name="standing_evidence_subject"), models.Index(fields=["kind", "subject_id", "customer"], name="standing_evidence_kind")],
                "constraints": [models.UniqueConstraint(fields=("customer", "kind", "subject_model", "subject_id"), name="standing_evidence_once")],
            },
        ),
        migrations.CreateModel(
            name="PhaseChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="phase_changes", to="customers.customer")),
                ("from_phase", models.PositiveSmallIntegerField(choices=[(0, "Outside the target market"), (1, "Target market"), (2, "Prospect"), (3, "Target customer"), (4, "Signed"), (5, "Qualified (paid on terms)")], verbose_name="from")),
                ("to_phase", models.PositiveSmallIntegerField(choices=[(0, "Outside the target market"), (1, "Target market"), (2, "Prospect"), (3, "Target customer"), (4, "Signed"), (5, "Qualified (paid on terms)")], verbose_name="to")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("cause", models.CharField(choices=[("evidence", "New evidence"), ("time", "A day came"), ("rules", "The company's rules changed"), ("recount", "Recounted from the evidence")], max_length=10, verbose_name="cause")),
                ("evidence", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="phase_changes", to="customers.evidence", verbose_name="evidence")),
            ],
            options={
                "verbose_name": "change of phase",
                "verbose_name_plural": "changes of phase",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["customer", "at", "id"], name="phase_change_customer"), models.Index(fields=["to_phase", "at"], name="phase_change_entered")],
            },
        ),
        migrations.CreateModel(
            name="ReleaseUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("release", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="customers.supplyrelease")),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19, verbose_name="amount")),
                ("subject_model", models.CharField(max_length=60, verbose_name="kind of record")),
                ("subject_id", models.BigIntegerField(verbose_name="id of the record")),
                ("subject_label", models.CharField(blank=True, default="", max_length=255, verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "use of a release",
                "verbose_name_plural": "uses of a release",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["subject_model", "subject_id"], name="release_use_subject")],
            },
        ),
        AddTriggers(
            *audited("customers.CustomerRules"),
            *noted("customers.CustomerRules"),
            *audited("customers.Segment"),
            *audited("customers.Contact", exclude=("search_text",)),
            *audited("customers.Customer", exclude=("search_text", "name_key", "phase", "phase_since")),
            *audited("customers.CustomerFile", part_of=("customers_customer", "customer_id")),
            *audited("customers.CustomerMember", part_of=("customers_customer", "customer_id")),
            *append_only("customers.Evidence"),
            *append_only("customers.HoldChange"),
            *audited("customers.LineParty", part_of=("customers_customer", "customer_id")),
            *append_only("customers.OwnerChange"),
            *append_only("customers.PhaseChange"),
            *audited("customers.Post", part_of=("customers_contact", "contact_id")),
            *audited("customers.SupplyRelease"),
            *append_only("customers.ReleaseUse"),
            trigger(
                "customers.Customer",
                "parents_stay_a_tree",
                """
                    PERFORM pg_advisory_xact_lock(282116183);
                    IF EXISTS (
                        WITH RECURSIVE above(id) AS (
                            SELECT NEW.parent_id
                            UNION
                            SELECT parent.parent_id
                            FROM customers_customer parent JOIN above ON parent.id = above.id
                        )
                        SELECT FROM above WHERE id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'customer % would stand above itself', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_parents_stay_a_tree';
                    END IF;
                    RETURN NULL;
                """,
                when="AFTER",
                operation='UPDATE OF "parent_id"',
                condition='WHEN (NEW."parent_id" IS NOT NULL)',
            ),
        ),
        first_numbers("customers_customerrules"),
    ]
