"""Search that an index answers, for Latin and Chinese alike.

pg_trgm needs three characters, yet a Chinese word has two. So each searchable row keeps a generated column that
holds its text in lower case, followed by every pair of neighbouring CJK characters as a word of its own, and the
search for 机械 looks for that *word* with the space behind it, which makes a trigram. The document is computed by the
database function `loudou_search_document` (created in a migration), so that no writer can forget it.
"""

from __future__ import annotations

import re

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

CREATE_FUNCTION = r"""
CREATE OR REPLACE FUNCTION loudou_search_document(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT ' ' || lower(source) || ' ' || coalesce((
        SELECT string_agg(substr(run[1], i, 2), ' ' ORDER BY i)
        FROM regexp_matches(source, '[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+', 'g') AS run,
             LATERAL generate_series(1, char_length(run[1])) AS i
    ), '') || ' '
$$
"""
CREATE_ARRAY_FUNCTION = """
CREATE OR REPLACE FUNCTION loudou_array_text(items text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$ SELECT array_to_string(items, ' ') $$
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS loudou_search_document(text)"

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"[^\s\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def needles(query: str) -> list[str]:
    """Texts that a document must all hold, each with enough trigrams for the index to find it.

    A pair of CJK characters is looked for with the space behind it and none before: in a document that says the same,
    since each pair stands there as a word, but the index looks up one trigram instead of three.
    """
    found: list[str] = []
    lowered = query.lower().strip()[:200]
    for run in _CJK.findall(lowered):
        if len(run) == 1:
            found.append(f" {run}")
        else:
            found += [f"{run[i : i + 2]} " for i in range(len(run) - 1)]
    for word in _WORD.findall(lowered):
        # Below three characters only the start of a word has trigrams (the padding helps).
        found.append(word if len(word) >= 3 else f" {word}")  # noqa: PLR2004
    return found


@models.CharField.register_lookup
@models.TextField.register_lookup
class IndexedLike(models.Lookup):
    """`search_text__like='% 机械 %'`: a plain LIKE on the prepared document."""

    lookup_name = "like"
    prepare_rhs = False

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Render `column LIKE pattern`."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s", [*lhs_params, self.rhs]


@models.TextField.register_lookup
class Holds(models.Lookup):
    """`search_text__holds='机械 '`: the same as `like`, asked in a way that no index answers."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Render `strpos(column, needle) > 0`."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"strpos({lhs}, %s) > 0", [*lhs_params, self.rhs]


def matches(query: str, *, among_few: bool = False) -> Q:
    """Condition: the document holds every word of the query. An empty query matches everything.

    `among_few` is for rows that another condition narrows to some thousand: those are read one by one. The trigram
    index would list the rows of the whole table with the word first, and the planner takes that to be cheap.
    """
    condition = Q()
    for needle in needles(query):
        condition &= Q(search_text__holds=needle) if among_few else Q(search_text__like=f"%{_escape(needle)}%")
    return condition


class ArrayText(models.Func):
    """The items of a text array as one text."""

    function = "loudou_array_text"
    output_field = models.TextField()


class SearchDocument(models.Func):
    """The searchable document of several texts."""

    function = "loudou_search_document"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


def search_document(*columns: str, arrays: tuple[str, ...] = ()) -> models.GeneratedField:
    """Declare the generated column over text columns and text-array columns of the row."""
    texts = [Coalesce(F(column), Value(""), output_field=models.TextField()) for column in columns]
    lists = [Coalesce(ArrayText(F(column)), Value(""), output_field=models.TextField()) for column in arrays]
    return models.GeneratedField(
        expression=SearchDocument(*texts, *lists), output_field=models.TextField(), db_persist=True, editable=False
    )


def search_index(name: str) -> GinIndex:
    """Declare the trigram index over `search_text`."""
    return GinIndex(OpClass(F("search_text"), "gin_trgm_ops"), name=name)
