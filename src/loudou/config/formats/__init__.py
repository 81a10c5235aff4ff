"""How each language writes days and times, as Django looks it up; see `loudou.core.days`."""
