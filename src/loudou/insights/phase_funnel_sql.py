"""The statements behind the funnel of phases. `{chosen}` selects the customers that are looked at.

One pass over the changes of phase reduces them to counts; `insights.selectors.phase_funnel` infers from those.
"""

FOLLOWED = """
    WITH chosen(id) AS ({chosen}),
    change AS MATERIALIZED (
        SELECT change.customer_id, change.to_phase, change.at,
               lead(change.at) OVER history AS until, row_number() OVER history AS place,
               coalesce(proof.recorded_at, change.recorded_at) AS known_at
        FROM customers_phasechange change JOIN chosen ON chosen.id = change.customer_id
        LEFT JOIN customers_evidence proof ON proof.id = change.evidence_id
        WINDOW history AS (PARTITION BY change.customer_id ORDER BY change.id)
    ),
    passage AS (
        SELECT customer_id,
               min(at) AS reached_1,
               min(at) FILTER (WHERE to_phase >= 2) AS reached_2,
               min(at) FILTER (WHERE to_phase >= 3) AS reached_3,
               min(at) FILTER (WHERE to_phase >= 4) AS reached_4,
               min(at) FILTER (WHERE to_phase >= 5) AS reached_5,
               max(to_phase) FILTER (WHERE place = 1) AS began_in,
               max(known_at) FILTER (WHERE place = 1) AS known_at
        FROM change GROUP BY customer_id
    ),
    followed AS (
        SELECT *, CASE WHEN began_in >= %(middle)s AND known_at > reached_1 + %(soon)s THEN known_at END AS watched_from
        FROM passage
    ),
    step AS (
        SELECT part.phase,
               floor(extract(epoch FROM coalesce(part.onward_at, %(as_of)s) - part.at) / 86400)::int AS days,
               floor(extract(epoch FROM watched_from - part.at) / 86400)::int AS late_days,
               (part.onward_at IS NOT NULL)::int AS is_over
        FROM followed CROSS JOIN LATERAL (VALUES
            (1, reached_1, reached_2), (2, reached_2, reached_3), (3, reached_3, reached_4), (4, reached_4, reached_5)
        ) part(phase, at, onward_at)
        WHERE part.at IS NOT NULL AND (watched_from IS NULL OR part.phase >= began_in)
    ),
    stay AS (
        SELECT change.to_phase AS phase,
               floor(extract(epoch FROM coalesce(change.until, %(as_of)s) - change.at) / 86400)::int AS days,
               floor(extract(epoch FROM followed.watched_from - change.at) / 86400)::int AS late_days,
               (change.until IS NOT NULL)::int AS is_over
        FROM change JOIN followed ON followed.customer_id = change.customer_id
        WHERE change.to_phase > 0
    ),
    spell AS (
        SELECT 'step' AS part, phase, days, late_days, is_over FROM step
        UNION ALL SELECT 'stay', phase, days, late_days, is_over FROM stay
    )
"""
"""`watched_from` is set for customers that came with a past. What they went through before is not observed; what they
were in then is observed from that moment on (left truncation). What is not over by `as_of` is censored.
"""

COUNTED = (
    FOLLOWED  # noqa: S608 - put together from constants
    + """
    SELECT part, NULL::text AS key, phase, days,
           ARRAY[count(*) FILTER (WHERE NOT is_late AND is_over = 1),
                 count(*) FILTER (WHERE NOT is_late AND is_over = 0),
                 count(*) FILTER (WHERE is_late)] AS counts
    FROM (
        SELECT part, phase, days, is_over, false AS is_late FROM spell
        WHERE late_days IS NULL OR late_days < 0 OR days > late_days
        UNION ALL
        SELECT part, phase, late_days, is_over, true FROM spell WHERE late_days >= 0 AND days > late_days
    ) observed GROUP BY part, phase, days
    UNION ALL
    SELECT 'stood', NULL, to_phase, NULL, ARRAY[count(DISTINCT customer_id)] FROM change WHERE to_phase > 0
    GROUP BY to_phase
    UNION ALL
    SELECT 'later', NULL, NULL, NULL, ARRAY[count(*)] FROM followed WHERE watched_from IS NOT NULL
    UNION ALL
    SELECT 'cohort', date_trunc(%(grain)s, reached_1 AT TIME ZONE %(zone)s)::date::text, NULL, NULL,
           ARRAY[count(*), count(reached_2), count(reached_3), count(reached_4), count(reached_5)]
    FROM followed WHERE watched_from IS NULL GROUP BY 2
    UNION ALL
    SELECT 'group', sorted.key, NULL, NULL,
           ARRAY[count(*), count(reached_2), count(reached_3), count(reached_4), count(reached_5)]
    FROM followed JOIN ({groups}) sorted(customer_id, key) ON sorted.customer_id = followed.customer_id
    WHERE watched_from IS NULL GROUP BY 2
"""
)

STANDING = """
    WITH chosen AS MATERIALIZED (
        SELECT customer.id, customer.phase FROM customers_customer customer WHERE customer.id IN ({chosen})
    ),
    figure AS (
        SELECT phase, count(*) AS customers, 0 AS pending, 0 AS agreed FROM chosen GROUP BY phase
        UNION ALL
        SELECT chosen.phase, 0, sum(sale.amount_base), 0
        FROM pipeline_opportunity sale JOIN chosen ON chosen.id = sale.customer_id
        WHERE sale.id IN ({open}) GROUP BY chosen.phase
        UNION ALL
        SELECT chosen.phase, 0, 0, sum(paper.amount_base)
        FROM contracts_contract paper JOIN chosen ON chosen.id = paper.customer_id
        WHERE paper.id IN ({signed}) GROUP BY chosen.phase
    )
    SELECT phase, sum(customers)::bigint, coalesce(sum(pending), 0), coalesce(sum(agreed), 0)
    FROM figure GROUP BY phase
"""
"""Each kind of row is read once and summed by phase at once: sums by customer would be made anew in every parallel
process of the database, each from all rows.
"""

GROUPS = {
    "segment": """
        SELECT customer_id, subject_id::text FROM customers_standingevidence
        WHERE kind = 'segment_match' AND customer_id IN (SELECT id FROM chosen)
    """,
    "owner": """
        SELECT customer.id, coalesce(customer.owner_id::text, '')
        FROM customers_customer customer JOIN chosen ON chosen.id = customer.id
    """,
    "source": """
        SELECT customer.id, customer.source FROM customers_customer customer JOIN chosen ON chosen.id = customer.id
    """,
}
"""By what the customers are grouped: (customer_id, key). A customer can be in several segments."""
