"""Questions about the pipeline."""

from loudou.pipeline.models.process import FEWEST_STAGES, MOST_STAGES
from loudou.pipeline.selectors.calendar import calendar_days
from loudou.pipeline.selectors.cards import (
    CARDS_PER_COLUMN,
    board,
    lanes,
    month_parts,
    months_by_stage,
    more_cards,
)
from loudou.pipeline.selectors.distribution import by_column, by_kinds, closed_since, recently
from loudou.pipeline.selectors.funnel import current_funnel
from loudou.pipeline.selectors.history import changes_of, days_per_stage, known_at, opportunity_as_of, stage_history
from loudou.pipeline.selectors.narrowing import Narrowing, add_months, last_day, narrow
from loudou.pipeline.selectors.opportunities import (
    MOST_FOUND,
    MOST_SUMMED,
    customer_amounts,
    days_in_stage,
    is_starred,
    listed_volume,
    opportunity_detail,
    opportunity_for_page,
    opportunity_rows,
    rate_behind,
    visible_opportunities,
    weighted,
)
from loudou.pipeline.selectors.sales_setup import (
    SalesSetup,
    active_competitors,
    active_loss_reasons,
    competitor_rows,
    get_competitor,
    get_loss_reason,
    get_process,
    stage_use,
    stages_with_criteria,
)
from loudou.pipeline.selectors.volume import Volume, total, volumes

__all__ = [
    "CARDS_PER_COLUMN",
    "FEWEST_STAGES",
    "MOST_FOUND",
    "MOST_STAGES",
    "MOST_SUMMED",
    "Narrowing",
    "SalesSetup",
    "Volume",
    "active_competitors",
    "active_loss_reasons",
    "add_months",
    "board",
    "by_column",
    "by_kinds",
    "calendar_days",
    "changes_of",
    "closed_since",
    "competitor_rows",
    "current_funnel",
    "customer_amounts",
    "days_in_stage",
    "days_per_stage",
    "get_competitor",
    "get_loss_reason",
    "get_process",
    "is_starred",
    "known_at",
    "lanes",
    "last_day",
    "listed_volume",
    "month_parts",
    "months_by_stage",
    "more_cards",
    "narrow",
    "opportunity_as_of",
    "opportunity_detail",
    "opportunity_for_page",
    "opportunity_rows",
    "rate_behind",
    "recently",
    "stage_history",
    "stage_use",
    "stages_with_criteria",
    "total",
    "visible_opportunities",
    "volumes",
    "weighted",
]
