"""Names compared without their dress: brackets, spaces, width, case and the form of the company do not count.

The key is computed by the database function `loudou_name_key` (created in a migration) in a generated column, so
that no writer can forget it. It serves hints about possible duplicates, never identity.
"""

from django.db import models
from django.db.models import F

CREATE_FUNCTION = r"""
CREATE OR REPLACE FUNCTION loudou_name_key(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(nullif(regexp_replace(
        plain,
        '(股份有限责任公司|股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|集团|公司'
        '|companylimited|coltd|limitedliabilitycompany|incorporated|corporation|company|limited|corp|inc|llc|ltd|gmbh)$',
        ''
    ), ''), plain)
    FROM regexp_replace(lower(normalize(source, NFKC)), '[^[:alnum:]]+', '', 'g') AS plain
$$
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS loudou_name_key(text)"


class NameKey(models.Func):
    """The name in lower case and half width, without punctuation, spaces and the form of the company."""

    function = "loudou_name_key"
    output_field = models.TextField()


def name_key(column: str) -> models.GeneratedField:
    """Declare the generated column over a name."""
    return models.GeneratedField(
        expression=NameKey(F(column)), output_field=models.TextField(), db_persist=True, editable=False
    )
