"""Sales processes, and opportunities on their way through the stages."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from loudou.core.migrations._triggers import AddTriggers, append_only, audited, first_numbers, noted, trigger
from loudou.pipeline.models import search_document
from loudou.pipeline.models.process import CREATE_STAGE_COUNT_FUNCTION


class Migration(migrations.Migration):
    initial = True

    dependencies = [("catalog", "0001_initial"), ("core", "0002_initial"), ("customers", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RunSQL(CREATE_STAGE_COUNT_FUNCTION, "DROP FUNCTION IF EXISTS loudou_check_stage_count(bigint)"),
        migrations.CreateModel(
            name="SalesProcess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="Chinese name")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                (
                    "customer_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("end_user", "End user"), ("dealer", "Dealer or distributor"), ("agent", "Agent"), ("contractor", "General contractor"), ("owner", "Owner or designer")], max_length=12), blank=True, default=list, size=None, verbose_name="for kinds of customers"
                    ),
                ),
                ("product_line", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.productline", verbose_name="for product line")),
                ("key_action", models.CharField(blank=True, default="", max_length=120, verbose_name="key follow-up action")),
                ("criteria_mode", models.CharField(choices=[("warn", "Warn"), ("block", "Block")], default="warn", max_length=5, verbose_name="unmet exit criteria")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("is_default", models.BooleanField(default=False, verbose_name="used for new opportunities")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "sales process",
                "verbose_name_plural": "sales processes",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("name",), name="process_name_once", violation_error_message="There is already a sales process of this name."),
                    models.UniqueConstraint(condition=models.Q(("is_default", True)), fields=("is_default",), name="process_one_default", violation_error_message="Another process is already used for new opportunities."),
                ],
            },
        ),
        migrations.CreateModel(
            name="NamedCustomer",
            fields=[],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("customers.customer",),
        ),
        migrations.CreateModel(
            name="Competitor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=200, verbose_name="competitor")),
                ("website", models.CharField(blank=True, default="", max_length=255, verbose_name="website")),
                ("strengths", models.TextField(blank=True, default="", verbose_name="strengths")),
                ("weaknesses", models.TextField(blank=True, default="", verbose_name="weaknesses")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "competitor",
                "verbose_name_plural": "competitors",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="competitor_name_once", violation_error_message="There is already a competitor of this name.")],
            },
        ),
        migrations.CreateModel(
            name="LossReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="Chinese name")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "loss reason",
                "verbose_name_plural": "loss reasons",
                "ordering": ["position", "pk"],
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="loss_reason_once", violation_error_message="There is already a loss reason of this name.")],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="Chinese name")),
                ("process", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stages", to="pipeline.salesprocess", verbose_name="sales process")),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("prior_win_rate", models.DecimalField(decimal_places=4, help_text="Share between 0 and 1 that you expect to win from here; history replaces it in time.", max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name="prior win rate")),
                ("expected_days", models.PositiveSmallIntegerField(default=14, verbose_name="expected days")),
                (
                    "required_fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("customer", "Customer"), ("amount", "Amount"), ("expected_on", "Expected signing date"), ("next_step", "Next step"), ("contacts", "Contacts"), ("competitors", "Competitors"), ("lines", "Products"), ("probability", "Probability"), ("purchase_kind", "Kind of purchase")],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="required fields",
                    ),
                ),
                ("colour", models.CharField(default="blue", max_length=20, verbose_name="colour")),
                ("is_folded", models.BooleanField(default=False, verbose_name="folded on the board")),
                ("merged_into", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pipeline.stage", verbose_name="merged into")),
            ],
            options={
                "verbose_name": "stage",
                "verbose_name_plural": "stages",
                "ordering": ["process", "position"],
                "constraints": [
                    models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable["DEFERRED"], fields=("process", "position"), name="stage_position_once"),
                    models.CheckConstraint(condition=models.Q(("prior_win_rate__range", (0, 1))), name="stage_win_rate_is_a_share", violation_error_message="A win rate is a share between 0 and 1."),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageCriterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="Chinese name")),
                ("stage", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="criteria", to="pipeline.stage", verbose_name="stage")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("needs_evidence", models.BooleanField(default=True, verbose_name="asks for evidence")),
            ],
            options={
                "verbose_name": "exit criterion",
                "verbose_name_plural": "exit criteria",
                "ordering": ["stage", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("subject", models.CharField(max_length=255, verbose_name="subject")),
                ("customer", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="opportunities", to="customers.customer", verbose_name="customer")),
                ("process", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="opportunities", to="pipeline.salesprocess", verbose_name="sales process")),
                ("stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="opportunities", to="pipeline.stage", verbose_name="stage")),
                ("state", models.CharField(choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("dropped", "Dropped"), ("on_hold", "On hold")], default="open", max_length=8, verbose_name="state")),
                ("amount", models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name="amount")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("amount_base", models.DecimalField(blank=True, decimal_places=4, editable=False, max_digits=19, null=True, verbose_name="amount in base currency")),
                ("opened_on", models.DateField(verbose_name="opened")),
                ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected signing date")),
                ("probability", models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name="rep's probability")),
                ("source", models.CharField(blank=True, default="", max_length=120, verbose_name="source")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="opportunities", to=settings.AUTH_USER_MODEL, verbose_name="owner")),
                ("priority", models.PositiveSmallIntegerField(choices=[(1, "Low"), (2, "Normal"), (3, "High")], default=2, verbose_name="priority")),
                ("likelihood", models.CharField(blank=True, choices=[("chance", "Chance"), ("certain", "Certain")], default="", max_length=10, verbose_name="likelihood")),
                ("budget_confirmed_on", models.DateField(blank=True, help_text="The day on which you learned that the money is there.", null=True, verbose_name="purchasing power confirmed")),
                ("visibility", models.CharField(blank=True, choices=[("hidden", "Hidden need"), ("explicit", "Explicit need")], default="", max_length=10, verbose_name="need")),
                ("reach_kind", models.CharField(blank=True, choices=[("strategic", "Strategic"), ("tactical", "Tactical")], default="", max_length=10, verbose_name="reach")),
                ("purchase_kind", models.CharField(blank=True, choices=[("new", "New"), ("additional", "Additional or repeat"), ("replacement", "Replacement")], default="", max_length=12, verbose_name="kind of purchase")),
                ("next_step", models.CharField(blank=True, default="", max_length=255, verbose_name="next step")),
                ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step due")),
                ("stage_entered_at", models.DateTimeField(editable=False, verbose_name="in this stage since")),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="closed")),
                ("loss_reason", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pipeline.lossreason", verbose_name="loss reason")),
                ("lost_to", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="wins", to="pipeline.competitor", verbose_name="lost to")),
                ("close_note", models.CharField(blank=True, default="", max_length=500, verbose_name="note on the outcome")),
                ("contract_reference", models.CharField(blank=True, default="", max_length=100, verbose_name="contract number")),
                ("design_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="design days")),
                ("procurement_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="procurement days")),
                ("trading_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="trading days")),
                ("collection_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="collection days")),
                ("cash_to_cash_days", models.SmallIntegerField(blank=True, null=True, verbose_name="cash-to-cash days")),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                ("external_id", models.CharField(blank=True, default="", max_length=100, verbose_name="id in another system")),
                ("search_text", models.TextField(default="", editable=False)),
                ("competitors", models.ManyToManyField(blank=True, related_name="opportunities", to="pipeline.competitor", verbose_name="competitors")),
            ],
            options={
                "verbose_name": "opportunity",
                "verbose_name_plural": "opportunities",
                "ordering": ["-pk"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"), name="opportunity_search"),
                    models.Index(condition=models.Q(("state", "open")), fields=["process", "stage", "owner"], include=("amount_base", "probability", "expected_on"), name="opportunity_open_stage"),
                    models.Index(condition=models.Q(("state", "open")), fields=["owner", "expected_on"], name="opportunity_open_owner"),
                    models.Index(condition=models.Q(("state", "open")), fields=["expected_on", "id"], include=("amount_base",), name="opportunity_open_expected"),
                    models.Index(condition=models.Q(("next_step_on__isnull", False), ("state", "open")), fields=["next_step_on", "id"], include=("amount_base",), name="opportunity_open_step"),
                    models.Index(fields=["owner", "state", "-updated_at"], name="opportunity_owner_state"),
                    models.Index(fields=["-updated_at", "-id"], name="opportunity_updated"),
                    models.Index(fields=["amount_base", "id"], name="opportunity_amount"),
                    models.Index(fields=["subject", "id"], name="opportunity_subject"),
                    models.Index(fields=["expected_on", "id"], name="opportunity_expected"),
                    models.Index(fields=["opened_on", "id"], name="opportunity_opened"),
                    models.Index(fields=["customer", "state"], name="opportunity_customer_state"),
                    models.Index(fields=["state", "closed_at"], name="opportunity_state_closed"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"), name="opportunity_amount_not_negative", violation_error_message="The amount cannot be negative."),
                    models.CheckConstraint(condition=models.Q(models.Q(("amount__isnull", True), ("amount_base__isnull", True)), models.Q(("amount__isnull", False), ("amount_base__isnull", False)), _connector="OR"), name="opportunity_amount_has_base"),
                    models.CheckConstraint(condition=models.Q(("probability__isnull", True), ("probability__range", (0, 1)), _connector="OR"), name="opportunity_probability_is_a_share", violation_error_message="A probability is a share between 0 and 1."),
                    models.CheckConstraint(condition=models.Q(models.Q(("closed_at__isnull", False), ("state__in", ("won", "lost", "dropped"))), models.Q(models.Q(("state__in", ("won", "lost", "dropped")), _negated=True), ("closed_at__isnull", True)), _connector="OR"), name="opportunity_closed_has_time"),
                    models.UniqueConstraint(condition=models.Q(("external_id", ""), _negated=True), fields=("external_id",), name="opportunity_external_id_once", violation_error_message="Another opportunity has this id of another system."),
                ],
            },
        ),
        migrations.CreateModel(
            name="CriterionCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="criterion_checks", to="pipeline.opportunity")),
                ("criterion", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="pipeline.stagecriterion")),
                ("evidence", models.CharField(blank=True, default="", max_length=500, verbose_name="evidence")),
                ("met_at", models.DateTimeField(verbose_name="met")),
                ("met_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "met criterion",
                "verbose_name_plural": "met criteria",
                "constraints": [models.UniqueConstraint(fields=("opportunity", "criterion"), name="criterion_met_once")],
            },
        ),
        migrations.CreateModel(
            name="OpportunityCompetitor",
            fields=[],
            options={
                "verbose_name": "competitor of the opportunity",
                "verbose_name_plural": "competitors of the opportunity",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("pipeline.opportunity_competitors",),
        ),
        migrations.CreateModel(
            name="OpportunityMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="members", to="pipeline.opportunity")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="opportunity_memberships", to=settings.AUTH_USER_MODEL, verbose_name="colleague")),
                ("split", models.DecimalField(decimal_places=2, default=0, help_text="Per cent; the owner keeps the rest.", max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name="share of the credit")),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "indexes": [models.Index(fields=["user", "opportunity"], name="opportunity_member_user")],
                "constraints": [models.UniqueConstraint(fields=("opportunity", "user"), name="opportunity_member_once"), models.CheckConstraint(condition=models.Q(("split__range", (0, 100))), name="opportunity_split_is_percent")],
            },
        ),
        migrations.CreateModel(
            name="OpportunityContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="people", to="pipeline.opportunity")),
                ("contact", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="opportunities", to="customers.contact", verbose_name="contact")),
            ],
            options={
                "verbose_name": "contact of the opportunity",
                "verbose_name_plural": "contacts of the opportunity",
                "constraints": [models.UniqueConstraint(fields=("opportunity", "contact"), name="opportunity_contact_once")],
            },
        ),
        migrations.CreateModel(
            name="OpportunityLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="pipeline.opportunity")),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product", verbose_name="product")),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14, verbose_name="quantity")),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=19, verbose_name="price")),
                ("discount_rate", models.DecimalField(decimal_places=4, default=0, help_text="Share between 0 and 1.", max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name="discount")),
                ("amount", models.DecimalField(decimal_places=4, editable=False, max_digits=19, verbose_name="amount")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "product line",
                "verbose_name_plural": "product lines",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="opportunity_line_quantity_positive", violation_error_message="The quantity must be greater than zero."),
                    models.CheckConstraint(condition=models.Q(("unit_price__gte", 0)), name="opportunity_line_price_not_negative", violation_error_message="The price cannot be negative."),
                    models.CheckConstraint(condition=models.Q(("discount_rate__range", (0, 1))), name="opportunity_line_discount_share"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Star",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stars", to=settings.AUTH_USER_MODEL)),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stars", to="pipeline.opportunity")),
            ],
            options={
                "verbose_name": "star",
                "verbose_name_plural": "stars",
                "constraints": [models.UniqueConstraint(fields=("user", "opportunity"), name="star_once")],
            },
        ),
        migrations.CreateModel(
            name="StageChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opportunity", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="pipeline.opportunity")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("advanced", "Moved forward"),
                            ("skipped", "Moved forward, skipping stages"),
                            ("moved_back", "Moved back"),
                            ("switched", "Moved to another process"),
                            ("revised", "Amount, date or owner changed"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                            ("dropped", "Dropped"),
                            ("held", "Put on hold"),
                            ("reopened", "Opened again"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("from_stage", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pipeline.stage", verbose_name="from")),
                ("to_stage", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pipeline.stage", verbose_name="to")),
                ("from_state", models.CharField(blank=True, choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("dropped", "Dropped"), ("on_hold", "On hold")], default="", max_length=8)),
                ("to_state", models.CharField(choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("dropped", "Dropped"), ("on_hold", "On hold")], max_length=8)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19, null=True, verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_base", models.DecimalField(decimal_places=4, max_digits=19, null=True, verbose_name="amount in base currency")),
                ("expected_on", models.DateField(null=True, verbose_name="expected signing date")),
                ("probability", models.DecimalField(decimal_places=4, max_digits=5, null=True, verbose_name="rep's probability")),
                ("owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("note", models.CharField(blank=True, default="", max_length=500, verbose_name="note")),
            ],
            options={
                "verbose_name": "stage change",
                "verbose_name_plural": "stage history",
                "ordering": ["at", "id"],
                "indexes": [models.Index(fields=["opportunity", "at", "id"], name="stage_change_opportunity"), models.Index(fields=["at"], name="stage_change_at")],
            },
        ),
        migrations.RunSQL(search_document.CREATE_FUNCTION, search_document.DROP_FUNCTION),
        AddTriggers(
            *audited("pipeline.Competitor"),
            *audited("pipeline.LossReason"),
            *audited("pipeline.OpportunityContact", part_of=("pipeline_opportunity", "opportunity_id")),
            *audited("pipeline.OpportunityLine", part_of=("pipeline_opportunity", "opportunity_id")),
            *audited("pipeline.OpportunityMember", part_of=("pipeline_opportunity", "opportunity_id")),
            *audited("pipeline.SalesProcess"),
            *noted("pipeline.SalesProcess"),
            *audited("pipeline.Stage", part_of=("pipeline_salesprocess", "process_id")),
            *noted("pipeline.Stage"),
            *audited("pipeline.Opportunity", exclude=("search_text",)),
            *append_only("pipeline.StageChange"),
            *audited("pipeline.StageCriterion", part_of=("pipeline_stage", "stage_id")),
            *audited("pipeline.CriterionCheck", part_of=("pipeline_opportunity", "opportunity_id")),
            *audited("pipeline.OpportunityCompetitor", part_of=("pipeline_opportunity", "opportunity_id"), table="pipeline_opportunity_competitors"),
            trigger(
                "pipeline.NamedCustomer",
                "names_reach_opportunities",
                """
                IF (NEW.name, NEW.short_name, NEW.aliases) IS DISTINCT FROM (OLD.name, OLD.short_name, OLD.aliases) THEN
                    PERFORM FROM customers_customer WHERE id = NEW.id FOR UPDATE;
                    UPDATE pipeline_opportunity SET search_text = '' WHERE customer_id = NEW.id;
                END IF;
                RETURN NULL;
                """,
                when="AFTER",
                operation='UPDATE OF "name", "short_name", "aliases"',
                table="customers_customer",
            ),
            trigger("pipeline.SalesProcess", "three_to_seven_stages", "PERFORM loudou_check_stage_count(NEW.id); RETURN NULL;", when="AFTER", operation="INSERT", is_deferred=True),
            trigger(
                "pipeline.Stage",
                "three_to_seven_stages",
                """
                    IF TG_OP <> 'INSERT' THEN PERFORM loudou_check_stage_count(OLD.process_id); END IF;
                    IF TG_OP <> 'DELETE' THEN PERFORM loudou_check_stage_count(NEW.process_id); END IF;
                    RETURN NULL;
                """,
                when="AFTER",
                operation="INSERT OR UPDATE OR DELETE",
                is_deferred=True,
            ),
            trigger(
                "pipeline.Opportunity",
                "search_document",
                """
        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
        NEW.search_text := loudou_opportunity_document(
            NEW.subject, NEW.external_id, NEW.contract_reference, NEW.customer_id
        );
        RETURN NEW;
        """,
                when="BEFORE",
                operation='INSERT OR UPDATE OF "subject", "external_id", "contract_reference", "customer_id", "search_text"',
            ),
        ),
        first_numbers("pipeline_salesprocess", "pipeline_stage"),
    ]
