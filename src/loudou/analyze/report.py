"""The report: one HTML file in both languages that opens offline and prints well. Charts are SVG inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.template import Context, Engine
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou import __version__
from loudou.analyze.analysis import Analysis
from loudou.analyze.questions import Group

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
_LOCALES = {"en": "en", "zh-hans": "zh_Hans"}
ROWS_SHOWN = 40
BAR = 360
FORECAST_FIGURES = ("booked", "p10", "p50", "p90", "weighted", "from_open", "from_new")
BACKTEST_FIGURES = ("p10", "p50", "p90", "weighted", "naive", "actual")

FINDINGS: dict[str, Promise] = {
    "no_opening_date": _("No opening date: these deals say nothing about time and are left out of the win rate"),
    "closed_without_date": _("Closed, but without a closing date"),
    "closed_before_opened": _("Closed before they were opened"),
    "won_without_amount": _("Won without an amount"),
    "lost_with_amount_zero": _("Lost deals whose amount was set to zero: what was lost is no longer known"),
    "open_without_amount": _("Open without an amount: the mean of won deals stands in for it in the forecast"),
    "negative_amount": _("Negative amounts"),
    "no_owner": _("Without an owner"),
    "no_customer": _("Without a customer"),
    "repeated_id": _("The same id more than once"),
    "expected_date_passed": _("Open, although the expected date has passed"),
    "unreadable_amount": _("Amounts that cannot be read"),
    "unreadable_date": _("Dates that cannot be read"),
    "product_written_differently": _("Products that are probably one, written differently"),
    "owner_written_differently": _("Owners who are probably one, written differently"),
    "customer_written_differently": _("Customers who are probably one, written differently"),
}
GROUP_TITLES: dict[str, Promise] = {"owner": _("Sales people"), "product": _("Products"), "customer": _("Customers")}


def write_report(found: Analysis, target: Path) -> None:
    """Write the report. Nothing is half-written: the file appears when it is complete."""
    engine = Engine(dirs=[str(Path(__file__).parent / "templates")], libraries={"i18n": "django.templatetags.i18n"})
    page = engine.get_template("analyze/report.html")
    bodies = []
    for language, name in LANGUAGES.items():
        with translation.override(language):
            body = engine.get_template("analyze/body.html").render(Context(_words(found, language)))
            bodies.append({"code": language, "name": name, "html": body})
    html = page.render(Context({"bodies": bodies, "files": ", ".join(found.files), "version": __version__}))
    draft = target.with_name(f".{target.name}.part")
    draft.write_text(html, encoding="utf-8")
    draft.replace(target)


def _words(found: Analysis, language: str) -> dict[str, Any]:
    locale = _LOCALES[language]

    def number(value: float | None) -> str:
        return "–" if value is None else format_decimal(round(value), locale=locale)

    def share(value: float | None) -> str:
        return "–" if value is None else format_percent(value, "0.0 %" if locale == "en" else "0.0%", locale=locale)

    longest = max((row.deals for row in found.funnel), default=1)
    return {
        "found": found,
        "as_of": format_date(found.as_of, "long", locale=locale),
        "rows": number(found.rows),
        "outcomes": {name: number(count) for name, count in found.outcomes.items()},
        "rate": {
            "value": share(found.rate.value), "low": share(found.rate.low), "high": share(found.rate.high),
            "n": number(found.rate.n), "closed": share(found.rate.closed), "undecided": share(found.rate.undecided),
            "decided": number(found.rate.won + found.rate.lost), "days": found.rate.horizon_days,
        },
        "findings": [
            {"sentence": FINDINGS[f.code], "count": number(f.count), "sample": f.sample} for f in found.findings
        ],
        "funnel": [
            {
                "stage": row.stage or "–", "deals": number(row.deals), "amount": number(row.amount),
                "width": round(BAR * row.deals / longest),
            }
            for row in found.funnel
        ],
        "groups": [_group(name, group, number, share) for name, group in found.groups.items() if group.rows],
        "forecasts": [
            {"period": f.period, **{name: number(getattr(f, name)) for name in FORECAST_FIGURES}}
            for f in found.outlook.forecasts
        ],
        "backtests": [
            {
                "period": t.period, "held": t.p10 <= t.actual <= t.p90,
                **{name: number(getattr(t, name)) for name in BACKTEST_FIGURES},
            }
            for t in found.outlook.backtests
        ],
        "errors": {
            "forecast": share(found.outlook.wape),
            "weighted": share(found.outlook.wape_weighted),
            "naive": share(found.outlook.wape_naive),
        },
        "cycle": {"median": number(found.cycle.median), "p80": number(found.cycle.p80), "n": number(found.cycle.n)},
        "stale_count": number(found.stale_count),
        "stale": [
            {"deal": s.label, "owner": s.owner, "stage": s.stage, "age": number(s.age), "amount": number(s.amount)}
            for s in found.stale
        ],
        "bar": BAR,
    }  # fmt: skip


def _group(name: str, group: Group, number: Any, share: Any) -> dict[str, Any]:
    return {
        "title": GROUP_TITLES[name],
        "evidence": group.difference.evidence,
        "p": None if group.difference.p_value is None else f"{group.difference.p_value:.2g}",
        "more": max(len(group.rows) - ROWS_SHOWN, 0),
        "rows": [
            {
                "name": row.name, "won": number(row.won), "lost": number(row.lost), "open": number(row.open),
                "raw": share(row.rate.raw if row.rate.n >= 10 else None),  # noqa: PLR2004 - a rate of nine deals misleads
                "value": share(row.rate.value), "low": share(row.rate.low), "high": share(row.rate.high),
                "x": round(BAR * row.rate.low, 1), "width": round(BAR * (row.rate.high - row.rate.low), 1),
                "dot": round(BAR * row.rate.value, 1),
            }
            for row in group.rows[:ROWS_SHOWN]
        ],
    }  # fmt: skip
