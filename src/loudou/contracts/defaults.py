"""What is shipped with contracts: number series, clauses, and templates of payment plans.

Plain data, so that migrations do not depend on today's models.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from loudou.contracts.default_clauses import CLAUSES

SERIES: tuple[dict[str, Any], ...] = (
    {"kind": "contract", "pattern": "HT{year}-{number:4}", "is_gap_free": True},
    {"kind": "delivery", "pattern": "FH{year}{month}-{number:4}", "reset": "monthly", "is_gap_free": False},
    {"kind": "invoice", "pattern": "FP{year}-{number:5}", "is_gap_free": True},
    {"kind": "receipt", "pattern": "SK{year}-{number:5}", "is_gap_free": True},
    {"kind": "refund", "pattern": "TK{year}-{number:4}", "is_gap_free": True},
)
"""Contracts 合同, deliveries 发货, invoices 发票, receipts 收款, refunds 退款; each starts again in time."""


def install(series_model: Any) -> None:
    """Install the series that are missing; given the model class, historical or live."""
    for shipped in SERIES:
        series_model.objects.get_or_create(kind=shipped["kind"], defaults=shipped)


class Part(NamedTuple):
    """An instalment of a template: names, weight, the event that makes it due, months and days later, whether it is
    retention money, and whether the customer's payment days come before those days.
    """

    name: str
    name_zh: str
    weight: int
    basis: str
    months: int = 0
    days: int = 0
    is_retention: bool = False
    on_terms: bool = False


PLAN_TEMPLATES: tuple[tuple[str, str, tuple[Part, ...]], ...] = (
    (
        "On delivery, at agreed payment days",
        "货到后按客户账期付款",
        (Part("Payment", "货款", 100, "delivery", days=30, on_terms=True),),
    ),
    (
        "30 days after delivery",
        "货到 30 天付款",
        (Part("Payment", "货款", 100, "delivery", days=30),),
    ),
    (
        "30 / 60 / 10 with retention",
        "30/60/10 含质保金",
        (
            Part("Deposit", "预付款", 30, "signing"),
            Part("Payment on delivery", "到货款", 60, "delivery", on_terms=True),
            Part("Retention money", "质保金", 10, "acceptance", months=12, is_retention=True),
        ),
    ),
    (
        "30 / 40 / 25 / 5 for projects",
        "工程 30/40/25/5",
        (
            Part("Deposit", "预付款", 30, "signing"),
            Part("Payment on delivery", "到货款", 40, "delivery", on_terms=True),
            Part("Payment on acceptance", "验收款", 25, "acceptance", on_terms=True),
            Part("Retention money", "质保金", 5, "acceptance", months=24, is_retention=True),
        ),
    ),
    ("100 % in advance", "全额预付", (Part("Full payment", "全款", 100, "signing"),)),
    ("30 days after invoice", "票到 30 天付款", (Part("Payment", "货款", 100, "invoice", days=30),)),
    (
        "Twelve months from signing",
        "签约起分 12 个月",
        tuple(Part(f"Month {n}", f"第 {n} 个月", 1, "signing", months=n) for n in range(1, 13)),
    ),
)
"""The first one is used when a contract brings no plan of its own."""


def install_plan_templates(template_model: Any, instalment_model: Any) -> None:
    """Install the templates where there are none; given the model classes, historical or live."""
    if template_model.objects.exists():
        return
    for position, (name, name_zh, parts) in enumerate(PLAN_TEMPLATES, start=1):
        template = template_model.objects.create(
            name=name, name_zh=name_zh, position=position, is_default=position == 1
        )
        instalment_model.objects.bulk_create(
            instalment_model(
                template=template,
                position=order,
                name=part.name,
                name_zh=part.name_zh,
                weight=part.weight,
                basis=part.basis,
                offset_months=part.months,
                offset_days=part.days,
                is_retention=part.is_retention,
                on_terms=part.on_terms,
            )
            for order, part in enumerate(parts, start=1)
        )


def install_clauses(template_model: Any) -> None:
    """Install the clauses where there are none; given the model class, historical or live."""
    if template_model.objects.exists():
        return
    template_model.objects.bulk_create(
        template_model(
            contract_kind=kind,
            position=position,
            key=clause.key,
            title=clause.title,
            title_zh=clause.title_zh,
            body=clause.body,
            body_zh=clause.body_zh,
            is_main=clause.is_main,
        )
        for kind, clauses in CLAUSES.items()
        for position, clause in enumerate(clauses, start=1)
    )
