"""Documents kept with a customer."""

from __future__ import annotations

from django.core.files import File

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.customers.models import CustomerFile


@service("customers.change")
def attach_file(actor: Actor, customer_id: int, *, name: str, content: File[bytes], limit_mb: int) -> CustomerFile:
    """Keep a file with a customer. Raises NotVisible, FileTooLarge, FileEmpty, FileKindRefused."""
    raise NotImplementedError


@service("customers.change")
def remove_file(actor: Actor, file_id: int) -> None:
    """Remove a file; its bytes go when the transaction commits. Raises NotVisible."""
    raise NotImplementedError
