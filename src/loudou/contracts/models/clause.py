"""The clauses a contract starts with, and those it has."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ClauseKey, ContractKind
from loudou.contracts.models.version import ContractVersion, only_in_draft
from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text


class BilingualClause(models.Model):
    """A clause in English and Chinese. Names in curly braces stand for facts of the contract."""

    key = models.CharField(_("regulates"), max_length=16, choices=ClauseKey.choices, default=ClauseKey.OTHER)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_main = models.BooleanField(_("main clause"), default=False)
    title = blank_text(_("heading"), 120)
    title_zh = blank_text(_("Chinese heading"), 120)
    body = models.TextField(_("text"), blank=True, default="")
    body_zh = models.TextField(_("Chinese text"), blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.heading(get_language() or "")

    def heading(self, language: str) -> str:
        """The heading in a language, in the other one where it is empty, or else what the clause regulates."""
        first, second = (self.title_zh, self.title) if language.startswith("zh") else (self.title, self.title_zh)
        return first or second or self.get_key_display()

    def text(self, language: str) -> str:
        """The text in a language; empty where it is not written in that language."""
        return self.body_zh if language.startswith("zh") else self.body


class ClauseTemplate(Versioned, BilingualClause):
    """A clause that drafts of a kind start with; set up by an administrator."""

    contract_kind = models.CharField(_("kind of contract"), max_length=10, choices=ContractKind.choices)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("clause template")
        verbose_name_plural = _("clause templates")
        ordering = ["contract_kind", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract_kind", "key"],
                name="clause_template_once",
                condition=~Q(key=ClauseKey.OTHER),
                violation_error_message=_("There is already a template for this clause."),
            )
        ]
        triggers = audit.audited()


class ContractClause(BilingualClause):
    """A clause as one version of a contract has it; frozen with the version."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="clauses")

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"],
                name="contract_clause_once",
                condition=~Q(key=ClauseKey.OTHER),
                violation_error_message=_("This clause is already in the contract."),
            )
        ]
        triggers = [*audit.audited(), *only_in_draft("clause")]
