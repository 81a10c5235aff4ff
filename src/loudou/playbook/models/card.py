"""The card: one thing to know about selling a product, readable in a minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product, ProductLine
from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import ScopedQuerySet
from loudou.core.searchtext import search_document, search_index
from loudou.pipeline.choices import PurchaseKind
from loudou.pipeline.models import Competitor, Stage
from loudou.playbook.choices import CardKind, CardState

if TYPE_CHECKING:
    from loudou.core.actors import Actor


class CardQuerySet(ScopedQuerySet["Card"]):
    """Cards: everybody sees the published ones; who keeps the playbook, or reads the audit, sees all."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep what the actor may see."""
        rows = super().visible_to(actor)
        sees_all = getattr(actor, "has_permission", None)
        if sees_all is not None and (sees_all("playbook.keep") or sees_all("audit.view")):
            return rows
        return rows.published()

    def published(self) -> Self:
        """Shown to everybody."""
        return self.filter(state=CardState.PUBLISHED)

    def stale(self, *, today: dt.date) -> Self:
        """Published, and the day until which they were checked has passed."""
        return self.published().filter(checked_until__lt=today)

    def not_stale(self, *, today: dt.date) -> Self:
        """All others: taken for right today, or not shown."""
        return self.exclude(state=CardState.PUBLISHED, checked_until__lt=today)

    def about(self, *, product_ids: list[int], line_ids: list[int]) -> Self:
        """Cards of these products, of these product lines, or of every product."""
        by_product = CardProduct.objects.filter(card=OuterRef("pk"))
        by_line = CardLine.objects.filter(card=OuterRef("pk"))
        return self.filter(
            Exists(by_product.filter(product_id__in=product_ids))
            | Exists(by_line.filter(line_id__in=line_ids))
            | (~Exists(by_product) & ~Exists(by_line))
        )

    def for_product(self, product: Product) -> Self:
        """Cards that serve a product: its own, those of its line, and those of every product."""
        return self.about(product_ids=[product.pk], line_ids=[product.line_id] if product.line_id else [])

    def of_lines(self, line_ids: Sequence[int]) -> Self:
        """Cards that name any of these product lines."""
        return self.filter(Exists(CardLine.objects.filter(card=OuterRef("pk"), line_id__in=line_ids)))

    def for_stages_in(self, stage_ids: Sequence[int]) -> Self:
        """Cards that are meant for any of these stages, or for one that was merged into any of them."""
        meant = Q(stage_id__in=stage_ids) | Q(stage__merged_into_id__in=stage_ids)
        return self.filter(Exists(CardStage.objects.filter(meant, card=OuterRef("pk"))))


class Card(Versioned):
    """One thing to know, in one or both languages, for some products, for their lines, or for all products.

    `edition` counts how often its words changed, so that a reading says which words were read. What they were before
    is in the audit, like every change.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=CardKind.choices)
    title = blank_text(_("title in English"), 120)
    title_zh = blank_text(_("title in Chinese"), 120)
    body = models.TextField(_("text in English"), blank=True, default="")
    body_zh = models.TextField(_("text in Chinese"), blank=True, default="")
    competitor = models.ForeignKey(
        Competitor, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("competitor")
    )
    purchase_kind = models.CharField(
        _("kind of purchase"), max_length=12, choices=PurchaseKind.choices, blank=True, default=""
    )
    products = models.ManyToManyField(
        Product, through="CardProduct", related_name="+", blank=True, verbose_name=_("products")
    )
    lines = models.ManyToManyField(
        ProductLine, through="CardLine", related_name="+", blank=True, verbose_name=_("product lines")
    )
    stages = models.ManyToManyField(Stage, through="CardStage", related_name="+", blank=True, verbose_name=_("stages"))
    state = models.CharField(_("state"), max_length=10, choices=CardState.choices, default=CardState.DRAFT)
    edition = models.PositiveIntegerField(_("edition"), default=1, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("author")
    )
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("keeper")
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    checked_on = models.DateField(_("checked on"), null=True, editable=False)
    checked_until = models.DateField(_("checked until"), null=True, blank=True)
    search_text = search_document("title", "title_zh", "body", "body_zh")

    objects: ClassVar[CardQuerySet] = CardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("card of the playbook")
        verbose_name_plural = _("cards of the playbook")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="card_has_words",
                condition=~Q(title="") | ~Q(title_zh=""),
                violation_error_message=_("Write title and text in at least one language."),
            ),
            models.CheckConstraint(
                name="card_english_is_whole",
                condition=Q(title="", body="") | (~Q(title="") & ~Q(body="")),
                violation_error_message=_("A title needs its text, and a text its title: complete the English."),
            ),
            models.CheckConstraint(
                name="card_chinese_is_whole",
                condition=Q(title_zh="", body_zh="") | (~Q(title_zh="") & ~Q(body_zh="")),
                violation_error_message=_("A title needs its text, and a text its title: complete the Chinese."),
            ),
            models.CheckConstraint(
                name="card_note_names_competitor",
                condition=~Q(kind=CardKind.COMPETITOR) | Q(competitor__isnull=False),
                violation_error_message=_("A competitor note is about one competitor: choose which."),
            ),
            models.CheckConstraint(
                name="card_published_is_checked",
                condition=~Q(state=CardState.PUBLISHED) | Q(checked_on__isnull=False, checked_until__isnull=False),
                violation_error_message=_("A published card says until when it was checked."),
            ),
        ]
        indexes = [
            search_index("card_search"),
            models.Index(fields=["state", "checked_until"], name="card_state_checked"),
            models.Index(fields=["competitor"], name="card_competitor"),
        ]
        triggers = audit.audited(exclude=("search_text",))

    def __str__(self) -> str:
        return self.name

    @property
    def speaks_chinese(self) -> bool:
        """Whether the reader gets the Chinese words: they read Chinese and there are some, or there is no English."""
        wants_chinese = (get_language() or "").startswith("zh")
        return bool(self.title_zh) if wants_chinese else not self.title

    @property
    def name(self) -> str:
        """The title, in the reader's language as far as it exists."""
        return str(self.title_zh if self.speaks_chinese else self.title)

    @property
    def text(self) -> str:
        """The text, in the same language as the title."""
        return self.body_zh if self.speaks_chinese else self.body

    @property
    def language(self) -> str:
        """Language of title and text, as a browser wants to know it."""
        return "zh-Hans" if self.speaks_chinese else "en"

    @property
    def is_in_other_language(self) -> bool:
        """Whether the words are not in the reader's language, because nobody has written those."""
        return self.speaks_chinese != (get_language() or "").startswith("zh")

    @property
    def is_published(self) -> bool:
        """Whether everybody sees it."""
        return self.state == CardState.PUBLISHED

    def is_stale(self, today: dt.date) -> bool:
        """Whether it is shown although the day until which it was checked has passed."""
        return self.is_published and self.checked_until is not None and self.checked_until < today


class CardProduct(models.Model):
    """That a card is about a product."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="about_products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product"))

    class Meta:
        verbose_name = _("product of a card")
        verbose_name_plural = _("products of cards")
        constraints = [models.UniqueConstraint(fields=["card", "product"], name="card_product_once")]
        triggers = audit.audited(part_of=("playbook_card", "card_id"))

    def __str__(self) -> str:
        return str(self.product)


class CardLine(models.Model):
    """That a card is about all products of a line."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="about_lines")
    line = models.ForeignKey(ProductLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("product line"))

    class Meta:
        verbose_name = _("product line of a card")
        verbose_name_plural = _("product lines of cards")
        constraints = [models.UniqueConstraint(fields=["card", "line"], name="card_line_once")]
        triggers = audit.audited(part_of=("playbook_card", "card_id"))

    def __str__(self) -> str:
        return str(self.line)


class CardStage(models.Model):
    """That a card is meant for a stage of a sales process."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="for_stages")
    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="+", verbose_name=_("stage"))

    class Meta:
        verbose_name = _("stage of a card")
        verbose_name_plural = _("stages of cards")
        constraints = [models.UniqueConstraint(fields=["card", "stage"], name="card_stage_once")]
        triggers = audit.audited(part_of=("playbook_card", "card_id"))

    def __str__(self) -> str:
        return str(self.stage)
