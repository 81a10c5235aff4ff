"""How cards of the playbook look on the wire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from loudou.api.paging import PageQuery
from loudou.api.schemas import Given, GivenVersion, Id, LabelRef, Note, Ref, Short, Shown, Stamped
from loudou.api.v1.customers import OrEmpty
from loudou.pipeline.choices import PurchaseKind
from loudou.playbook.brevity import LONGEST_TEXT
from loudou.playbook.choices import CardKind, CardState, SuggestionState
from loudou.playbook.models import Card
from loudou.playbook.selectors import CardBeside

MOST_IDS = 200
Ids = Annotated[list[Id], Field(max_length=MOST_IDS)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class PlaybookStageOut(LabelRef):
    """A stage that a card is meant for."""

    process_id: int


class PlaybookCardOut(Stamped):
    """A card, its words in both languages. Without products and lines it is about all products."""

    kind: CardKind
    title: str
    title_zh: str
    body: str
    body_zh: str
    competitor: Ref | None
    purchase_kind: str
    products: list[Ref]
    lines: list[Ref]
    stages: list[PlaybookStageOut]
    state: CardState
    edition: int
    keeper: Ref | None
    checked_on: dt.date | None
    checked_until: dt.date | None
    is_stale: bool


class PlaybookCardListed(PlaybookCardOut):
    """A card with what its readers say of it."""

    useful: int
    useless: int
    open_suggestions: int


class PlaybookCardDetail(PlaybookCardOut):
    """A card with who wrote and checked it, how it is used, and what you said of it (null: nothing yet)."""

    author: Ref | None
    checked_by: Ref | None
    readers: int
    useful: int
    useless: int
    found_useful: bool | None


class PlaybookCardPage(Shown):
    """A page of cards; `next` is the cursor of the next one."""

    items: list[PlaybookCardListed]
    next: str | None


class PlaybookCardQuery(PageQuery):
    """Which cards, by the filters of the page. Whoever does not keep the playbook sees published ones only."""

    q: str = Field("", max_length=200, description="Words in title or text, in either language.")
    kind: list[CardKind] = []
    product: Id | None = Field(None, description="Its own cards, those of its line, and those of all products.")
    line: Ids = []
    competitor: Ids = []
    stage: Ids = []
    state: list[CardState] = Field([], description="All states that you may see when empty.")
    keeper: Ids = []
    stale: bool | None = Field(None, description="Whether the day until which it was checked has passed.")
    updated_since: dt.datetime | None = Field(None, description="For keeping a copy up to date; sort by updated_at.")
    sort: Literal["id", "-id", "updated_at", "-updated_at"] = "id"


class PlaybookCardFields(Given):
    """What creating and changing have in common."""

    title: Short = ""
    title_zh: Short = ""
    body: Text = Field("", description="A small part of Markdown, read in a minute at most.")
    body_zh: Text = Field("", description="A small part of Markdown, read in a minute at most.")
    competitor_id: Id | None = None
    purchase_kind: PurchaseKind | OrEmpty = ""
    keeper_id: Id | None = Field(None, description="Who looks after the card; when it is created, you if absent.")
    product_ids: Ids = []
    line_ids: Ids = []
    stage_ids: Ids = []


class PlaybookCardIn(PlaybookCardFields):
    """A card to be written, in one language or both; it is a draft until it is published."""

    kind: CardKind


class PlaybookCardChangesIn(PlaybookCardFields, GivenVersion):
    """Fields to be changed; what is not sent stays. Products, lines and stages are replaced as a whole."""

    kind: CardKind | None = None


class PlaybookCheckIn(GivenVersion):
    """Until when the card is taken for right."""

    checked_until: dt.date | None = Field(
        None, description="After today and within two years; 180 days from today when absent."
    )


class PlaybookVersionIn(GivenVersion):
    """The version of the card that was looked at."""


class PlaybookVoteIn(Given):
    """Whether the card helped you."""

    is_useful: bool


class PlaybookVoteOut(Shown):
    """What you said of a card, and of which edition of its words."""

    is_useful: bool
    edition: int
    at: dt.datetime


class PlaybookCorrectionIn(Given):
    """What is wrong or missing, and how you know."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]


class PlaybookSuggestionOut(Stamped):
    """A suggested correction, and the keeper's answer."""

    card_id: int
    text: str
    edition: int
    suggested_by: Ref | None
    suggested_at: dt.datetime
    state: SuggestionState
    answer: str
    decided_by: Ref | None
    decided_at: dt.datetime | None


class PlaybookSuggestionPage(Shown):
    """A page of suggestions; `next` is the cursor of the next one."""

    items: list[PlaybookSuggestionOut]
    next: str | None


class PlaybookSuggestionQuery(PageQuery):
    """Which suggestions: all of them if you keep the playbook, else your own."""

    card: Id | None = None
    state: list[SuggestionState] = []
    sort: Literal["id", "-id"] = "id"


class PlaybookAnswerIn(Given):
    """Whether the suggestion is taken up; if not, `answer` says why."""

    is_taken: bool
    answer: Note = ""


class PlaybookBesideQuery(Given):
    """Which of the cards."""

    q: str = Field("", max_length=200, description="Words in title or text, in either language.")


class PlaybookBesideOut(Shown):
    """A card with why it is shown: each flag says that it asks for something which is the case here."""

    card: PlaybookCardOut
    fits_rival: bool
    fits_stage: bool
    fits_purchase: bool
    fits_product: bool
    is_for_elsewhere: bool


class PlaybookBesideList(Shown):
    """Published cards for a place, the most fitting first."""

    items: list[PlaybookBesideOut]


_PLAIN = (
    "id", "version", "created_at", "updated_at", "kind", "title", "title_zh", "body", "body_zh", "competitor",
    "purchase_kind", "state", "edition", "keeper", "checked_on", "checked_until",
)  # fmt: skip


def shown(card: Card, today: dt.date) -> dict[str, Any]:
    """A card as every answer shows it."""
    links = {name: list(getattr(card, name).all()) for name in ("products", "lines", "stages")}
    return {name: getattr(card, name) for name in _PLAIN} | links | {"is_stale": card.is_stale(today)}


def beside(found: list[CardBeside], today: dt.date) -> Mapping[str, Any]:
    """Cards for a place, with why each is shown."""
    flags = [name for name in PlaybookBesideOut.model_fields if name != "card"]
    return {
        "items": [{name: getattr(each, name) for name in flags} | {"card": shown(each.card, today)} for each in found]
    }
