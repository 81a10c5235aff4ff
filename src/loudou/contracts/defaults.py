"""What is shipped with contracts: number series. Plain data, so that migrations do not depend on today's models."""

from __future__ import annotations

from typing import Any

SERIES: tuple[dict[str, Any], ...] = (
    {"kind": "contract", "pattern": "HT{year}-{number:4}", "is_gap_free": True},
    {"kind": "delivery", "pattern": "FH{year}{month}-{number:4}", "reset": "monthly", "is_gap_free": False},
    {"kind": "invoice", "pattern": "FP{year}-{number:5}", "is_gap_free": True},
    {"kind": "receipt", "pattern": "SK{year}-{number:5}", "is_gap_free": True},
)
"""Contracts 合同, deliveries 发货, invoices 发票, receipts 收款; each starts again every year or month."""


def install(series_model: Any) -> None:
    """Install the series that are missing; given the model class, historical or live."""
    for shipped in SERIES:
        series_model.objects.get_or_create(kind=shipped["kind"], defaults=shipped)
