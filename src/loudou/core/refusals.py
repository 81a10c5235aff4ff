"""Refusals: what the system says when it will not do something, with a stable code and the facts.

Anything that is not a refusal is a bug and must crash. One middleware and one API handler turn refusals into
answers; tests assert `code`, never the sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core.days import written_facts


class BusinessRefusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Base of all refusals: `code` for machines, `message` with named placeholders for people, `facts` to fill it.

    Facts that are days stay days until the sentence is made: it writes them as its reader does.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str | Promise] = _("This cannot be done.")
    status: ClassVar[int] = 409

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message) % written_facts(self.facts) if self.facts else str(self.message)


class NotVisible(BusinessRefusal):
    """The record does not exist or is not the actor's to see: both answer alike."""

    code = "not_found"
    message = _("There is no such record, or it is not yours to see.")
    status = 404


class PermissionRefused(BusinessRefusal):
    """The actor's roles do not include the verb."""

    code = "permission_refused"
    message = _("Your role does not allow this. Ask an administrator if you need it.")
    status = 403


class StaleWrite(BusinessRefusal):
    """Somebody else changed the record since the actor read it; `current` is the row as it is now."""

    code = "stale_write"
    message = _("Somebody else changed this record since you opened it. Look at their change, then save again.")

    def __init__(self, current: models.Model, **facts: Any) -> None:
        super().__init__(**facts)
        self.current = current


class InvalidInput(BusinessRefusal):
    """Input that breaks a rule; `errors` maps field names to sentences ('' for the whole record)."""

    code = "invalid_input"
    message = _("Some fields need your attention.")
    status = 422

    def __init__(self, errors: Mapping[str, Sequence[str | Promise]], **facts: Any) -> None:
        super().__init__(**facts)
        self.errors: dict[str, list[str]] = {
            field: [str(sentence) for sentence in sentences] for field, sentences in errors.items()
        }

    @classmethod
    def from_validation(cls, error: ValidationError) -> "InvalidInput":
        """Translate Django's validation error."""
        if not hasattr(error, "error_dict"):
            return cls({"": error.messages})
        return cls({("" if k == NON_FIELD_ERRORS else k): v for k, v in error.message_dict.items()})
