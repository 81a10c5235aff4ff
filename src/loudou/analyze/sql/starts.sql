-- What is known of each deal before its first move: former values; in a log of states the first row of its first day.
--
-- Input: moves, deals; parameters $is_of_changes, $begins_on, $has_amounts, $has_dates, $is_known (see past.py).
CREATE OR REPLACE TEMP TABLE starts AS
WITH told AS (
    -- Wrapped, because the value of the first row counts also where it is NULL.
    SELECT deal, arg_min({'it': coalesce(from_stage, CASE WHEN moves.outcome = 'open' AND CAST(moved_at AS DATE) <= opened_on + 1
                                                          THEN moves.stage END)}, (moved_at, seq))
               FILTER (WHERE moves.stage IS NOT NULL).it AS stage,
           arg_min({'it': coalesce(before, CASE WHEN moves.stage IS NOT NULL THEN moves.amount END)}, (moved_at, seq))
               FILTER (WHERE moves.amount IS NOT NULL).it AS amount,
           arg_min({'it': coalesce(expected_before, CASE WHEN moves.stage IS NOT NULL THEN moves.expected_on END)}, (moved_at, seq))
               FILTER (WHERE moves.expected_on IS NOT NULL).it AS expected_on,
           count(moves.amount) AS amounts, count(moves.expected_on) AS dates, count(moves.stage) AS stages
    FROM moves JOIN deals ON deals.place = moves.deal
    GROUP BY deal
)
SELECT place AS deal,
       CASE WHEN coalesce(stages, 0) > 0 THEN told.stage
            WHEN $is_of_changes AND outcome = 'open' AND opened_on >= $begins_on THEN deals.stage END AS stage,
       CASE WHEN coalesce(amounts, 0) > 0 THEN told.amount
            WHEN deals.amount > 0 AND ($has_amounts OR outcome = 'open' OR $is_known) THEN deals.amount END AS amount,
       CASE WHEN coalesce(dates, 0) > 0 THEN told.expected_on
            WHEN $has_dates AND $is_of_changes AND outcome = 'open' THEN deals.expected_on END AS expected_on
FROM deals LEFT JOIN told ON told.deal = deals.place
