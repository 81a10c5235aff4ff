"""The audit: what the database wrote down about every change."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import matches, search_index
from loudou.people.choices import Operation

CREATE_DOCUMENT_FUNCTION = """
CREATE OR REPLACE FUNCTION loudou_audit_document(before jsonb, after jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT loudou_search_document(left(translate(coalesce(string_agg(side.value, ' '), ''), '[]"{},', '      '), 4000))
    FROM (SELECT value FROM jsonb_each_text(before) UNION ALL SELECT value FROM jsonb_each_text(after)) side
    WHERE length(side.value) > 1 AND side.value NOT LIKE '____-__-__T%';
END
"""
"""What the text search looks through: the values, not the names of fields, and no instants."""


class AuditEntryQuerySet(ScopedQuerySet["AuditEntry"]):
    """Entries: all of them for whoever reads the audit; a record's own ones are reached through the record."""

    def within(self, reach: Reach) -> Q:
        """Be the doing of these people."""
        return Q(actor_id__in=reach.user_ids)

    def mentioning(self, text: str) -> Self:
        """Hold every word of a text among the values before or after, by the trigram index."""
        return self.filter(matches(text))

    def about(self, table: str, object_id: int) -> Self:
        """Speak of one record or of its parts."""
        record = Q(table_name=table, object_id=str(object_id))
        return self.filter(record | Q(whole=f"{table} {object_id}"))


class AuditEntry(models.Model):
    """One row created, changed or deleted, or one event such as a sign-in: who, when, from where, before, after.

    Rows come from triggers (`loudou.core.audit`), so that no code path escapes; nothing here is ever changed,
    except that an erasure blackens what names the erased person (`loudou.core.blackening`).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,  # an entry outlives what it speaks of, and the trigger must never fail
        related_name="+",
        verbose_name=_("who"),
    )
    source = models.CharField(_("from where"), max_length=40)
    request_id = models.CharField(_("request"), max_length=40, blank=True)
    ip_address = models.GenericIPAddressField(_("address"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    table_name = models.CharField(_("table"), max_length=80)
    object_id = models.CharField(_("record"), max_length=40, null=True)
    operation = models.CharField(_("what"), max_length=10, choices=Operation.choices)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    whole = models.CharField(max_length=120, null=True)  # table and number of the record this row is a part of
    search_text = models.GeneratedField(
        expression=models.Func("before", "after", function="loudou_audit_document", output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects: ClassVar[AuditEntryQuerySet] = AuditEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["table_name", "object_id"], name="audit_record"),
            models.Index(fields=["whole"], name="audit_whole", condition=Q(whole__isnull=False)),
            search_index("audit_search"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            BrinIndex(fields=["at"], name="audit_at"),  # rows arrive in order of time: a few pages for any period
        ]
        triggers = audit.append_only(blackens=("before", "after", "reason"))

    def __str__(self) -> str:
        return f"{self.table_name} {self.object_id} {self.operation}"
