"""Questions about people, and about what the audit knows."""

from loudou.people.selectors.audit import AuditFilter, Change, audit_entries, audit_of, changes_of, describe
from loudou.people.selectors.teams import TeamNode, team_members, team_subtree_ids, team_tree, teams_visible
from loudou.people.selectors.users import api_tokens, recovery_codes_left, sessions, users_visible

__all__ = [
    "AuditFilter",
    "Change",
    "TeamNode",
    "api_tokens",
    "audit_entries",
    "audit_of",
    "changes_of",
    "describe",
    "recovery_codes_left",
    "sessions",
    "team_members",
    "team_subtree_ids",
    "team_tree",
    "teams_visible",
    "users_visible",
]
