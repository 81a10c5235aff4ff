"""Documents kept with a contract."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from django.core.files import File
from django.db import transaction

from loudou.contracts.choices import FileKind
from loudou.contracts.errors import FileInUse
from loudou.contracts.models import Contract, ContractFile
from loudou.core.actors import Actor
from loudou.core.verbs import lock, service
from loudou.customers.services.files import check_content, safe_name


@service("contracts.draft")
def attach_file(
    actor: Actor, contract_id: int, *, kind: FileKind, name: str, content: File[bytes], limit_mb: int
) -> ContractFile:
    """Keep a file with a contract. Raises NotVisible, FileTooLarge, FileEmpty, FileKindRefused."""
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    clean = safe_name(name)
    check_content(clean, content, limit_mb=limit_mb)
    row = ContractFile(contract=contract, kind=FileKind(kind), name=clean, size=content.size, uploaded_by_id=actor.pk)
    row.content.save(f"{contract.pk}{PurePosixPath(clean).suffix.lower()}", content, save=False)
    row.save()
    return row


@service("contracts.draft")
def remove_file(actor: Actor, file_id: int) -> None:
    """Remove a file that proves nothing yet; its bytes go when the transaction commits.

    Raises NotVisible, FileInUse.
    """
    row = lock(ContractFile.objects.visible_to(actor), file_id)
    if row.acts.exists() or row.deliveries.exists() or row.acceptances.exists():
        raise FileInUse(name=row.name)
    storage, path = row.content.storage, str(row.content.name)
    row.delete()
    transaction.on_commit(partial(storage.delete, path))
