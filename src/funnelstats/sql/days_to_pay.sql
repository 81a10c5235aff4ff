-- How long instalments take to be paid: by group and days after the due date, how much money came, waits, and began to wait.
--
-- Input: instalments(instalment_id, member, issued_on, due_on, amount) and payments(instalment_id, paid_on, amount);
-- `member` is any group, such as the customer. Parameter $as_of, a date. Each unit of money is a case: what was paid ends on
-- its day, what is open is still waited for (censored). Days before the due date are negative. `entering` is the money
-- whose observation began there (its invoice was issued so many days before it fell due): it could not be paid earlier.
-- Negative instalments are left out, and what was not issued by then.
WITH known AS (
    SELECT instalment_id, member, issued_on, due_on, amount
    FROM instalments
    WHERE amount > 0 AND (issued_on IS NULL OR issued_on <= $as_of)
),
paid AS (
    SELECT k.instalment_id, k.member, k.issued_on, k.due_on, p.paid_on, sum(p.amount) AS amount
    FROM known k JOIN payments p ON p.instalment_id = k.instalment_id
    WHERE p.paid_on <= $as_of
    GROUP BY k.instalment_id, k.member, k.issued_on, k.due_on, p.paid_on
),
settled AS (
    SELECT instalment_id, sum(amount) AS amount FROM paid GROUP BY instalment_id
),
cases AS (
    SELECT member, date_diff('day', due_on, paid_on) AS days, amount AS paid, 0 AS waiting, 0 AS entering
    FROM paid
    WHERE amount > 0
    UNION ALL
    SELECT k.member, date_diff('day', k.due_on, $as_of) AS days, 0 AS paid, k.amount - coalesce(s.amount, 0) AS waiting,
           0 AS entering
    FROM known k LEFT JOIN settled s ON s.instalment_id = k.instalment_id
    WHERE k.amount > coalesce(s.amount, 0)
    UNION ALL
    -- Money paid on the day of the invoice or before would leave before it entered: it enters a day earlier.
    SELECT k.member, date_diff('day', k.due_on, k.issued_on) - 1 AS days, 0 AS paid, 0 AS waiting, k.amount AS entering
    FROM known k
    WHERE k.issued_on IS NOT NULL
)
SELECT member, days, sum(paid) AS paid, sum(waiting) AS waiting, sum(entering) AS entering
FROM cases
GROUP BY member, days
ORDER BY member, days
