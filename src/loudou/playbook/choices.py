"""Kinds and states of cards."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CardKind(models.TextChoices):
    """What a card is for, in the order in which a conversation needs them."""

    TALK_TRACK = "talk_track", _("Talk track")
    OBJECTION = "objection", _("Objection and answer")
    COMPETITOR = "competitor", _("Competitor note")
    FACT = "fact", _("Fact")


class CardState(models.TextChoices):
    """Whether a card is shown: only published ones are, to whoever does not keep the playbook."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SuggestionState(models.TextChoices):
    """What became of a suggested correction."""

    OPEN = "open", _("Open")
    TAKEN = "taken", _("Taken up")
    DECLINED = "declined", _("Not taken up")


class QuestionKind(models.TextChoices):
    """How a question is answered."""

    SINGLE = "single", _("One answer is right")
    MULTIPLE = "multiple", _("Several answers may be right")
    TRUE_FALSE = "true_false", _("True or false")


class ReadingState(models.TextChoices):
    """How far somebody is with a reading list."""

    PASSED = "passed", _("Passed")
    OVERDUE = "overdue", _("Overdue")
    UNDER_WAY = "under_way", _("Under way")
    NOT_BEGUN = "not_begun", _("Not begun")
