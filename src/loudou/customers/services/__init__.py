"""Verbs of customers."""

from loudou.customers.services.contacts import create_contact, create_contacts, update_contact, update_contacts
from loudou.customers.services.customers import create_customer, create_customers, update_customer, update_customers
from loudou.customers.services.drafts import ContactDraft, CustomerDraft, PartyDraft, PostDraft
from loudou.customers.services.evidence import EvidenceDraft, record_all, record_evidence
from loudou.customers.services.files import attach_file, remove_file
from loudou.customers.services.holds import (
    approve_release,
    end_release,
    lift_hold,
    pass_delivery,
    place_hold,
    reject_release,
    request_release,
    return_delivery,
    withdraw_release,
)
from loudou.customers.services.introductions import introduce_customer
from loudou.customers.services.members import add_members, remove_member, replace_member
from loudou.customers.services.needs import revoke_need, verify_need
from loudou.customers.services.owners import assign_contacts, assign_owner, assign_owners
from loudou.customers.services.parties import set_line_parties
from loudou.customers.services.phases import follow_time
from loudou.customers.services.posts import add_post, add_posts, end_post, move_contact, update_post
from loudou.customers.services.rules import PolicyFigures, Rules, follow_new_rules, set_policy, update_rules
from loudou.customers.services.segments import SegmentChanges, create_segment, refresh_segments, update_segment

__all__ = [
    "ContactDraft",
    "CustomerDraft",
    "EvidenceDraft",
    "PartyDraft",
    "PolicyFigures",
    "PostDraft",
    "Rules",
    "SegmentChanges",
    "add_members",
    "add_post",
    "add_posts",
    "approve_release",
    "assign_contacts",
    "assign_owner",
    "assign_owners",
    "attach_file",
    "create_contact",
    "create_contacts",
    "create_customer",
    "create_customers",
    "create_segment",
    "end_post",
    "end_release",
    "follow_new_rules",
    "follow_time",
    "introduce_customer",
    "lift_hold",
    "move_contact",
    "pass_delivery",
    "place_hold",
    "record_all",
    "record_evidence",
    "refresh_segments",
    "reject_release",
    "remove_file",
    "remove_member",
    "replace_member",
    "request_release",
    "return_delivery",
    "revoke_need",
    "set_line_parties",
    "set_policy",
    "update_contact",
    "update_contacts",
    "update_customer",
    "update_customers",
    "update_post",
    "update_rules",
    "update_segment",
    "verify_need",
    "withdraw_release",
]
