"""Personal data of contacts: copies, erasure, and the register of requests."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.schemas import Given, Id, Ref, Shown
from loudou.core import clock
from loudou.core.personal_data import Place, Treatment
from loudou.customers.selectors import get_contact
from loudou.privacy import selectors
from loudou.privacy.choices import Ground, RequestKind, Way
from loudou.privacy.services import erasing, requests
from loudou.privacy.services.copying import copy_data

router = Router(tags=["Personal data"])
MOST_PLACES = 5000


class AskedIn(Given):
    """When, how and on which ground somebody asked."""

    asked_on: dt.date
    way: Way = Way.MAIL
    ground: Ground = Ground.REQUEST
    note: Annotated[str, Field(max_length=500)] = ""

    def asked(self) -> requests.Asked:
        """The same for the services."""
        return requests.Asked(on=self.asked_on, way=self.way, ground=self.ground, note=self.note)


class RequestIn(AskedIn):
    """A request to be answered later."""

    kind: RequestKind


class ErasureIn(AskedIn):
    """An erasure: the contact's name to confirm it, and what else goes."""

    confirmation: Annotated[str, Field(min_length=1, max_length=150)] = Field(description="The contact's name.")
    places: Annotated[list[str], Field(max_length=MOST_PLACES)] | None = Field(
        None, description="Keys of the places to blacken or delete; left out: all where the person is surely meant."
    )
    seen: str | None = Field(None, description="`seen` of the preview: refused when something changed since.")


class RequestOut(Shown):
    """A request and its answer."""

    id: int
    contact: Ref
    kind: RequestKind
    ground: Ground
    asked_on: dt.date
    way: Way
    due_on: dt.date
    note: str
    recorded_by: Ref | None
    done_at: dt.datetime | None
    done_by: Ref | None
    counts: dict[str, int]


class RequestPage(Shown):
    """A page of requests; `next` is the cursor of the next one."""

    items: list[RequestOut]
    next: str | None


class RequestQuery(PageQuery):
    """Which requests."""

    contact: Id | None = None
    kind: RequestKind | None = None
    state: Literal["", "open", "late", "done"] = ""
    sort: Literal["id", "-id"] = "-id"


class PlaceOut(Shown):
    """A value that names the person: by default it goes (`sure`), is left (not `sure`), or is kept for a reason."""

    key: str
    text: str
    sure: bool
    kept_because: str


class PreviewOut(Shown):
    """What an erasure would do outside the contact itself."""

    seen: str
    places: list[PlaceOut]


@operation(router, "GET", "/personal-data-requests", permission="privacy.view", answers=RequestPage)
def list_personal_data_requests(request: Caller, query: Query[RequestQuery]) -> Any:
    """List requests about personal data."""
    rows = selectors.requests_register(request.user)
    if query.state:
        late = rows.late(today=clock.today())
        rows = {"open": rows.open(), "late": late, "done": rows.filter(done_at__isnull=False)}[query.state]
    plain = {"contact_id": query.contact, "kind": query.kind}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(
    router,
    "POST",
    "/contacts/{int:contact_id}/personal-data-requests",
    permission="privacy.answer",
    answers=RequestOut,
    status=201,
)
def record_personal_data_request(request: Caller, contact_id: int, body: RequestIn) -> Any:
    """Record that a contact asked for a copy or for erasure."""
    return requests.record_request(request.user, contact_id, kind=body.kind, asked=body.asked(), at=clock.now())


@operation(router, "GET", "/contacts/{int:contact_id}/personal-data", permission="privacy.answer", answers=dict)
def copy_personal_data(request: Caller, contact_id: int) -> Any:
    """Copy everything held about a contact; recorded as an export, and answers an open request for a copy."""
    return copy_data(request.user, contact_id, now=clock.now)


@operation(router, "GET", "/contacts/{int:contact_id}/erasure", permission="privacy.answer", answers=PreviewOut)
def preview_erasure(request: Caller, contact_id: int) -> Any:
    """Preview an erasure: every place that names the contact, and what would become of it."""
    places = selectors.places_of(selectors.person_of(get_contact(request.user, contact_id)))
    return {"seen": selectors.shown(places), "places": [_place(place) for place in places]}


@operation(
    router, "POST", "/contacts/{int:contact_id}/erasure", permission="privacy.answer", answers=RequestOut, status=201
)
def erase_contact(request: Caller, contact_id: int, body: ErasureIn) -> Any:
    """Erase a contact for good; an empty shell stays."""
    return erasing.erase_contact(
        request.user,
        contact_id,
        confirmation=body.confirmation,
        asked=body.asked(),
        places=body.places,
        seen=body.seen,
        at=clock.now(),
    )


def _place(place: Place) -> dict[str, Any]:
    kept = str(place.because) if place.treatment == Treatment.KEPT else ""
    return {"key": place.key, "text": place.text, "sure": place.is_sure and not kept, "kept_because": kept}
