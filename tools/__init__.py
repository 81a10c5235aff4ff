"""Tools for those who work on Loudou; none of them is part of the product."""
