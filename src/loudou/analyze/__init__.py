"""`loudou analyze`: the statistics of a pipeline from any CRM's export, without a server or a database.

Files are read like imports are (`exchange.reading`, the same synonyms), held in an embedded DuckDB, asked by SQL, and
inferred from by `funnelstats`.
"""
