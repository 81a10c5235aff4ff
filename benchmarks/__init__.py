"""Measuring the product as it is run: the production server on its own PostgreSQL, asked over HTTP.

`python -m benchmarks` measures, writes docs/performance.json and the tables of docs/performance.md.
"""
