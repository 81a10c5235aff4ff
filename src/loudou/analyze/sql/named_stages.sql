-- Every stage that a deal was in, by sales process, with a number of its own.
--
-- Input: moves, deals. Stages of the same name in two processes are two.
CREATE OR REPLACE TEMP TABLE named_stages AS
WITH named AS (
    SELECT deals.process, moves.stage AS name FROM moves JOIN deals ON deals.place = moves.deal
    WHERE moves.stage IS NOT NULL AND moves.outcome = 'open'
    UNION
    SELECT deals.process, moves.from_stage FROM moves JOIN deals ON deals.place = moves.deal WHERE moves.from_stage IS NOT NULL
)
SELECT row_number() OVER (ORDER BY process NULLS FIRST, name) AS stage_id, process, name FROM named
