"""What a period will bring, as a distribution: open deals, orders without a deal, and deals still to be opened.

histories = read_histories(engine, as_of)                    one pass over the tables, reduced on the engine
found = prospect(histories[segment], start, end, as_of=as_of)
forecast = foretell(found, shock=backtest(past).shock)       P10, P50, P90, two modes where one deal decides
"""

from funnelstats.forecast.history import History, read_histories
from funnelstats.forecast.past import Backtest, Past, backtest, fit_shock, look_back, quarters_before
from funnelstats.forecast.period import Modes, PeriodForecast, Prospect, foretell, prospect

__all__ = [
    "Backtest",
    "History",
    "Modes",
    "Past",
    "PeriodForecast",
    "Prospect",
    "backtest",
    "fit_shock",
    "foretell",
    "look_back",
    "prospect",
    "quarters_before",
    "read_histories",
]
