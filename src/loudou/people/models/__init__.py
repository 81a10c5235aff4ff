"""Nouns of people."""

from loudou.people.models.audit import AuditEntry
from loudou.people.models.notification import Notification
from loudou.people.models.saved_view import SavedView
from loudou.people.models.session import Session
from loudou.people.models.sign_in import ExternalIdentity, RecoveryCode, SecondFactor, SignInAttempt
from loudou.people.models.team import Membership, Team
from loudou.people.models.token import ApiToken
from loudou.people.models.user import User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "ExternalIdentity",
    "Membership",
    "Notification",
    "RecoveryCode",
    "SavedView",
    "SecondFactor",
    "Session",
    "SignInAttempt",
    "Team",
    "User",
]
