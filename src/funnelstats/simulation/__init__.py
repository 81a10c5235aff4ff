"""Companies whose truth is known, to teach with and to prove estimates on.

A `Company` says with which daily hazards its deals advance, skip, go back and are lost, what its reps can do, how
business swings within a quarter, and how strongly a common market moves all deals of a quarter. `simulate` lets many
companies live day by day; `tables` returns what a sales system would hold on a day (`schemas.py`), while the world
itself holds what no system knows: the strength of every deal and each quarter's market. Everything follows from the
seed.
"""

from funnelstats.simulation.company import Company, draw_company
from funnelstats.simulation.deals import Deals
from funnelstats.simulation.tables import tables
from funnelstats.simulation.world import Events, Orders, World, simulate

__all__ = ["Company", "Deals", "Events", "Orders", "World", "draw_company", "simulate", "tables"]
