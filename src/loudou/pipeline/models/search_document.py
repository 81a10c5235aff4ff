"""What a search finds an opportunity by: its own words and its customer's names, in one document under one index.

Were the names only at the customer, every search would join two tables with an OR, which no index answers. The database
keeps the document itself (see docs/adr/040-search-document-of-opportunities.md), so that no writer can forget it.
"""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from loudou.customers.models import Customer

CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION loudou_opportunity_document(subject text, external_id text, reference text, customer bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT loudou_search_document(concat_ws(
        ' ', subject, external_id, reference, named.name, named.short_name, loudou_array_text(named.aliases)
    ))
    FROM (SELECT) AS one LEFT JOIN customers_customer named ON named.id = customer
$$
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS loudou_opportunity_document(text, text, text, bigint)"

KEPT = "loudou_opportunity_document(subject, external_id, contract_reference, customer_id)"
"""The document that a row of opportunities must have."""


def document_kept() -> pgtrigger.Trigger:
    """Trigger for the opportunity's Meta: it writes the document, whatever a writer says.

    The lock makes a change of the customer's names, which asks for more, wait until this row can be seen by it.
    """
    return pgtrigger.Trigger(
        name="search_document",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert
        | pgtrigger.UpdateOf("subject", "external_id", "contract_reference", "customer_id", "search_text"),  # type: ignore[no-untyped-call]
        func="""
        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
        NEW.search_text := loudou_opportunity_document(
            NEW.subject, NEW.external_id, NEW.contract_reference, NEW.customer_id
        );
        RETURN NEW;
        """,
    )


class NamedCustomer(Customer):
    """The customer as its opportunities know it: when it is called otherwise, their documents follow."""

    class Meta:
        proxy = True
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        triggers = [
            pgtrigger.Trigger(
                name="names_reach_opportunities",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("name", "short_name", "aliases"),  # type: ignore[no-untyped-call]
                func="""
                IF (NEW.name, NEW.short_name, NEW.aliases) IS DISTINCT FROM (OLD.name, OLD.short_name, OLD.aliases) THEN
                    PERFORM FROM customers_customer WHERE id = NEW.id FOR UPDATE;
                    UPDATE pipeline_opportunity SET search_text = '' WHERE customer_id = NEW.id;
                END IF;
                RETURN NULL;
                """,
            )
        ]
