"""What every address of Loudou answers to whom: the expectations of `test_permissions`, written by hand.

Nothing here is read from the code under test. A new address needs a line; a line without an address is refused too.

`may` are the roles that pass the door (everybody else gets 403, anonymous visitors are sent to sign in or get 401).
`record` names what the address is about: then there are three records, the sales rep's own, a team colleague's and a
stranger's, and whoever may not see one gets 404. Each method is tried; those who pass get 200 for GET, and for the
others any answer that is not a refusal of access.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REP, MANAGER, OPERATIONS, FINANCE = "rep", "manager", "operations", "finance"
EXECUTIVE, ADMINISTRATOR, AUDITOR = "executive", "administrator", "auditor"

EVERYBODY = frozenset({REP, MANAGER, OPERATIONS, FINANCE, EXECUTIVE, ADMINISTRATOR, AUDITOR})
SEES_SALES = EVERYBODY - {FINANCE}
SELLS = frozenset({REP, MANAGER, OPERATIONS, ADMINISTRATOR})
ASSIGNS = frozenset({MANAGER, OPERATIONS, ADMINISTRATOR})
IMPORTS = frozenset({OPERATIONS, ADMINISTRATOR})
FILES = IMPORTS | {FINANCE}
ADMINISTERS = frozenset({ADMINISTRATOR})
AUDITS = frozenset({ADMINISTRATOR, AUDITOR})
DRAFTS = SELLS | {FINANCE}
PERFORMS = frozenset({MANAGER, OPERATIONS, FINANCE, ADMINISTRATOR})
POSTS = frozenset({FINANCE, ADMINISTRATOR})
APPROVES = frozenset({MANAGER, EXECUTIVE, ADMINISTRATOR})

OWN, TEAM, FOREIGN = "own", "team", "foreign"
WHOSE = (OWN, TEAM, FOREIGN)
ALL = frozenset(WHOSE)

BUSINESS = {
    REP: {OWN},
    MANAGER: {OWN, TEAM},
    OPERATIONS: ALL,
    FINANCE: ALL,
    EXECUTIVE: ALL,
    ADMINISTRATOR: ALL,
    AUDITOR: ALL,
}
PERSONAL = dict.fromkeys(EVERYBODY, frozenset()) | {REP: frozenset({OWN})}
SIGHT: Mapping[str, Mapping[str, Any]] = {
    "opportunity": BUSINESS,
    "customer": BUSINESS,
    "release": BUSINESS,
    "segment": dict.fromkeys(EVERYBODY, ALL),
    "contact": BUSINESS,
    "contract": BUSINESS,
    "delivery": BUSINESS,
    "discount_request": BUSINESS,
    "contract_file": BUSINESS,
    "receipt": BUSINESS,
    "invoice": BUSINESS,
    "post": BUSINESS,
    "file": BUSINESS,
    # Finance imports receipts and invoices; the import here is one of customers, which are not theirs to write.
    "import": dict.fromkeys(EVERYBODY, frozenset()) | {OPERATIONS: ALL, ADMINISTRATOR: ALL},
    "saved_view": PERSONAL,
    "token": PERSONAL | {ADMINISTRATOR: ALL},
}
"""Whose records each role sees. What is not listed is the same for everybody who may open the page."""


@dataclass(frozen=True)
class Rule:
    """What one address expects."""

    may: frozenset[str]
    methods: str = "GET"
    record: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the address besides the record, by name; texts that begin with @ name a record of no one."""
    body: Mapping[str, Any] | None = None
    """What is sent with a change, where an empty body would be refused before the record is looked for."""
    query: str = ""
    answers: int = 200
    """What a GET answers to those who pass."""
    is_public: bool = False
    """Open to anonymous visitors on purpose."""


def page(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A page that is looked at."""
    return Rule(may, "GET", record, **facts)


def form(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A page that is filled in."""
    return Rule(may, "GET POST", record, **facts)


def act(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A button."""
    return Rule(may, "POST", record, **facts)


from tests.permission_rules import (
    ADMINISTERS,
    ADMINISTRATOR,
    APPROVES,
    ASSIGNS,
    AUDITS,
    DRAFTS,
    EVERYBODY,
    FINANCE,
    IMPORTS,
    OPERATIONS,
    PERFORMS,
    POSTS,
    SEES_SALES,
    SELLS,
    Rule,
    act,
    form,
    page,
)
from tests.permission_table_ledger import OPERATIONS_OF_THE_LEDGER

STAGE, CRITERION = "@stage", "@criterion"

PAGES: Mapping[str, Rule] = {
    # Before sign-in
    "people:sign_in": Rule(EVERYBODY, "GET POST", is_public=True),
    "people:second_factor": Rule(EVERYBODY, "GET POST", is_public=True, answers=302),
    "people:forgotten_password": Rule(EVERYBODY, "GET POST", is_public=True),
    "people:provider_begin": Rule(EVERYBODY, answers=404, is_public=True),  # no provider is set up
    "people:provider_back": Rule(EVERYBODY, answers=404, is_public=True),
    "people:password_by_link": Rule(
        EVERYBODY, "GET POST", is_public=True, answers=410, args={"reference": "MQ", "token": "made-up"}
    ),
    "people:sign_out": Rule(EVERYBODY, "POST", is_public=True),
    "frame:taste": Rule(EVERYBODY, "POST", is_public=True),
    # Frame
    "home:today": page(EVERYBODY),
    "home:about": page(EVERYBODY),
    "api-docs": page(EVERYBODY),
    "frame:choose_customers": page(EVERYBODY),
    "frame:choose_contacts": page(EVERYBODY),
    "frame:choose_people": page(EVERYBODY),
    "frame:choose_teams": page(EVERYBODY),
    "frame:choose_products": page(EVERYBODY),
    "frame:choose_lines": page(EVERYBODY),
    "frame:choose_competitors": page(SEES_SALES),
    "frame:keyboard": page(EVERYBODY),
    "frame:search": page(EVERYBODY),
    "frame:view_add": form(EVERYBODY, query="page=pipeline:list"),
    "frame:view_edit": form(EVERYBODY, "saved_view"),
    "frame:view_delete": act(EVERYBODY, "saved_view"),
    # One's own account
    "people:confirm": form(EVERYBODY),
    "people:profile": form(EVERYBODY),
    "people:password": form(EVERYBODY),
    "people:security": page(EVERYBODY),
    "people:second_factor_set_up": form(EVERYBODY),
    "people:second_factor_remove": act(EVERYBODY),
    "people:recovery_codes": act(EVERYBODY),
    "people:sessions_end_others": act(EVERYBODY),
    "people:session_end": act(frozenset(), args={"reference": "0123456789abcdef"}, record="nothing"),
    "people:tokens": page(EVERYBODY),
    "people:token_add": form(EVERYBODY),
    "people:token_revoke": act(EVERYBODY, "token"),
    # People
    "people:user_list": page(EVERYBODY),
    "people:user_list?export=csv": page(ADMINISTERS),
    "people:user": page(EVERYBODY, args={"pk": "@user"}),
    "people:user_add": form(ADMINISTERS),
    "people:user_edit": form(ADMINISTERS, args={"pk": "@user"}),
    "people:user_password_link": act(ADMINISTERS, args={"pk": "@user"}),
    "people:user_deactivate": act(ADMINISTERS, args={"pk": "@user"}),
    "people:user_reactivate": act(ADMINISTERS, args={"pk": "@user"}),
    "people:user_second_factor_reset": act(ADMINISTERS, args={"pk": "@user"}),
    "people:user_identities_forget": act(ADMINISTERS, args={"pk": "@user"}),
    "people:user_sign_out": act(ADMINISTERS, args={"pk": "@user"}),
    "people:team_list": page(EVERYBODY),
    "people:team": page(EVERYBODY, args={"pk": "@team"}),
    "people:team_add": form(ADMINISTERS),
    "people:team_edit": form(ADMINISTERS, args={"pk": "@team"}),
    "people:member_add": form(ADMINISTERS, args={"pk": "@team"}),
    "people:membership_end": form(ADMINISTERS, args={"pk": "@membership"}),
    "people:membership_lead": act(ADMINISTERS, args={"pk": "@membership"}),
    "people:membership_unlead": act(ADMINISTERS, args={"pk": "@membership"}),
    "people:roles": page(EVERYBODY),
    "people:company": page(EVERYBODY),
    "people:company_edit": form(ADMINISTERS),
    "people:base_currency": form(ADMINISTERS),
    "people:rates": page(EVERYBODY),
    "people:rates?export=csv": page(EVERYBODY),
    "people:rate_add": form(ADMINISTERS),
    "people:rate_remove": form(ADMINISTERS, args={"pk": "@rate"}),
    "people:audit": page(AUDITS),
    "people:audit?export=csv": page(AUDITS),
    "people:history": page(EVERYBODY, "customer", args={"table": "customers_customer"}),
    # Customers, contacts, products
    "customers:customer_list": page(EVERYBODY),
    "customers:customer_list?export=csv": page(EVERYBODY),
    "customers:customer_list?export=xlsx": page(EVERYBODY),
    "customers:customer": page(EVERYBODY, "customer"),
    "customers:customer_aside": page(EVERYBODY, "customer"),
    "customers:customer_add": form(SELLS),
    "customers:customer_alike": page(SELLS),
    "customers:customer_edit": form(SELLS, "customer"),
    "customers:customer_cell": form(SELLS, "customer", args={"column": "city"}),
    "customers:customer_assign": form(ASSIGNS, "customer"),
    "customers:customers_assign": form(ASSIGNS),
    "customers:customers_change": form(SELLS),
    "customers:funnel": page(EVERYBODY),
    "customers:funnel?export=csv": page(EVERYBODY),
    "customers:segment_list": page(EVERYBODY),
    "customers:segment_add": form(IMPORTS),
    "customers:segment_edit": form(IMPORTS, "segment"),
    "customers:customer_phase": page(EVERYBODY, "customer"),
    "customers:need_verify": form(SELLS, "customer"),
    "customers:need_revoke": form(SELLS, "customer"),
    "customers:policy": form(frozenset({FINANCE, OPERATIONS, ADMINISTRATOR}), "customer"),
    "customers:hold_place": form(frozenset({FINANCE, ADMINISTRATOR}), "customer"),
    "customers:hold_lift": form(frozenset({FINANCE, ADMINISTRATOR}), "customer"),
    "customers:release_request": form(SELLS | {FINANCE}, "customer"),
    "customers:release_decide": form(EVERYBODY, "release"),
    "customers:member_add": form(SELLS, "customer"),
    "customers:member_remove": act(SELLS, "customer", args={"user": "@user"}),
    "customers:parties_add": form(SELLS, "customer"),
    "customers:parties_edit": form(SELLS, "customer", args={"line": "@line"}),
    "customers:file_add": form(SELLS, "customer"),
    "customers:file": page(EVERYBODY, "file"),
    "customers:file_remove": act(SELLS, "file"),
    "customers:contact_list": page(EVERYBODY),
    "customers:contact_list?export=csv": page(EVERYBODY),
    "customers:contact": page(EVERYBODY, "contact"),
    "customers:contact_add": form(SELLS),
    "customers:contact_edit": form(SELLS, "contact"),
    "customers:contact_move": form(SELLS, "contact"),
    "customers:post_add": form(SELLS, "contact"),
    "customers:post_edit": form(SELLS, "post"),
    "customers:post_end": form(SELLS, "post"),
    "customers:product_list": page(EVERYBODY),
    "customers:product_list?export=csv": page(EVERYBODY),
    "customers:product": page(EVERYBODY, args={"pk": "@product"}),
    "customers:product_add": form(IMPORTS),
    "customers:product_edit": form(IMPORTS, args={"pk": "@product"}),
    "customers:line_list": page(EVERYBODY),
    "customers:line_add": form(IMPORTS),
    "customers:line_edit": form(IMPORTS, args={"pk": "@line"}),
    # Pipeline
    "contracts:list": page(EVERYBODY),
    "contracts:list?export=csv": page(EVERYBODY),
    "contracts:list?export=xlsx": page(EVERYBODY),
    "contracts:add": form(DRAFTS),
    "contracts:approvals": page(APPROVES),
    "contracts:settings": page(ADMINISTERS),
    "contracts:contract": page(EVERYBODY, "contract"),
    "contracts:history": page(EVERYBODY, "contract"),
    "contracts:pdf": page(EVERYBODY, "contract", args={"language": "en"}),
    "contracts:of_customer": page(EVERYBODY, "customer"),
    "contracts:of_opportunity": page(SEES_SALES, "opportunity"),
    "contracts:version": page(EVERYBODY, "contract", args={"sequence": 1}),
    "contracts:edit": form(DRAFTS, "contract"),
    "contracts:lines": form(DRAFTS, "contract"),
    "contracts:terms": form(DRAFTS, "contract"),
    "contracts:clauses": form(DRAFTS, "contract"),
    "contracts:clauses_restore": act(DRAFTS, "contract"),
    "contracts:delete": act(DRAFTS, "contract"),
    "contracts:offer": form(DRAFTS, "contract"),
    "contracts:counter": form(DRAFTS, "contract"),
    "contracts:take_back": form(DRAFTS, "contract"),
    "contracts:decline": form(DRAFTS, "contract"),
    "contracts:amend": form(DRAFTS, "contract"),
    "contracts:amendment_offer": form(DRAFTS, "contract"),
    "contracts:amendment_take_back": form(DRAFTS, "contract"),
    "contracts:amendment_drop": form(DRAFTS, "contract"),
    "contracts:discount_ask": form(DRAFTS, "contract"),
    "contracts:file_add": form(DRAFTS, "contract"),
    "contracts:sign": form(PERFORMS, "contract"),
    "contracts:amendment_sign": form(PERFORMS, "contract"),
    "contracts:begin": form(PERFORMS, "contract"),
    "contracts:complete": form(PERFORMS, "contract"),
    "contracts:terminate": form(PERFORMS, "contract"),
    "contracts:deliver": form(PERFORMS, "contract"),
    "contracts:delivery_return": form(PERFORMS, "delivery"),
    "contracts:delivery_acceptance": form(PERFORMS, "delivery"),
    "contracts:discount_approve": form(APPROVES, "discount_request"),
    "contracts:discount_refuse": form(APPROVES, "discount_request"),
    "contracts:discount_drop": act(DRAFTS, "discount_request"),
    "contracts:file": page(EVERYBODY, "contract_file"),
    "contracts:file_remove": act(DRAFTS, "contract_file"),
    "contracts:from_opportunity": form(SELLS, "opportunity"),
    "contracts:template_add": form(ADMINISTERS, args={"kind": "goods"}),
    "contracts:template_edit": form(ADMINISTERS, args={"pk": "@clause_template"}),
    "contracts:template_remove": act(ADMINISTERS, args={"pk": "@clause_template"}),
    "contracts:template_move": act(ADMINISTERS, args={"pk": "@clause_template", "way": "up"}),
    "contracts:series_edit": form(ADMINISTERS, args={"pk": "@number_series"}),
    "ledger:contract_money": page(EVERYBODY, "contract"),
    "ledger:plan": form(DRAFTS, "contract"),
    "ledger:plan_template": form(DRAFTS, "contract"),
    "ledger:plan_monthly": form(DRAFTS, "contract"),
    "ledger:contract_receipt": form(POSTS, "contract"),
    "ledger:contract_invoice": form(POSTS, "contract"),
    "ledger:instalment_list": page(EVERYBODY),
    "ledger:instalment_list?export=csv": page(EVERYBODY),
    "ledger:receipt_list": page(EVERYBODY),
    "ledger:receipt_list?export=xlsx": page(EVERYBODY),
    "ledger:receipt_add": form(POSTS),
    "ledger:receipt": page(EVERYBODY, "receipt"),
    "ledger:receipt_allocate": form(POSTS, "receipt"),
    "ledger:receipt_refund": form(POSTS, "receipt"),
    "ledger:receipt_reverse": form(POSTS, "receipt"),
    "ledger:bill_settle": form(POSTS, "receipt"),
    "ledger:allocation_undo": form(POSTS, args={"receipt": "@receipt", "pk": "@allocation"}),
    "ledger:invoice_list": page(EVERYBODY),
    "ledger:invoice_list?export=csv": page(EVERYBODY),
    "ledger:invoice": page(EVERYBODY, "invoice"),
    "ledger:invoice_red": form(POSTS, "invoice"),
    "ledger:customer": page(EVERYBODY, "customer"),
    "ledger:advances": act(POSTS, "customer"),
    "ledger:figure": page(EVERYBODY, "contract", args={"of": "contract", "figure": "ordered"}),
    "ledger:statistics": page(EVERYBODY),
    "ledger:statistic_rows": page(EVERYBODY, query="figure=ordered&by=month"),
    "ledger:bank": page(POSTS),
    "ledger:statement_add": form(POSTS),
    "ledger:line_confirm": form(POSTS, args={"pk": "@bank_line"}),
    "ledger:line_dismiss": form(POSTS, args={"pk": "@bank_line"}),
    "ledger:line_take_up": act(POSTS, args={"pk": "@bank_line"}),
    "pipeline:list": page(SEES_SALES),
    "pipeline:list?export=csv": page(SEES_SALES),
    "pipeline:list?export=xlsx": page(SEES_SALES),
    "pipeline:board": page(SEES_SALES),
    "pipeline:board_more": page(SEES_SALES, args={"stage": STAGE}, query="after=0"),
    "pipeline:funnel": page(SEES_SALES),
    "pipeline:calendar": page(SEES_SALES),
    "pipeline:forecast": page(SEES_SALES),
    "pipeline:distribution": page(SEES_SALES),
    "pipeline:opportunity": page(SEES_SALES, "opportunity"),
    "pipeline:add": form(SELLS),
    "pipeline:edit": form(SELLS, "opportunity"),
    "pipeline:cell": form(SELLS, "opportunity", args={"column": "priority"}),
    "pipeline:star": act(SEES_SALES, "opportunity"),
    "pipeline:clone": act(SELLS, "opportunity"),
    "pipeline:lines": form(SELLS, "opportunity"),
    "pipeline:members": form(SELLS, "opportunity"),
    "pipeline:contacts": form(SELLS, "opportunity"),
    "pipeline:competitors": form(SELLS, "opportunity"),
    "pipeline:next_step": form(SELLS, "opportunity"),
    "pipeline:move": form(SELLS, "opportunity"),
    "pipeline:win": form(SELLS, "opportunity"),
    "pipeline:lose": form(SELLS, "opportunity"),
    "pipeline:drop": form(SELLS, "opportunity"),
    "pipeline:hold": form(SELLS, "opportunity"),
    "pipeline:resume": form(SELLS, "opportunity"),
    "pipeline:reopen": form(SELLS, "opportunity"),
    "pipeline:redate": form(SELLS, "opportunity"),
    "pipeline:meet": form(SELLS, "opportunity", args={"criterion": CRITERION}),
    "pipeline:unmeet": act(SELLS, "opportunity", args={"criterion": CRITERION}),
    "pipeline:learn": act(IMPORTS),
    "pipeline:bulk_move": form(SELLS),
    "pipeline:bulk_assign": form(ASSIGNS),
    "pipeline:bulk_redate": form(SELLS),
    "pipeline:bulk_priority": form(SELLS),
    "pipeline:bulk_star": form(SEES_SALES),
    "pipeline:bulk_hold": form(SELLS),
    "pipeline:bulk_lose": form(SELLS),
    "pipeline:process_list": page(ADMINISTERS),
    "pipeline:process": page(ADMINISTERS, args={"pk": "@process"}),
    "pipeline:process_add": form(ADMINISTERS),
    "pipeline:process_edit": form(ADMINISTERS, args={"pk": "@process"}),
    "pipeline:stage_add": form(ADMINISTERS, args={"pk": "@process"}),
    "pipeline:stage_edit": form(ADMINISTERS, args={"pk": STAGE}),
    "pipeline:stage_criteria": form(ADMINISTERS, args={"pk": STAGE}),
    "pipeline:stage_remove": form(ADMINISTERS, args={"pk": STAGE}),
    "pipeline:stage_shift": act(ADMINISTERS, args={"pk": STAGE}),
    "pipeline:competitor_list": page(SEES_SALES),
    "pipeline:competitor": form(ADMINISTERS, args={"pk": "@competitor"}),
    "pipeline:competitor_add": form(ADMINISTERS),
    "pipeline:loss_reason_list": page(ADMINISTERS),
    "pipeline:loss_reason": form(ADMINISTERS, args={"pk": "@loss_reason"}),
    "pipeline:loss_reason_add": form(ADMINISTERS),
    # Import
    "exchange:import_list": page(FILES),
    "exchange:import_add": form(FILES),
    "exchange:template": page(FILES, args={"kind": "customers"}),
    "exchange:import": page(FILES, "import", answers=302),
    "exchange:file": form(FILES, "import"),
    "exchange:reading": form(FILES, "import"),
    "exchange:preview": page(FILES, "import"),
    "exchange:columns": form(FILES, "import", answers=302),
    "exchange:matching": form(FILES, "import", answers=302),
    "exchange:values": form(FILES, "import", answers=302),
    "exchange:check": form(FILES, "import", answers=302),
    "exchange:row": form(FILES, "import", args={"number": 1}),
    "exchange:progress": page(FILES, "import"),
    "exchange:run": act(FILES, "import"),
    "exchange:stop": act(FILES, "import"),
    "exchange:undo": act(FILES, "import"),
    "exchange:repeat": act(FILES, "import"),
    "exchange:discard": act(FILES, "import"),
    "exchange:sign_in_links": act(ADMINISTERS, args={"pk": "@import"}),
    "exchange:failed_rows": page(FILES, "import"),
}


V = {"version": 1}
VIEW = {"name": "New", "is_shared": False, "is_pinned": False, "is_default": False}

OPERATIONS_OF_THE_API: Mapping[str, Rule] = {
    "openapi": page(EVERYBODY),
    "who_am_i": page(EVERYBODY),
    # Opportunities
    "list_opportunities": page(SEES_SALES),
    "show_opportunity": page(SEES_SALES, "opportunity"),
    "show_history": page(SEES_SALES, "opportunity"),
    "create_opportunity": Rule(SELLS, "POST"),
    "change_opportunity": Rule(SELLS, "PATCH", "opportunity", body={**V, "subject": "New"}),
    "set_lines": Rule(SELLS, "PUT", "opportunity", body={**V, "lines": []}),
    "set_members": Rule(SELLS, "PUT", "opportunity", body={**V, "members": []}),
    "set_contacts": Rule(SELLS, "PUT", "opportunity", body={**V, "contact_ids": []}),
    "set_competitors": Rule(SELLS, "PUT", "opportunity", body={**V, "competitor_ids": []}),
    "move": Rule(SELLS, "POST", "opportunity", body={**V, "stage_id": STAGE}),
    "switch_process": Rule(SELLS, "POST", "opportunity", body={**V, "process_id": "@process", "stage_id": STAGE}),
    "win": Rule(SELLS, "POST", "opportunity", body=V),
    "lose": Rule(SELLS, "POST", "opportunity", body={**V, "loss_reason_id": "@loss_reason"}),
    "drop": Rule(SELLS, "POST", "opportunity", body={**V, "note": "given up"}),
    "hold": Rule(SELLS, "POST", "opportunity", body=V),
    "resume": Rule(SELLS, "POST", "opportunity", body=V),
    "reopen": Rule(SELLS, "POST", "opportunity", body={**V, "stage_id": STAGE}),
    "assign": Rule(ASSIGNS, "POST", "opportunity", body={**V, "owner_id": "@user"}),
    "clone": Rule(SELLS, "POST", "opportunity"),
    "meet_criterion": Rule(SELLS, "PUT", "opportunity", args={"criterion_id": CRITERION}, body={"evidence": "seen"}),
    "unmeet_criterion": Rule(SELLS, "DELETE", "opportunity", args={"criterion_id": CRITERION}),
    "star": Rule(SEES_SALES, "PUT", "opportunity"),
    "unstar": Rule(SEES_SALES, "DELETE", "opportunity"),
    # Setting up sales
    "list_processes": page(SEES_SALES),
    "show_process": page(SEES_SALES, args={"process_id": "@process"}),
    "create_process": Rule(ADMINISTERS, "POST"),
    "change_process": Rule(ADMINISTERS, "PATCH", args={"process_id": "@process"}),
    "add_stage": Rule(ADMINISTERS, "POST", args={"process_id": "@process"}),
    "reorder_stages": Rule(ADMINISTERS, "PUT", args={"process_id": "@process"}),
    "change_stage": Rule(ADMINISTERS, "PATCH", args={"stage_id": STAGE}),
    "set_criteria": Rule(ADMINISTERS, "PUT", args={"stage_id": STAGE}),
    "remove_stage": Rule(ADMINISTERS, "POST", args={"stage_id": STAGE}),
    "list_competitors": page(SEES_SALES),
    "create_competitor": Rule(ADMINISTERS, "POST"),
    "change_competitor": Rule(ADMINISTERS, "PATCH", args={"competitor_id": "@competitor"}),
    "list_loss_reasons": page(SEES_SALES),
    "create_loss_reason": Rule(ADMINISTERS, "POST"),
    "change_loss_reason": Rule(ADMINISTERS, "PATCH", args={"loss_reason_id": "@loss_reason"}),
    # Customers and contacts
    "list_customers": page(EVERYBODY),
    "show_customer": page(EVERYBODY, "customer"),
    "create_customer": Rule(SELLS, "POST"),
    "change_customer": Rule(SELLS, "PATCH", "customer", body={**V, "city": "Jinan"}),
    "assign_customer": Rule(ASSIGNS, "POST", "customer", body={**V, "owner_id": "@user"}),
    "add_customer_member": Rule(SELLS, "PUT", "customer", args={"user_id": "@user"}),
    "remove_customer_member": Rule(SELLS, "DELETE", "customer", args={"user_id": "@user"}),
    "list_contacts": page(EVERYBODY),
    "show_contact": page(EVERYBODY, "contact"),
    "create_contact": Rule(SELLS, "POST"),
    "change_contact": Rule(SELLS, "PATCH", "contact", body={**V, "name": "New"}),
    "add_post": Rule(SELLS, "POST", "contact", body={"customer_id": "@customer"}),
    "move_contact": Rule(
        SELLS, "POST", "contact", body={"post": {"customer_id": "@customer"}, "moved_on": "2026-06-01"}
    ),
    "change_post": Rule(SELLS, "PUT", "post", body={"title": "Buyer"}),
    "end_post": Rule(SELLS, "POST", "post", body={"ended_on": "2026-06-01"}),
    # Products
    "list_products": page(EVERYBODY),
    "show_product": page(EVERYBODY, args={"product_id": "@product"}),
    "add_product": Rule(IMPORTS, "POST"),
    "change_product": Rule(IMPORTS, "PATCH", args={"product_id": "@product"}),
    "list_product_lines": page(EVERYBODY),
    "create_product_line": Rule(IMPORTS, "POST"),
    "change_product_line": Rule(IMPORTS, "PATCH", args={"line_id": "@line"}),
    # People
    "list_users": page(EVERYBODY),
    "show_user": page(EVERYBODY, args={"user_id": "@user"}),
    "create_user": Rule(ADMINISTERS, "POST"),
    "change_user": Rule(ADMINISTERS, "PATCH", args={"user_id": "@user"}),
    "deactivate_user": Rule(ADMINISTERS, "POST", args={"user_id": "@user"}, body=V),
    "reactivate_user": Rule(ADMINISTERS, "POST", args={"user_id": "@user"}, body=V),
    "list_teams": page(EVERYBODY),
    "show_team": page(EVERYBODY, args={"team_id": "@team"}),
    "create_team": Rule(ADMINISTERS, "POST"),
    "change_team": Rule(ADMINISTERS, "PATCH", args={"team_id": "@team"}),
    "add_team_member": Rule(ADMINISTERS, "POST", args={"team_id": "@team"}),
    "end_membership": Rule(ADMINISTERS, "POST", args={"membership_id": "@membership"}),
    # Imports
    "list_imports": page(FILES),
    "upload": Rule(FILES, "POST"),
    "show_import": page(FILES, "import"),
    "choose_reading": Rule(FILES, "PUT", "import"),
    "map_columns": Rule(FILES, "PUT", "import", body={"mapping": {"0": "name"}}),
    "choose_matching": Rule(FILES, "PUT", "import"),
    "reconcile_values": Rule(FILES, "PUT", "import", body={"decisions": {}}),
    "check_import": Rule(FILES, "POST", "import"),
    "run_import": Rule(FILES, "POST", "import"),
    "stop_import": Rule(FILES, "POST", "import"),
    "undo_import": Rule(FILES, "POST", "import"),
    "discard_import": Rule(FILES, "DELETE", "import"),
    "list_import_rows": page(FILES, "import"),
    # Company and saved views
    "show_company": page(EVERYBODY),
    "change_company": Rule(ADMINISTERS, "PATCH"),
    "list_exchange_rates": page(EVERYBODY),
    "set_exchange_rate": Rule(ADMINISTERS, "POST"),
    "remove_exchange_rate": Rule(ADMINISTERS, "DELETE", args={"rate_id": "@rate"}),
    "list_saved_views": page(EVERYBODY, query="page=pipeline:list"),
    "save_view": Rule(EVERYBODY, "POST"),
    "change_view": Rule(EVERYBODY, "PUT", "saved_view", body=VIEW),
    "delete_view": Rule(EVERYBODY, "DELETE", "saved_view"),
    **OPERATIONS_OF_THE_LEDGER,
}

ADDRESSES_WITHOUT_A_PAGE = frozenset({"healthz", "readyz", "api-v1:api-root", ""})
"""Addresses that show nothing: the server's health, and the API's answer to unknown addresses."""
