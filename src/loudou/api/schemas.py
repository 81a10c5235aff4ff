"""What the resources of the API share: ids, amounts, references, versions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field

from loudou.api.errors import VersionRequired

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Amount = Annotated[Decimal, Field(max_digits=19, decimal_places=4)]
Exact = Annotated[Decimal, AfterValidator(lambda number: number.quantize(Decimal("0.0001")))]
"""A number as answers show it: always four decimals, whether fresh from a calculation or from the database."""
ExactRate = Annotated[Decimal, AfterValidator(lambda rate: rate.quantize(Decimal("0.0000000001")))]
"""An exchange rate as answers show it: always ten decimals, as the database keeps it."""
Share = Annotated[Decimal, Field(max_digits=5, decimal_places=4, ge=0, le=1)]
Percent = Annotated[Decimal, Field(max_digits=5, decimal_places=2, ge=0, le=100)]
Line = Annotated[str, Field(max_length=255)]
Short = Annotated[str, Field(max_length=120)]
Long = Annotated[str, Field(max_length=20_000)]
Note = Annotated[str, Field(max_length=500)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Days = Annotated[int, Field(ge=0, le=32767)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Shown(BaseModel):
    """Something the API answers with, read from a record."""

    model_config = ConfigDict(from_attributes=True)


class Given(BaseModel):
    """Something a caller sends; unknown fields are refused, so that a typing mistake does not pass unnoticed."""

    model_config = ConfigDict(extra="forbid")


class GivenVersion(Given):
    """Something a caller sends about a record they have read."""

    version: Version | None = Field(None, description="The version your change is based on.")


class Ref(Shown):
    """A record by id, with its name."""

    id: int
    name: str


class LabelRef(Shown):
    """A record by id, with its name in the caller's language."""

    id: int
    name: str = Field(validation_alias=AliasChoices("label", "name"))


class Stamped(Shown):
    """What every changeable record carries."""

    id: int
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


def changes_of(payload: GivenVersion, request: HttpRequest) -> tuple[dict[str, Any], int]:
    """Return the fields that were sent and the version they are based on. Raises VersionRequired."""
    changes = payload.model_dump(exclude_unset=True)
    version = changes.pop("version", None)
    if version is None:
        version = _matched(request.headers.get("If-Match", ""))
    return changes, version


def _matched(header: str) -> int:
    text = header.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdecimal() or len(text) > 10:  # noqa: PLR2004 - beyond any version
        raise VersionRequired
    return int(text)
