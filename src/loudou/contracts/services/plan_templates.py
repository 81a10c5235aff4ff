"""Setting up the payment plans to start from."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from loudou.contracts.models import PlanTemplate, TemplateInstalment
from loudou.contracts.services.ledger_drafts import PlanTemplateDraft, TemplateInstalmentDraft
from loudou.contracts.services.plan_drafting import MOST_INSTALMENTS
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate


@service("contracts.configure")
def create_plan_template(actor: Actor, *, draft: PlanTemplateDraft) -> PlanTemplate:
    """Add a template. As the default one it takes the place of the present default. Raises InvalidInput."""
    template = PlanTemplate()
    return _write(template, draft)


@service("contracts.configure")
def update_plan_template(
    actor: Actor, template_id: int, *, draft: PlanTemplateDraft, version: int | None = None
) -> PlanTemplate:
    """Change a template as a whole; plans that were made from it stay as they are.

    The default one gives way only to another that is made the default. Raises NotVisible, StaleWrite, InvalidInput.
    """
    template = lock(PlanTemplate.objects.all(), template_id)
    check_version(template, version)
    if template.is_default and not (draft.is_default and draft.is_active):
        raise InvalidInput({"is_default": [_("Make another template the default instead.")]})
    return _write(template, draft)


def _write(template: PlanTemplate, draft: PlanTemplateDraft) -> PlanTemplate:
    template.name, template.name_zh = draft.name.strip(), draft.name_zh.strip()
    template.is_default, template.is_active, template.position = draft.is_default, draft.is_active, draft.position
    if template.is_default and not template.is_active:
        raise InvalidInput({"is_active": [_("The default template is in use.")]})
    rows = _rows(draft.instalments)
    if draft.is_default:
        others = PlanTemplate.objects.select_for_update(no_key=True).filter(is_default=True).exclude(pk=template.pk)
        for other in others:
            other.is_default = False
            other.save_changes("is_default")
    validate(template)
    if template.pk is None:
        template.save(force_insert=True)
    else:
        template.instalments.all().delete()
        template.save_changes("name", "name_zh", "is_default", "is_active", "position")
    for row in rows:
        row.template = template
    TemplateInstalment.objects.bulk_create(rows)
    return template


def _rows(drafts: Sequence[TemplateInstalmentDraft]) -> list[TemplateInstalment]:
    if not 1 <= len(drafts) <= MOST_INSTALMENTS:
        sentence = _("A plan has between 1 and %(most)s instalments.") % {"most": MOST_INSTALMENTS}
        raise InvalidInput({"instalments": [sentence]})
    rows = []
    for position, draft in enumerate(drafts, start=1):
        row = TemplateInstalment(
            position=position,
            name=draft.name.strip(),
            name_zh=draft.name_zh.strip(),
            weight=draft.weight,
            basis=draft.basis,
            offset_months=draft.offset_months,
            offset_days=draft.offset_days,
            is_retention=draft.is_retention,
            on_terms=draft.on_terms,
        )
        try:
            validate(row, exclude=("template",))
        except InvalidInput as refusal:
            sentences = [sentence for found in refusal.errors.values() for sentence in found]
            raise InvalidInput({"instalments": sentences}) from refusal
        rows.append(row)
    return rows
