"""Blackening: taking a person's name and numbers out of texts without changing anything else about them.

History is append-only, and stays so: a row may lose words, it never gains or changes any. The database itself proves it
(`CREATE_FUNCTIONS`): where a table's triggers leave the door open (`audit.append_only(blackens=...)`), a change passes
only if every value is the old one with parts of it replaced by the mark, and only in a transaction that has itself
written the audit event of an erasure. See ADR 078.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

MARK = "███"
"""What stands where something was erased: the same in every language, and nothing a person types."""

ERASED_EVENT = "personal_data_erased"
"""The audit event of an erasure (`people.choices.EventCode`); the database looks for it by this name."""

CREATE_IS_BLACKENED = """
CREATE OR REPLACE FUNCTION loudou_is_blackened(was jsonb, now jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF was IS NOT DISTINCT FROM now OR now = '"███"'::jsonb THEN
        RETURN true;
    END IF;
    IF was IS NULL OR now IS NULL OR jsonb_typeof(was) <> jsonb_typeof(now) THEN
        RETURN false;
    END IF;
    CASE jsonb_typeof(now)
    WHEN 'string' THEN
        -- Each mark stands for a part of the old text; what is between the marks is as it was.
        RETURN position('███' IN now #>> '{}') > 0 AND (was #>> '{}') LIKE replace(
            replace(replace(replace(now #>> '{}', '\\', '\\\\'), '%', '\\%'), '_', '\\_'), '███', '%'
        );
    WHEN 'array' THEN
        RETURN jsonb_array_length(was) = jsonb_array_length(now) AND NOT EXISTS (
            SELECT FROM generate_series(0, jsonb_array_length(now) - 1) i
            WHERE NOT loudou_is_blackened(was -> i::int, now -> i::int)
        );
    WHEN 'object' THEN
        RETURN NOT EXISTS (
            SELECT FROM jsonb_each(was) o FULL JOIN jsonb_each(now) n USING (key)
            WHERE o.value IS NULL OR n.value IS NULL OR NOT loudou_is_blackened(o.value, n.value)
        );
    ELSE
        RETURN false;
    END CASE;
END
$$
"""
CREATE_MAY_BLACKEN = """
CREATE OR REPLACE FUNCTION loudou_may_blacken(was jsonb, now jsonb, columns text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    event bigint := nullif(current_setting('loudou.erasure', true), '')::bigint;
    present bigint := pg_current_xact_id()::text::bigint;
    written bigint;
BEGIN
    IF event IS NULL THEN
        RETURN false;
    END IF;
    SELECT entry.xmin::text::bigint INTO written FROM people_auditentry entry
        WHERE entry.id = event AND entry.operation = 'event' AND entry.table_name = 'personal_data_erased';
    IF written IS NULL THEN
        RETURN false;
    END IF;
    -- A row knows the lower half of its transaction's number. Only one that is still going on is this one: nobody sees
    -- the rows of another.
    written := (present >> 32 << 32) + written;
    IF written > present + 1000000000 THEN
        written := written - (1::bigint << 32);
    END IF;
    IF pg_xact_status(written::text::xid8) IS DISTINCT FROM 'in progress' THEN
        RETURN false;
    END IF;
    RETURN (was - columns - 'search_text') = (now - columns - 'search_text') AND NOT EXISTS (
        SELECT FROM unnest(columns) name WHERE NOT loudou_is_blackened(was -> name, now -> name)
    );
END
$$
"""
CREATE_FUNCTIONS = [CREATE_IS_BLACKENED, CREATE_MAY_BLACKEN]
DROP_FUNCTIONS = [
    "DROP FUNCTION IF EXISTS loudou_may_blacken(jsonb, jsonb, text[])",
    "DROP FUNCTION IF EXISTS loudou_is_blackened(jsonb, jsonb)",
]


@contextmanager
def history_may_be_blackened(event_id: int) -> Iterator[None]:
    """Open the door of append-only tables to blackening for the statements inside.

    `event_id` is the audit event of the erasure, which the present transaction wrote.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loudou.erasure', %s, true)", [str(event_id)])
        yield
        cursor.execute("SELECT set_config('loudou.erasure', '', true)")


def blacken(value: Any, pattern: re.Pattern[str], *, keeps_keys: bool = False) -> Any:
    """Replace what the pattern finds by the mark: in a text, and in the texts of lists and objects, however deep.

    Keys of objects count as text. With `keeps_keys` an object with such a key becomes the mark as a whole, because an
    entry of the audit must keep its keys. Other values (numbers, truth, None) are returned as they are.
    """
    if isinstance(value, str):
        return pattern.sub(MARK, value)
    if isinstance(value, list | tuple):
        return [blacken(item, pattern, keeps_keys=keeps_keys) for item in value]
    if isinstance(value, dict):
        if keeps_keys and any(pattern.search(key) for key in value):
            return MARK
        return {pattern.sub(MARK, key): blacken(item, pattern, keeps_keys=keeps_keys) for key, item in value.items()}
    return value


def blacken_whole(value: Any) -> Any:
    """Replace a value as a whole by the mark; what is empty stays empty, for it tells nothing."""
    return value if value in (None, "", [], {}) else MARK
