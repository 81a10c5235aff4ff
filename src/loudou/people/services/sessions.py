"""Ending sign-ins."""

from __future__ import annotations

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.core.verbs import service
from loudou.people.models import Session, User


@service("people.own")
def end_session(actor: User, reference: str) -> None:
    """Sign the actor out of one of their browsers, named by `Session.reference`. Raises NotVisible."""
    for session in Session.objects.filter(user_id=actor.pk):
        if session.reference == reference:
            session.delete()
            return
    raise NotVisible


@service("people.own")
def end_other_sessions(actor: User, *, keep_session: str | None) -> int:
    """Sign the actor out everywhere but here and return the number of sessions ended."""
    ended, _ = Session.objects.filter(user_id=actor.pk).exclude(session_key=keep_session or "").delete()
    return ended


@service("people.manage")
def end_sessions_of(actor: Actor, user_id: int) -> int:
    """Sign a user out everywhere and return the number of sessions ended. Raises NotVisible."""
    user = User.objects.get_queryset().get_visible(actor, user_id)
    ended, _ = Session.objects.filter(user=user).delete()
    return ended
