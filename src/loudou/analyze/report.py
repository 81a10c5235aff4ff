"""The report: one HTML file in both languages that opens offline and prints well. Charts are SVG inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.numbers import format_decimal, format_percent
from django.template import Context, Engine
from django.utils import translation

from funnelstats.evidence import Difference
from funnelstats.forecast import PeriodForecast
from loudou import __version__
from loudou.analyze import wording
from loudou.analyze.analysis import Analysis
from loudou.analyze.outlook import label
from loudou.analyze.questions import Group
from loudou.core.days import written

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
_LOCALES = {"en": "en", "zh-hans": "zh_Hans"}
ROWS_SHOWN = 40
FEWEST_TO_SHOW = 10
"""A percentage of fewer closed deals misleads."""
BAR = 200


def write_report(found: Analysis, target: Path) -> None:
    """Write the report. Nothing is half-written: the file appears when it is complete."""
    engine = Engine(dirs=[str(Path(__file__).parent / "templates")], libraries={"i18n": "django.templatetags.i18n"})
    page = engine.get_template("analyze/report.html")
    bodies = []
    for language, name in LANGUAGES.items():
        with translation.override(language):
            words = Words(_LOCALES[language])
            body = engine.get_template("analyze/body.html").render(Context(words.of(found)))
            bodies.append({"code": language, "name": name, "html": body})
    html = page.render(Context({"bodies": bodies, "files": ", ".join(found.files), "version": __version__}))
    draft = target.with_name(f".{target.name}.part")
    draft.write_text(html, encoding="utf-8")
    draft.replace(target)


class Words:
    """An analysis in one language: what the template shows, written as people of that language write it."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def number(self, value: float | None) -> str:
        """A whole number; a dash where there is none."""
        return "–" if value is None else format_decimal(round(value), locale=self.locale)

    def share(self, value: float | None) -> str:
        """A percentage with one decimal; a dash where there is none."""
        pattern = "0.0 %" if self.locale == "en" else "0.0%"
        return "–" if value is None else format_percent(value, pattern, locale=self.locale)

    def of(self, found: Analysis) -> dict[str, Any]:
        """All that the template shows."""
        number, share = self.number, self.share
        rate = found.rate
        return {
            "found": found,
            "as_of": written(found.as_of),
            "rows": number(found.rows),
            "outcomes": {name: number(count) for name, count in found.outcomes.items()},
            "rate": {
                "value": share(rate.value), "low": share(rate.low), "high": share(rate.high), "n": number(rate.n),
                "closed": share(rate.closed), "undecided": share(rate.undecided),
                "decided": number(rate.won + rate.lost), "days": rate.horizon_days,
                "if_lost": share(found.zombies.if_lost.value), "if_left_out": share(found.zombies.if_left_out.value),
                **self.bar(rate.low, rate.high, rate.value, most=1.0),
            },
            "findings": [
                {"sentence": wording.FINDINGS[f.code], "count": number(f.count), "sample": f.sample}
                for f in found.findings
            ],
            "funnel": self.funnel(found),
            "cohorts": [
                {
                    "quarter": label(row.quarter), "opened": number(row.opened), "won": number(row.won),
                    "lost": number(row.lost), "open": number(row.open), "share": share(row.won / row.opened),
                }
                for row in found.cohorts
            ],
            "groups": [self.group(name, group) for name, group in found.groups.items() if group.rows],
            "cycle": {
                "median": number(found.cycle.to_win.median), "p80": number(found.cycle.to_win.p80),
                "n": number(found.cycle.to_win.finished),
                "close_median": number(found.cycle.to_close.median), "close_p80": number(found.cycle.to_close.p80),
            },
            "stale_count": number(found.zombies.count),
            "stale_share": share(found.zombies.share),
            "bar": BAR,
            **self.outlook(found),
            **self.abnormal(found),
            **self.first(found),
        }  # fmt: skip

    def funnel(self, found: Analysis) -> list[dict[str, Any]]:
        """Open deals by stage."""
        longest = max((row.deals for row in found.funnel), default=1)
        return [
            {
                "stage": row.stage or "–", "deals": self.number(row.deals), "amount": self.number(row.amount),
                "width": round(BAR * row.deals / longest),
            }
            for row in found.funnel
        ]  # fmt: skip

    def outlook(self, found: Analysis) -> dict[str, Any]:
        """Forecasts, and those of past quarters."""
        number, share = self.number, self.share
        tested = found.outlook.tested
        past = tested.periods if tested else ()
        shown = [*found.outlook.forecasts, *(one.forecast for one in past)]
        most = max((one.quantile(0.9) or 0.0 for one in shown), default=0.0)
        most = max([most, 1.0, *(one.actual for one in past)])
        scores = tested.scores if tested else {}
        return {
            "forecasts": [
                {
                    **self.forecast(one, most), "booked": number(one.prospect.booked),
                    "from_open": number(one.prospect.deals.mean), "from_new": number(one.prospect.new.mean),
                }
                for one in found.outlook.forecasts
            ],
            "backtests": [
                {
                    **self.forecast(one.forecast, most), "held": one.is_within, "actual": number(one.actual),
                    "naive": number(one.forecast.prospect.naive), "mark": round(BAR * one.actual / most, 1),
                }
                for one in past
            ],
            "errors": {
                kind: share(scores[kind].accuracy.wape) if kind in scores else "–"
                for kind in ("model", "weighted", "naive")
            },
            "held": sum(one.is_within for one in past),
        }  # fmt: skip

    def forecast(self, one: PeriodForecast, most: float) -> dict[str, Any]:
        """One quarter: its name, quantiles and bar."""
        low, middle, high = (one.quantile(part) for part in (0.1, 0.5, 0.9))
        return {
            "period": label(one.prospect.start), "p10": self.number(low), "p50": self.number(middle),
            "p90": self.number(high), "weighted": self.number(one.prospect.weighted),
            **self.bar(low, high, middle, most=most),
        }  # fmt: skip

    def group(self, name: str, group: Group) -> dict[str, Any]:
        """Owners, products or customers with their rates."""
        share, number = self.share, self.number
        return {
            "title": wording.GROUP_TITLES[name],
            **self.evidence(group.difference),
            "forget": group.zombie_difference is not None and group.zombie_difference.evidence == "clear",
            "more": max(len(group.rows) - ROWS_SHOWN, 0),
            "rows": [
                {
                    "name": row.name, "won": number(row.won), "lost": number(row.lost), "open": number(row.open),
                    "raw": share(row.raw if row.won + row.lost >= FEWEST_TO_SHOW else None),
                    "value": share(row.rate.value), "low": share(row.rate.low), "high": share(row.rate.high),
                    **self.bar(row.rate.low, row.rate.high, row.rate.value, most=1.0),
                }
                for row in group.rows[:ROWS_SHOWN]
            ],
        }  # fmt: skip

    def evidence(self, found: Difference) -> dict[str, Any]:
        """Whether there is a difference, and how sure that is."""
        p = found.p_value
        return {"evidence": found.evidence, "p": None if p is None else "< 0.001" if p < 0.001 else f"= {p:.2g}"}  # noqa: PLR2004

    def abnormal(self, found: Analysis) -> dict[str, Any]:
        """Open deals that break rules."""
        return {
            "abnormal_count": self.number(found.abnormal.count),
            "rules": [
                {"sentence": wording.RULES[name], "count": self.number(count)}
                for name, count in found.abnormal.by_rule.items()
            ],
            "not_judged": [wording.RULES[name] for name in found.abnormal.not_judged],
            "gravest": [
                {
                    "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "amount": self.number(deal.amount),
                    "broken": [wording.broken(one) for one in deal.broken],
                }
                for deal in found.abnormal.gravest
            ],
        }  # fmt: skip

    def first(self, found: Analysis) -> dict[str, Any]:
        """What to work on first, and the inflow."""
        ladder, inflow = found.first.ladder, found.first.inflow
        return {
            "order": [
                {
                    "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "amount": self.number(deal.amount),
                    "chance": self.share(deal.chance), "worth": self.number(deal.worth),
                    "reasons": [wording.reason(one, self.share) for one in deal.reasons],
                }
                for deal in found.first.deals
            ],
            "model": wording.RUNGS[ladder.rung.name] if ladder else "",
            "tried": len(ladder.evaluation.verdicts) if ladder else 0,
            "horizon": ladder.horizon_days if ladder else 0,
            "inflow": inflow and inflow.needed is not None and {
                "a_week": self.number(inflow.entered / inflow.weeks), "needed": self.number(inflow.needed),
                "is_dry": inflow.is_dry, "period": found.first.repeat_period, "amount": self.number(found.first.repeat),
            },
        }  # fmt: skip

    def bar(self, low: float | None, high: float | None, dot: float | None, *, most: float) -> dict[str, float]:
        """Pixels of an interval and the value in it."""
        left, right, middle = (round(BAR * (value or 0.0) / most, 1) for value in (low, high, dot))
        return {"x": left, "width": max(round(right - left, 1), 1.0), "dot": middle}
