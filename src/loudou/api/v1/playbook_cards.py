"""Cards of the playbook: finding, writing, publishing and checking them, what readers say, and cards where they fit."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import changes_of
from loudou.api.v1 import playbook_shapes as shapes
from loudou.catalog.selectors import get_product
from loudou.core import clock
from loudou.core.refusals import PermissionRefused
from loudou.core.searchtext import matches
from loudou.customers.selectors import get_customer
from loudou.pipeline.selectors import visible_opportunities
from loudou.playbook import selectors
from loudou.playbook.models import Card
from loudou.playbook.models.card import CardQuerySet
from loudou.playbook.selectors import Situation
from loudou.playbook.services import cards, feedback
from loudou.playbook.services.cards import CardDraft

router = Router(tags=["Playbook"])
ONE = "/playbook-cards/{int:card_id}"


def _detail(request: Caller, card_id: int) -> dict[str, Any]:
    today, card = clock.today(), selectors.get_card(request.user, card_id)
    figures, vote = selectors.figures_of(card, today=today), selectors.vote_of(request.user, card)
    return shapes.shown(card, today) | {
        "author": card.author,
        "checked_by": card.checked_by,
        "readers": figures.readers,
        "useful": figures.useful,
        "useless": figures.useless,
        "found_useful": vote.is_useful if vote else None,
    }


def _show_current(row: Any) -> dict[str, Any]:
    shown = shapes.PlaybookCardOut.model_validate(shapes.shown(row, clock.today()))
    return shown.model_dump(mode="json")


CURRENT[Card] = _show_current


@operation(router, "GET", "/playbook-cards", permission="playbook.view", answers=shapes.PlaybookCardPage)
def list_playbook_cards(request: Caller, query: Query[shapes.PlaybookCardQuery]) -> Any:
    """List cards you may see."""
    rows = _narrow(request, selectors.cards_to_keep(request.user), query)
    found, following = page(rows, query=query, sorts={**BY_ID, **BY_CHANGE}, sort=query.sort)
    today = clock.today()
    items = [
        shapes.shown(card, today)
        | {"useful": card.useful, "useless": card.useless, "open_suggestions": card.waiting}
        for card in found
    ]  # fmt: skip
    return {"items": items, "next": following}


def _narrow(request: Caller, rows: CardQuerySet, query: shapes.PlaybookCardQuery) -> CardQuerySet:
    lists = {"kind": query.kind, "competitor_id": query.competitor, "state": query.state, "keeper_id": query.keeper}
    rows = rows.filter(**{f"{name}__in": wanted for name, wanted in lists.items() if wanted})
    if query.q.strip():
        rows = rows.filter(matches(query.q))
    if query.product is not None:
        rows = rows.for_product(get_product(request.user, query.product))
    if query.line:
        rows = rows.of_lines(query.line)
    if query.stage:
        rows = rows.for_stages_in(query.stage)
    if query.stale is not None:
        today = clock.today()
        rows = rows.stale(today=today) if query.stale else rows.not_stale(today=today)
    if query.updated_since:
        rows = rows.filter(updated_at__gte=query.updated_since)
    return rows


@operation(
    router, "POST", "/playbook-cards", permission="playbook.keep", answers=shapes.PlaybookCardDetail, status=201
)  # fmt: skip
def create_playbook_card(request: Caller, body: shapes.PlaybookCardIn) -> Any:
    """Write a card; it is a draft until it is published."""
    return _detail(request, cards.create_card(request.user, draft=CardDraft(**body.model_dump())).pk)


@operation(router, "GET", ONE, permission="playbook.view", answers=shapes.PlaybookCardDetail)
def show_playbook_card(request: Caller, card_id: int) -> Any:
    """Show a card with how it is used. Reading it here does not count as opening it."""
    return _detail(request, card_id)


@operation(router, "PATCH", ONE, permission="playbook.keep", answers=shapes.PlaybookCardDetail)
def change_playbook_card(request: Caller, card_id: int, body: shapes.PlaybookCardChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the record as it is now."""
    changes, version = changes_of(body, request)
    cards.update_card(request.user, card_id, changes=changes, version=version)
    return _detail(request, card_id)


@operation(router, "POST", f"{ONE}/publish", permission="playbook.keep", answers=shapes.PlaybookCardDetail)
def publish_playbook_card(request: Caller, card_id: int, body: shapes.PlaybookCheckIn) -> Any:
    """Show a card to everybody, checked by you."""
    cards.publish_card(
        request.user, card_id, today=clock.today(), checked_until=body.checked_until, version=body.version
    )
    return _detail(request, card_id)


@operation(router, "POST", f"{ONE}/check", permission="playbook.keep", answers=shapes.PlaybookCardDetail)
def check_playbook_card(request: Caller, card_id: int, body: shapes.PlaybookCheckIn) -> Any:
    """Say that a published card still holds."""
    cards.check_card(request.user, card_id, today=clock.today(), checked_until=body.checked_until, version=body.version)
    return _detail(request, card_id)


@operation(router, "POST", f"{ONE}/withdraw", permission="playbook.keep", answers=shapes.PlaybookCardDetail)
def withdraw_playbook_card(request: Caller, card_id: int, body: shapes.PlaybookVersionIn) -> Any:
    """Show a card to nobody any more; it stays on record and can be published again."""
    cards.withdraw_card(request.user, card_id, version=body.version)
    return _detail(request, card_id)


@operation(router, "PUT", f"{ONE}/vote", permission="playbook.view", answers=shapes.PlaybookVoteOut)
def vote_on_playbook_card(request: Caller, card_id: int, body: shapes.PlaybookVoteIn) -> Any:
    """Say whether a card helped you; your last word counts."""
    return feedback.vote_on_card(request.user, card_id, is_useful=body.is_useful, at=clock.now())


@operation(router, "POST", f"{ONE}/use", permission="playbook.view", status=204)
def use_playbook_card(request: Caller, card_id: int) -> None:
    """Count that you opened a card, once a day; who opened what is listed nowhere."""
    feedback.note_use(request.user, card_id, today=clock.today())


@operation(
    router, "POST", f"{ONE}/suggestions", permission="playbook.view", answers=shapes.PlaybookSuggestionOut, status=201
)
def suggest_playbook_correction(request: Caller, card_id: int, body: shapes.PlaybookCorrectionIn) -> Any:
    """Suggest a correction to whoever keeps the card."""
    row = feedback.suggest_correction(request.user, card_id, text=body.text, at=clock.now())
    return selectors.get_suggestion(request.user, row.pk)


@operation(router, "GET", "/playbook-suggestions", permission="playbook.view", answers=shapes.PlaybookSuggestionPage)
def list_playbook_suggestions(request: Caller, query: Query[shapes.PlaybookSuggestionQuery]) -> Any:
    """List suggested corrections with their answers: all of them if you keep the playbook, else your own."""
    rows = selectors.suggestions(request.user)
    if query.card is not None:
        rows = rows.filter(card=query.card)
    if query.state:
        rows = rows.filter(state__in=query.state)
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(
    router,
    "POST",
    "/playbook-suggestions/{int:suggestion_id}/answer",
    permission="playbook.keep",
    answers=shapes.PlaybookSuggestionOut,
)
def answer_playbook_suggestion(request: Caller, suggestion_id: int, body: shapes.PlaybookAnswerIn) -> Any:
    """Close a suggestion as taken up or not; whoever made it reads the answer on the card."""
    feedback.answer_suggestion(
        request.user, suggestion_id, is_taken=body.is_taken, answer=body.answer, at=clock.now()
    )  # fmt: skip
    return selectors.get_suggestion(request.user, suggestion_id)


def _beside(request: Caller, situation: Situation, query: shapes.PlaybookBesideQuery) -> Any:
    today = clock.today()
    return shapes.beside(selectors.cards_beside(request.user, situation, today=today, query=query.q), today)


def _refuse_without_the_playbook(request: Caller) -> None:
    """A token that reaches the record need not reach the playbook. Raises PermissionRefused."""
    if not request.user.has_permission("playbook.view"):
        raise PermissionRefused


@operation(
    router,
    "GET",
    "/opportunities/{int:opportunity_id}/playbook",
    permission="pipeline.view",
    answers=shapes.PlaybookBesideList,
)
def list_cards_for_opportunity(request: Caller, opportunity_id: int, query: Query[shapes.PlaybookBesideQuery]) -> Any:
    """List the cards that fit an opportunity: its competitors', stage's, kind of purchase's and products' first."""
    _refuse_without_the_playbook(request)
    rows = visible_opportunities(request.user).select_related("process")
    sale = rows.get_visible(request.user, opportunity_id)
    return _beside(request, selectors.situation_of_opportunity(sale), query)


@operation(
    router,
    "GET",
    "/customers/{int:customer_id}/playbook",
    permission="customers.view",
    answers=shapes.PlaybookBesideList,
)
def list_cards_for_customer(request: Caller, customer_id: int, query: Query[shapes.PlaybookBesideQuery]) -> Any:
    """List the cards for what a customer has bought and is being offered, as far as you see its sales."""
    _refuse_without_the_playbook(request)
    customer = get_customer(request.user, customer_id)
    return _beside(request, selectors.situation_of_customer(request.user, customer.pk), query)


@operation(
    router,
    "GET",
    "/products/{int:product_id}/playbook",
    permission="catalog.view",
    answers=shapes.PlaybookBesideList,
)
def list_cards_for_product(request: Caller, product_id: int, query: Query[shapes.PlaybookBesideQuery]) -> Any:
    """List the cards about a product, its line, and all products."""
    _refuse_without_the_playbook(request)
    return _beside(request, selectors.situation_of_product(get_product(request.user, product_id)), query)
