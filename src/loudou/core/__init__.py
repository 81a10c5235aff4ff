"""What every module stands on: money, periods, the clock, refusals, scoped querysets, the embedded database."""
