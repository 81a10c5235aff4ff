"""Nouns of the playbook."""

from loudou.playbook.models.card import Card, CardLine, CardProduct, CardStage
from loudou.playbook.models.feedback import CardSuggestion, CardUse, CardVote
from loudou.playbook.models.quiz import (
    Attempt,
    AttemptAnswer,
    AttemptQuestion,
    AttemptResult,
    Choice,
    Question,
    QuestionEdition,
)
from loudou.playbook.models.reading import Reading, ReadingItem, ReadingList, ReadingListTeam

__all__ = [
    "Attempt",
    "AttemptAnswer",
    "AttemptQuestion",
    "AttemptResult",
    "Card",
    "CardLine",
    "CardProduct",
    "CardStage",
    "CardSuggestion",
    "CardUse",
    "CardVote",
    "Choice",
    "Question",
    "QuestionEdition",
    "Reading",
    "ReadingItem",
    "ReadingList",
    "ReadingListTeam",
]
