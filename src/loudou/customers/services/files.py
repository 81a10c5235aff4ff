"""Documents kept with a customer."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from pathlib import PurePosixPath

from django.core.files import File
from django.db import transaction

from loudou.core.actors import Actor
from loudou.core.verbs import lock, service
from loudou.customers.errors import FileEmpty, FileKindRefused, FileTooLarge
from loudou.customers.models import Customer, CustomerFile

MEGABYTE = 1024 * 1024
LONGEST_NAME = 150

_PROGRAM_SUFFIXES = frozenset(
    (
        *(
            "app",
            "apk",
            "bat",
            "cmd",
            "com",
            "cpl",
            "dll",
            "dmg",
            "exe",
            "hta",
            "jar",
            "js",
            "jse",
            "lnk",
            "msi",
            "msp",
        ),
        *("pif", "ps1", "scr", "sh", "vbe", "vbs", "wsf"),
        *("htm", "html", "mht", "mhtml", "svg", "swf", "xht", "xhtml", "xml"),
    )
)
"""Programs, and what a browser would run as a page of ours."""

_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    **dict.fromkeys(("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"), (b"PK\x03\x04", b"PK\x05\x06")),
    **dict.fromkeys(("doc", "xls", "ppt"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "rar": (b"Rar!\x1a\x07",),
}
_PROGRAM_SIGNATURES = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe")
_MARKUP = re.compile(rb"^\s*(<!doctype html|<html|<script|<svg|<\?xml)", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


@service("customers.change")
def attach_file(actor: Actor, customer_id: int, *, name: str, content: File[bytes], limit_mb: int) -> CustomerFile:
    """Keep a file with a customer. Raises NotVisible, FileTooLarge, FileEmpty, FileKindRefused."""
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    clean = safe_name(name)
    check_content(clean, content, limit_mb=limit_mb)
    row = CustomerFile(customer=customer, name=clean, size=content.size, uploaded_by_id=actor.pk)
    row.content.save(f"{customer.pk}{PurePosixPath(clean).suffix.lower()}", content, save=False)
    row.save()
    return row


@service("customers.change")
def remove_file(actor: Actor, file_id: int) -> None:
    """Remove a file; its bytes go when the transaction commits. Raises NotVisible."""
    row = lock(CustomerFile.objects.filter(customer__in=Customer.objects.visible_to(actor)), file_id)
    storage, path = row.content.storage, str(row.content.name)
    row.delete()
    transaction.on_commit(partial(storage.delete, path))


def check_content(name: str, content: File[bytes], *, limit_mb: int) -> None:
    """Refuse what is empty, too large, a program, or not what its name says; contracts keep files by the same rules.

    Raises FileTooLarge, FileEmpty, FileKindRefused.
    """
    if not content.size:
        raise FileEmpty
    if content.size > limit_mb * MEGABYTE:
        raise FileTooLarge(limit=limit_mb)
    _check_kind(name, content)


def safe_name(name: str) -> str:
    """Keep what is harmless of a file name: no folders, no control characters, not too long, never empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = _UNSAFE.sub("_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        stem, suffix = plain, ""
    stem = stem[: LONGEST_NAME - len(suffix) - 1].strip(" .")
    return f"{stem or 'file'}.{suffix}" if suffix else stem or "file"


def _check_kind(name: str, content: File[bytes]) -> None:
    """Refuse programs and pages by name and by first bytes, and a known suffix whose content is something else."""
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    content.seek(0)
    head = content.read(512)
    content.seek(0)
    expected = _SIGNATURES.get(suffix)
    if (
        suffix in _PROGRAM_SUFFIXES
        or head.startswith(_PROGRAM_SIGNATURES)
        or (expected is None and _MARKUP.match(head))
        or (expected is not None and not head.startswith(expected))
    ):
        raise FileKindRefused(name=name)
