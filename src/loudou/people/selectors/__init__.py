"""Questions about people, and about what the audit knows."""

from loudou.people.selectors.audit import Change, audit_entries, audit_of, audited_models, changes_of, describe
from loudou.people.selectors.exports import all_exports, own_exports
from loudou.people.selectors.notifications import notifications, unread_count, who_may
from loudou.people.selectors.teams import TeamNode, membership, team_members, team_subtree_ids, team_tree, teams_visible
from loudou.people.selectors.users import (
    Sight,
    api_tokens,
    demo_sign_ins,
    identities_of,
    memberships_of,
    recovery_codes_left,
    sessions,
    sides,
    sight_of,
    users_visible,
)

__all__ = [
    "Change",
    "Sight",
    "TeamNode",
    "all_exports",
    "api_tokens",
    "audit_entries",
    "audit_of",
    "audited_models",
    "changes_of",
    "demo_sign_ins",
    "describe",
    "identities_of",
    "membership",
    "memberships_of",
    "notifications",
    "own_exports",
    "recovery_codes_left",
    "sessions",
    "sides",
    "sight_of",
    "team_members",
    "team_subtree_ids",
    "team_tree",
    "teams_visible",
    "unread_count",
    "users_visible",
    "who_may",
]
