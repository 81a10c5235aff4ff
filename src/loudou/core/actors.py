"""Who acts: a signed-in user, or the system itself (the command line of the machine's owner, a clockwork task)."""

from typing import Any, Protocol

from loudou.core.scoping import EVERYTHING, Reach


class Actor(Protocol):
    """What services and selectors need to know about whoever acts."""

    @property
    def pk(self) -> Any: ...  # noqa: D102

    def has_permission(self, verb: str) -> bool:
        """Tell whether the actor may do `verb`, such as 'pipeline.change'."""
        ...

    def reach(self, label: str) -> Reach:
        """Tell how far the actor sees among rows of the model with this label, such as 'pipeline.opportunity'."""
        ...


class SystemActor:
    """The machine's owner at the command line, or clockwork: may do and see everything, is nobody's account."""

    pk = None

    def has_permission(self, verb: str) -> bool:
        """Allow every verb."""
        return True

    def reach(self, label: str) -> Reach:
        """See every row."""
        return EVERYTHING


SYSTEM = SystemActor()
