"""Questions about customers and contacts; every answer starts at `visible_to`."""

from loudou.customers.selectors.contacts import (
    contact_rows,
    contact_rows_with_posts,
    contacts_by,
    contacts_of,
    get_contact,
    get_post,
    posts_of,
)
from loudou.customers.selectors.customers import (
    KNOWN_COLUMNS,
    customer_rows,
    customers_by,
    files_of,
    get_customer,
    get_file,
    known_values,
    line_parties_of,
    members_of,
    owner_changes_of,
)
from loudou.customers.selectors.duplicates import DuplicateHint, duplicate_hints
from loudou.customers.selectors.evidence import derivation_of, evidence_of, phase_changes_of, standing_about
from loudou.customers.selectors.family import Family, Kin, family_of
from loudou.customers.selectors.holds import (
    DeliveryAnswer,
    delivery_allowed,
    get_release,
    hold_changes_of,
    present_holds,
    release_rows,
    releases_of,
    uses_of,
)
from loudou.customers.selectors.policy import Policy, policy_of
from loudou.customers.selectors.rules import phase_labels, rules
from loudou.customers.selectors.search import search_contacts, search_customers
from loudou.customers.selectors.segments import (
    Penetration,
    get_segment,
    members_of_segment,
    penetration,
    phase_counts,
    preview,
    segment_rows,
)

__all__ = [
    "KNOWN_COLUMNS",
    "DeliveryAnswer",
    "DuplicateHint",
    "Family",
    "Kin",
    "Penetration",
    "Policy",
    "contact_rows",
    "contact_rows_with_posts",
    "contacts_by",
    "contacts_of",
    "customer_rows",
    "customers_by",
    "delivery_allowed",
    "derivation_of",
    "duplicate_hints",
    "evidence_of",
    "family_of",
    "files_of",
    "get_contact",
    "get_customer",
    "get_file",
    "get_post",
    "get_release",
    "get_segment",
    "hold_changes_of",
    "known_values",
    "line_parties_of",
    "members_of",
    "members_of_segment",
    "owner_changes_of",
    "penetration",
    "phase_changes_of",
    "phase_counts",
    "phase_labels",
    "policy_of",
    "posts_of",
    "present_holds",
    "preview",
    "release_rows",
    "releases_of",
    "rules",
    "search_contacts",
    "search_customers",
    "segment_rows",
    "standing_about",
    "uses_of",
]
