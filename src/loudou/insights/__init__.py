"""The bridge from rows to statistics: reads through SQL, infers with funnelstats, stores results with their time."""
