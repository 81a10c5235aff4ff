"""What `loudou check` proves about contracts, versions, lines and deliveries."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext_lazy as _

from loudou.core.checks import Finding, Sentence, check

_VERSIONS = """
    SELECT c.id FROM contracts_contract c JOIN contracts_contractversion v ON v.id = coalesce(
        c.version_in_force_id, (SELECT id FROM contracts_contractversion WHERE contract_id = c.id AND sequence = 1)
    )
    WHERE v.contract_id <> c.id OR (c.version_in_force_id IS NOT NULL AND v.state <> 'in_force')
       OR (c.net_amount, c.tax_amount, c.amount) IS DISTINCT FROM (v.net_amount, v.tax_amount, v.amount)
       OR (c.effective_on, c.expires_on) IS DISTINCT FROM (v.effective_on, v.expires_on)
    ORDER BY c.id
"""
_SUMS = """
    SELECT v.id FROM contracts_contractversion v LEFT JOIN contracts_lineterms t ON t.version_id = v.id
    GROUP BY v.id
    HAVING (v.net_amount, v.tax_amount)
        IS DISTINCT FROM (coalesce(sum(t.net_amount), 0), coalesce(sum(t.tax_amount), 0))
    ORDER BY v.id
"""
_LINES = """
    SELECT l.id FROM contracts_contractline l JOIN contracts_contract c ON c.id = l.contract_id
    LEFT JOIN contracts_lineterms t ON t.line_id = l.id AND t.version_id = c.version_in_force_id
    LEFT JOIN (
        SELECT line_id, sum(quantity) AS quantity, sum(amount) AS amount FROM contracts_deliveryline GROUP BY line_id
    ) d ON d.line_id = l.id
    WHERE (l.ordered, l.ordered_amount) IS DISTINCT FROM (coalesce(t.quantity, 0), coalesce(t.amount, 0))
       OR (l.delivered, l.delivered_amount) IS DISTINCT FROM (coalesce(d.quantity, 0), coalesce(d.amount, 0))
       OR l.delivered NOT BETWEEN 0 AND l.ordered
    ORDER BY l.id
"""
_DELIVERIES = """
    SELECT h.id FROM contracts_delivery h LEFT JOIN contracts_deliveryline d ON d.delivery_id = h.id
    GROUP BY h.id HAVING h.amount IS DISTINCT FROM coalesce(sum(d.amount), 0) ORDER BY h.id
"""
_ACTS = """
    SELECT c.id FROM contracts_contract c
    WHERE c.signed_on IS DISTINCT FROM (
        SELECT max("on") FROM contracts_contractact a WHERE a.contract_id = c.id AND a.kind = 'signed'
    )
    ORDER BY c.id
"""
_OVERTAKEN = """
    SELECT DISTINCT n.id FROM contracts_numbercounter n JOIN contracts_numberseries s ON s.id = n.series_id
    WHERE s.is_gap_free <> (n.lane = 0) ORDER BY n.id
"""


@check("contracts.versions", _("Each contract says what its version in force says, before signing its first one."))
def versions() -> Iterator[Finding]:
    """Compare contracts with their versions."""
    return _findings("contract", _VERSIONS, _("It does not say what its version says."))


@check("contracts.version_sums", _("The amount of each version is the sum of its lines."))
def version_sums() -> Iterator[Finding]:
    """Add up the lines of each version."""
    return _findings("contractversion", _SUMS, _("Its amount is not the sum of its lines."))


@check(
    "contracts.lines", _("What each line has ordered and delivered follows from its terms in force and its postings.")
)
def lines() -> Iterator[Finding]:
    """Compare the figures of lines with terms and deliveries."""
    return _findings("contractline", _LINES, _("Its figures do not follow from terms and deliveries."))


@check("contracts.deliveries", _("The amount of each delivery is the sum of its lines."))
def deliveries() -> Iterator[Finding]:
    """Add up the lines of each delivery."""
    return _findings("delivery", _DELIVERIES, _("Its amount is not the sum of its lines."))


@check("contracts.signatures", _("Each contract is signed on the day of the act that signed it."))
def signatures() -> Iterator[Finding]:
    """Compare the day of signing with the acts."""
    return _findings("contract", _ACTS, _("Its day of signing is not that of an act."))


@check("contracts.counters", _("A series without gaps counts in one place."))
def counters() -> Iterator[Finding]:
    """Look for counters that do not fit their series."""
    return _findings("numbercounter", _OVERTAKEN, _("The counter does not fit its series."))


def _findings(model: str, sql: str, problem: Sentence) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for (pk,) in cursor.fetchall():
            yield Finding(f"contracts.{model} {pk}", problem)
