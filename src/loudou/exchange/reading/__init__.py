"""Reading tables from files: text with any separator and encoding, and spreadsheets, with bounded memory.

Nothing here knows the database or what the columns mean. `tables.Table` is the entry.
"""
