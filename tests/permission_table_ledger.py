"""What the operations of contracts to cash, phases, supply and segments answer to whom; see `permission_table`."""

from __future__ import annotations

from collections.abc import Mapping

from tests.permission_rules import (
    ADMINISTERS,
    ADMINISTRATOR,
    APPROVES,
    DRAFTS,
    EVERYBODY,
    EXECUTIVE,
    FINANCE,
    IMPORTS,
    OPERATIONS,
    PERFORMS,
    POSTS,
    SELLS,
    Rule,
    page,
)

HOLDS = POSTS
RELEASES = frozenset({FINANCE, EXECUTIVE, ADMINISTRATOR})
ASKS = DRAFTS
SETS_POLICY = frozenset({FINANCE, OPERATIONS, ADMINISTRATOR})
V = {"version": 1}
WHY = {"reason": "Agreed"}
PART = {"name": "All", "basis": "signing", "share": "1"}


def change(may: frozenset[str], record: str = "", **body: object) -> Rule:
    """A POST with a body."""
    return Rule(may, "POST", record, body=body)


OPERATIONS_OF_THE_LEDGER: Mapping[str, Rule] = {
    # Contracts
    "list_contracts": page(EVERYBODY),
    "show_contract": page(EVERYBODY, "contract"),
    "show_missing": page(EVERYBODY, "contract"),
    "list_versions": page(EVERYBODY, "contract"),
    "show_version": page(EVERYBODY, "contract", args={"sequence": 1}),
    "show_differences": page(EVERYBODY, "contract", args={"sequence": 1}),
    "download_paper": page(EVERYBODY, "contract"),
    "list_acts": page(EVERYBODY, "contract"),
    "list_contract_files": page(EVERYBODY, "contract"),
    "download_contract_file": page(EVERYBODY, "contract_file"),
    "draft_contract": Rule(DRAFTS, "POST"),
    "draft_contract_of_sale": Rule(SELLS, "POST", "opportunity"),
    "change_contract": Rule(DRAFTS, "PATCH", "contract", body={**V, "title": "New"}),
    "delete_draft": Rule(DRAFTS, "DELETE", "contract"),
    "set_contract_lines": Rule(DRAFTS, "PUT", "contract", body={**V, "lines": []}),
    "set_contract_terms": Rule(DRAFTS, "PUT", "contract", body={**V, "warranty_months": 6}),
    "set_contract_clauses": Rule(DRAFTS, "PUT", "contract", body={**V, "clauses": []}),
    "restore_contract_clauses": Rule(DRAFTS, "POST", "contract"),
    "attach_contract_file": Rule(DRAFTS, "POST", args={"contract_id": "@contract"}),
    "remove_contract_file": Rule(DRAFTS, "DELETE", "contract_file"),
    "offer_contract": change(DRAFTS, "contract"),
    "take_back_offer": change(DRAFTS, "contract"),
    "record_counter_offer": change(DRAFTS, "contract"),
    "decline_contract": change(DRAFTS, "contract"),
    "sign_contract": change(PERFORMS, "contract"),
    "begin_performance": change(PERFORMS, "contract"),
    "complete_contract": change(PERFORMS, "contract", note="Agreed"),
    "terminate_contract": change(PERFORMS, "contract", note="Agreed"),
    "draft_amendment": change(DRAFTS, "contract", **WHY),
    "offer_amendment": change(DRAFTS, "contract"),
    "take_back_amendment": change(DRAFTS, "contract"),
    "drop_amendment": change(DRAFTS, "contract"),
    "accept_amendment": change(PERFORMS, "contract"),
    "list_waiting_discounts": page(APPROVES),
    "list_discount_requests": page(EVERYBODY, "contract"),
    "request_discount": change(DRAFTS, "contract", **WHY),
    "approve_discount": change(APPROVES, "discount_request"),
    "refuse_discount": change(APPROVES, "discount_request", **WHY),
    "drop_discount_request": Rule(DRAFTS, "POST", "discount_request"),
    # Deliveries
    "list_deliveries": page(EVERYBODY),
    "show_delivery": page(EVERYBODY, "delivery"),
    "post_delivery": change(PERFORMS, "contract"),
    "return_delivery": change(PERFORMS, "delivery", **WHY),
    "record_acceptance": change(PERFORMS, "delivery"),
    # Money
    "list_plans": page(EVERYBODY, "contract"),
    "set_plan": Rule(DRAFTS, "PUT", "contract", body={"lines": [PART]}),
    "set_plan_from_template": Rule(DRAFTS, "PUT", "contract", body={"template_id": "@plan_template"}),
    "set_monthly_plan": Rule(DRAFTS, "PUT", "contract", body={"months": 3, "first_on": "2026-07-01"}),
    "settle_termination": change(PERFORMS, "contract", lines=[PART]),
    "list_instalments": page(EVERYBODY),
    "list_payments_of_instalment": page(EVERYBODY, "instalment"),
    "list_plan_templates": page(EVERYBODY),
    "create_plan_template": Rule(ADMINISTERS, "POST"),
    "change_plan_template": Rule(ADMINISTERS, "PUT", args={"template_id": "@plan_template"}),
    "list_receipts": page(EVERYBODY),
    "show_receipt": page(EVERYBODY, "receipt"),
    "post_receipt": Rule(POSTS, "POST", body={"customer_id": "@customer", "amount": "5"}),
    "allocate_receipt": change(POSTS, "receipt"),
    "undo_allocation": Rule(POSTS, "POST", "allocation", body={}),
    "allocate_advances": Rule(POSTS, "POST", "customer"),
    "refund_receipt": change(POSTS, "receipt", amount="1", **WHY),
    "reverse_receipt": change(POSTS, "receipt", **WHY),
    "reverse_refund": change(POSTS, "refund", **WHY),
    "settle_bill": change(POSTS, "receipt", step="honoured"),
    "list_reversals": page(EVERYBODY, "customer"),
    "list_invoices": page(EVERYBODY),
    "show_invoice": page(EVERYBODY, "invoice"),
    "issue_invoice": change(POSTS, "contract"),
    "issue_red_invoice": change(POSTS, "invoice", **WHY),
    "list_bank_statements": page(POSTS),
    "read_in_bank_statement": Rule(POSTS, "POST"),
    "list_bank_lines": page(POSTS),
    "list_proposals": page(POSTS, args={"line_id": "@bank_line"}),
    "confirm_bank_line": Rule(POSTS, "POST", args={"line_id": "@bank_line"}),
    "dismiss_bank_line": Rule(POSTS, "POST", args={"line_id": "@bank_line"}, body=WHY),
    "take_up_bank_line": Rule(POSTS, "POST", args={"line_id": "@bank_line"}),
    # Setting up contracts
    "list_clause_templates": page(EVERYBODY),
    "create_clause_template": Rule(ADMINISTERS, "POST"),
    "order_clause_templates": Rule(ADMINISTERS, "PUT"),
    "change_clause_template": Rule(ADMINISTERS, "PATCH", args={"template_id": "@clause_template"}),
    "remove_clause_template": Rule(ADMINISTERS, "DELETE", args={"template_id": "@clause_template"}),
    "list_number_series": page(EVERYBODY),
    "change_number_series": Rule(ADMINISTERS, "PATCH", args={"series_id": "@number_series"}),
    # Figures
    "show_contract_figures": page(EVERYBODY, "contract"),
    "show_customer_figures": page(EVERYBODY, "customer"),
    "list_rows_of_contract": page(EVERYBODY, "contract", query="figure=open"),
    "list_rows_of_customer": page(EVERYBODY, "customer", query="figure=advance"),
    "show_statistics": page(EVERYBODY),
    "list_movements": page(EVERYBODY, query="figure=received"),
    "list_exchange_differences": page(EVERYBODY),
    # Phases, supply, segments
    "show_phase": page(EVERYBODY, "customer"),
    "list_phase_changes": page(EVERYBODY, "customer"),
    "list_evidence": page(EVERYBODY, "customer"),
    "verify_need": change(SELLS, "customer", how="visit", evidence="Minutes"),
    "revoke_need": change(SELLS, "customer", **WHY),
    "show_customer_rules": page(EVERYBODY),
    "change_customer_rules": Rule(IMPORTS, "PATCH"),
    "show_supply": page(EVERYBODY, "customer"),
    "place_hold": change(HOLDS, "customer", **WHY),
    "lift_hold": change(HOLDS, "customer", **WHY),
    "list_releases": page(EVERYBODY),
    "request_release": change(ASKS, "customer", until_on="2099-01-01", **WHY),
    "approve_release": change(RELEASES, "release", **V),
    "reject_release": change(RELEASES, "release", note="No", **V),
    "withdraw_release": change(ASKS, "release", **V),
    "end_release": change(RELEASES, "release", note="No", **V),
    "show_policy": page(EVERYBODY, "customer"),
    "change_policy": Rule(SETS_POLICY, "PATCH", "customer", body={**V, "grace_days": 3}),
    "list_segments": page(EVERYBODY),
    "show_segment": page(EVERYBODY, "segment"),
    "create_segment": Rule(IMPORTS, "POST"),
    "change_segment": Rule(IMPORTS, "PATCH", "segment", body={**V, "name": "New"}),
    "preview_segment": Rule(EVERYBODY, "POST", body={}),
    "list_segment_customers": page(EVERYBODY, "segment"),
}
