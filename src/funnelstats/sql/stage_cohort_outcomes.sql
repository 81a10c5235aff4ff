-- As stage_outcomes, apart for each quarter of entry: won, lost or undecided by stage, cohort and whole days since the first entry.
--
-- Input: stage_events, opportunities (by episodes, stage_visits); parameters $as_of, $known_at. `cohort` numbers blocks of 91 days
-- since 1970. How much cohorts differ beyond chance tells what deals of one time share.
WITH observed AS (
    SELECT stage_visits.stage_id, CAST(floor(stage_visits.entered_at / (91 * 86400)) AS INTEGER) AS cohort, episodes.outcome,
           CAST(floor((episodes.ended_at - stage_visits.entered_at) / 86400) AS INTEGER) AS days,
           CASE WHEN episodes.watched_from > stage_visits.entered_at
                THEN CAST(floor((episodes.watched_from - stage_visits.entered_at) / 86400) AS INTEGER) END AS late_days
    FROM stage_visits
    JOIN episodes ON episodes.opportunity_id = stage_visits.opportunity_id AND episodes.episode = stage_visits.episode
),
counted AS (
    SELECT stage_id, cohort, days, outcome, 0 AS is_late FROM observed WHERE days >= 0 AND (late_days IS NULL OR days > late_days)
    UNION ALL
    SELECT stage_id, cohort, late_days, outcome, 1 FROM observed WHERE days > late_days
)
SELECT stage_id, cohort, days,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'won') AS won,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'lost') AS lost,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'undecided') AS undecided,
       count(*) FILTER (WHERE is_late = 1) AS late
FROM counted
GROUP BY stage_id, cohort, days
ORDER BY stage_id, cohort, days
