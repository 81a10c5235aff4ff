"""Nouns of the playbook."""

from loudou.playbook.models.card import Card, CardLine, CardProduct, CardStage
from loudou.playbook.models.feedback import CardSuggestion, CardUse, CardVote

__all__ = ["Card", "CardLine", "CardProduct", "CardStage", "CardSuggestion", "CardUse", "CardVote"]
