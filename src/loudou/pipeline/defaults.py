"""What is shipped: two sales processes with their exit criteria, and nine reasons for which sales are lost.

Plain data, so that the migration that installs it does not depend on today's models. A company renames, extends or
replaces all of it under Settings; the prior win rates give way to the company's own history in time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction


class Criterion(NamedTuple):
    """A key action that should be done before the stage is left."""

    name: str
    name_zh: str
    needs_evidence: bool = True


class StageDefault(NamedTuple):
    """A stage: names, prior win rate (share of 0 to 1), expected days, required fields, colour, criteria."""

    name: str
    name_zh: str
    prior_win_rate: Decimal
    expected_days: int
    required_fields: tuple[str, ...]
    colour: str
    criteria: tuple[Criterion, ...]


class ProcessDefault(NamedTuple):
    """A process: names, descriptions, whom it is for, key action, stages."""

    name: str
    name_zh: str
    description: str
    customer_kinds: tuple[str, ...]
    key_action: str
    is_default: bool
    stages: tuple[StageDefault, ...]


STANDARD = ProcessDefault(
    name="Standard sale",
    name_zh="标准销售流程",
    description="From the first contact to the signature, for equipment and services sold to the people who use them.\n"
    "从首次接触到签约，适用于直接销售给最终用户的设备与服务。",
    customer_kinds=("end_user", "dealer", "agent"),
    key_action="",
    is_default=True,
    stages=(
        StageDefault(
            "First contact",
            "初步接触",
            Decimal("0.10"),
            14,
            ("customer",),
            "azure",
            (
                Criterion("Spoke with somebody who uses or buys such products", "已与使用或采购此类产品的人员沟通"),
                Criterion("The customer has a problem we can solve", "确认客户存在我们能解决的问题"),
            ),
        ),
        StageDefault(
            "Needs understood",
            "需求确认",
            Decimal("0.25"),
            21,
            ("customer", "contacts", "purchase_kind"),
            "blue",
            (
                Criterion("Needs, use and quantity are written down and confirmed", "需求、用途与数量已书面确认"),
                Criterion("The budget or where the money comes from is known", "已了解预算或资金来源"),
                Criterion("We know who decides", "已了解决策人"),
            ),
        ),
        StageDefault(
            "Proposal submitted",
            "方案提交",
            Decimal("0.45"),
            21,
            ("customer", "amount", "expected_on"),
            "indigo",
            (
                Criterion("The proposal was presented to the people who decide", "已向决策人讲解方案"),
                Criterion("The customer confirmed that it meets the need", "客户确认方案满足需求"),
            ),
        ),
        StageDefault(
            "Negotiation",
            "商务谈判",
            Decimal("0.65"),
            21,
            ("customer", "amount", "expected_on", "next_step"),
            "purple",
            (
                Criterion("Price, payment and delivery terms are agreed", "价格、付款与交货条件已达成一致"),
                Criterion("Open objections are settled", "遗留异议已解决"),
            ),
        ),
        StageDefault(
            "Signing",
            "签约",
            Decimal("0.90"),
            14,
            ("customer", "amount", "expected_on"),
            "teal",
            (Criterion("The contract went through both sides' approval", "合同已通过双方审批"),),
        ),
    ),
)

PROJECT = ProcessDefault(
    name="Project sale",
    name_zh="项目型销售流程",
    description="For purchases that the customer runs as a project with approval, tender and acceptance.\n"
    "适用于客户以立项、招标、验收方式进行的项目采购。",
    customer_kinds=("contractor", "owner", "end_user"),
    key_action="",
    is_default=False,
    stages=(
        StageDefault(
            "Contact",
            "接触",
            Decimal("0.08"),
            30,
            ("customer",),
            "azure",
            (
                Criterion("The project and its owner are known", "已了解项目及业主"),
                Criterion("Met somebody who takes part in the project", "已拜访项目参与人员"),
            ),
        ),
        StageDefault(
            "Project set up",
            "立项",
            Decimal("0.20"),
            45,
            ("customer", "contacts"),
            "blue",
            (
                Criterion("The customer has approved the project and its budget", "客户项目及预算已获批准"),
                Criterion("Schedule and way of purchase are known", "已了解进度计划与采购方式"),
                Criterion("We know who decides and who advises", "已了解决策人与影响人"),
            ),
        ),
        StageDefault(
            "Proposal",
            "方案",
            Decimal("0.40"),
            45,
            ("customer", "amount", "expected_on", "competitors"),
            "indigo",
            (
                Criterion("The technical proposal was accepted", "技术方案已获认可"),
                Criterion("The quotation or tender was handed in on time", "报价或投标文件已按时提交"),
            ),
        ),
        StageDefault(
            "Negotiation",
            "谈判",
            Decimal("0.60"),
            30,
            ("customer", "amount", "expected_on", "next_step"),
            "purple",
            (
                Criterion("Technical and commercial terms are agreed", "技术与商务条款已达成一致"),
                Criterion("The customer named us as supplier", "客户已确定我方为供应商"),
            ),
        ),
        StageDefault(
            "Contract and after-sales",
            "合同与售后",
            Decimal("0.90"),
            30,
            ("customer", "amount", "expected_on"),
            "teal",
            (
                Criterion("The contract went through both sides' approval", "合同已通过双方审批"),
                Criterion("Delivery, acceptance and service are planned", "交付、验收与服务计划已确定"),
            ),
        ),
    ),
)

PROCESSES = (STANDARD, PROJECT)

LOSS_REASONS: tuple[tuple[str, str], ...] = (
    ("Price too high", "价格偏高"),
    ("Product or technology did not fit", "产品或技术不符合要求"),
    ("Delivery time too long", "交货期过长"),
    ("Payment terms not accepted", "付款条件未被接受"),
    ("Competitor had the better relationship", "竞争对手客户关系更强"),
    ("Service or references not convincing", "服务或业绩缺乏说服力"),
    ("No budget, or the project was cancelled", "客户无预算或项目取消"),
    ("We came too late or followed up too little", "介入太晚或跟进不足"),
    ("Customer decided to keep things as they are", "客户决定维持现状"),
)


def install(process_model: Any, stage_model: Any, criterion_model: Any, loss_reason_model: Any) -> None:
    """Install processes and loss reasons where there are none; given the model classes, historical or live."""
    if not process_model.objects.exists():
        with transaction.atomic():  # the rule of three to seven stages is checked when it ends
            for position, shipped in enumerate(PROCESSES, start=1):
                _install_process(shipped, position, process_model, stage_model, criterion_model)
    if not loss_reason_model.objects.exists():
        loss_reason_model.objects.bulk_create(
            loss_reason_model(name=name, name_zh=name_zh, position=position)
            for position, (name, name_zh) in enumerate(LOSS_REASONS, start=1)
        )


def _install_process(
    shipped: ProcessDefault, position: int, process_model: Any, stage_model: Any, criterion_model: Any
) -> None:
    process = process_model.objects.create(
        name=shipped.name,
        name_zh=shipped.name_zh,
        description=shipped.description,
        customer_kinds=list(shipped.customer_kinds),
        key_action=shipped.key_action,
        is_default=shipped.is_default,
        position=position,
    )
    stages = stage_model.objects.bulk_create(
        stage_model(
            process=process,
            position=order,
            name=stage.name,
            name_zh=stage.name_zh,
            prior_win_rate=stage.prior_win_rate,
            expected_days=stage.expected_days,
            required_fields=list(stage.required_fields),
            colour=stage.colour,
        )
        for order, stage in enumerate(shipped.stages, start=1)
    )
    criterion_model.objects.bulk_create(
        criterion_model(stage=stage, position=order, name=c.name, name_zh=c.name_zh, needs_evidence=c.needs_evidence)
        for stage, default in zip(stages, shipped.stages, strict=True)
        for order, c in enumerate(default.criteria, start=1)
    )
