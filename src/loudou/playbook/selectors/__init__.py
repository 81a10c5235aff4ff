"""Questions about the playbook."""

from loudou.playbook.selectors.beside import (
    CardBeside,
    Situation,
    cards_beside,
    situation_of_customer,
    situation_of_opportunity,
    situation_of_product,
)
from loudou.playbook.selectors.cards import (
    card_rows,
    cards_to_keep,
    cards_without_keeper,
    get_card,
    search_cards,
    stale_cards,
    vote_of,
)
from loudou.playbook.selectors.keeping import (
    CardFigures,
    figures_of,
    get_suggestion,
    open_suggestions,
    suggestions,
    suggestions_of,
)

__all__ = [
    "CardBeside",
    "CardFigures",
    "Situation",
    "card_rows",
    "cards_beside",
    "cards_to_keep",
    "cards_without_keeper",
    "figures_of",
    "get_card",
    "get_suggestion",
    "open_suggestions",
    "search_cards",
    "situation_of_customer",
    "situation_of_opportunity",
    "situation_of_product",
    "stale_cards",
    "suggestions",
    "suggestions_of",
    "vote_of",
]
