"""Measuring the product as it is run: the production server on its own PostgreSQL, asked over HTTP.

`make bench` measures everything, `python -m benchmarks pages` one topic, `python -m benchmarks pages import 1e4 1e5`
two of them at two sizes. BENCH_HOME=folder keeps the loaded installations there, so that the next run need not load.

A topic is one file of this package that ends in

    TOPIC = Topic("statistics", measure)

where `measure(sizes)` measures at the sizes asked for (numbers of opportunities; a topic with sizes of its own may read
them as it likes) and calls `SECTION.write(figures)` with `SECTION = Section("statistics", tables)`. A section keeps its
figures in docs/performance/<name>.json and writes `tables(figures)`, Markdown, between its own pair of marks in
docs/performance.md:

    <!-- statistics: begin -->
    <!-- statistics: end -->

So a new topic touches its own file, its own JSON and its own lines of the page. Topics share `server.serving(size)` (an
installation that answers, with its CPU time), `leftovers.taken_away` (what measuring writes goes again), `measuring`
(answer times and CPU of an act), `calibration` (two fixed pieces of work by which machines compare), `report.table`
and `report.machine`.
"""
