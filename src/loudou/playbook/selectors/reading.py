"""Reading lists: which one has to read, how far one is, and how far one's people are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, TruncDate

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.people.models import Membership, User
from loudou.people.models.user import UserQuerySet
from loudou.people.selectors.teams import team_subtree_ids
from loudou.playbook.choices import CardState, ReadingState
from loudou.playbook.models import (
    Attempt,
    AttemptResult,
    Card,
    Question,
    Reading,
    ReadingItem,
    ReadingList,
)
from loudou.playbook.models.reading import ReadingListQuerySet
from loudou.playbook.starts import start_of, with_start


@dataclass(frozen=True, slots=True)
class Step:
    """A card of somebody's list, and when they read it in an edition that counts."""

    item: ReadingItem
    card: Card
    read_at: dt.datetime | None
    was_changed: bool
    """Whether they read it before its words changed, and the keeper asks to read it again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is with a list."""

    reading_list: ReadingList
    steps: tuple[Step, ...]
    due_on: dt.date
    today: dt.date
    best: AttemptResult | None
    passed: AttemptResult | None
    begun: Attempt | None
    """A quiz that was begun and not handed in."""
    asks: bool
    """Whether there is any question about its cards."""

    @property
    def read(self) -> int:
        """How many of the cards are read."""
        return sum(step.read_at is not None for step in self.steps)

    @property
    def is_read(self) -> bool:
        """Whether nothing is left to read."""
        return self.read == len(self.steps)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done: a card to read, or the quiz to pass."""
        return bool(self.steps) and self.passed is None and (self.asks or not self.is_read)

    @property
    def is_overdue(self) -> bool:
        """Whether the last day is over and something is still to be done."""
        return self.is_open and self.due_on < self.today

    @property
    def days_left(self) -> int:
        """Days until the last one; negative when it is over."""
        return (self.due_on - self.today).days

    @property
    def next_step(self) -> Step | None:
        """The first card that is still to be read."""
        return next((step for step in self.steps if step.read_at is None), None)

    def after(self, card_id: int) -> Step | None:
        """The next unread card after one, else the first unread one."""
        place = next((n for n, step in enumerate(self.steps) if step.card.pk == card_id), -1)
        rest = [step for step in self.steps[place + 1 :] if step.read_at is None]
        return rest[0] if rest else self.next_step


def lists_to_keep(actor: Actor) -> ReadingListQuerySet:
    """Lists the actor may see, with `cards` and `questions` (how many), and their teams."""
    shown = ReadingItem.objects.filter(reading_list=OuterRef("pk"), card__state=CardState.PUBLISHED)
    asked = Question.objects.filter(
        is_active=True,
        card__state=CardState.PUBLISHED,
        card__in=ReadingItem.objects.filter(reading_list=OuterRef(OuterRef("pk"))).values("card"),
    )
    return (
        ReadingList.objects.visible_to(actor)
        .annotate(cards=_counted(shown, "reading_list"), questions=_counted_all(asked))
        .prefetch_related("teams")
    )


def get_list(actor: Actor, list_id: int) -> ReadingList:
    """One list. Raises NotVisible."""
    return lists_to_keep(actor).get_visible(actor, list_id)


def items_of(row: ReadingList) -> QuerySet[ReadingItem]:
    """All cards of a list in order, those that are not published included."""
    return row.items.select_related("card").defer("card__search_text")


def get_item(actor: Actor, item_id: int) -> ReadingItem:
    """One card of a list that one sees. Raises NotVisible."""
    rows = ReadingItem.objects.filter(reading_list__in=ReadingList.objects.visible_to(actor))
    found = rows.select_related("card", "reading_list").filter(pk=item_id).first()
    if found is None:
        raise NotVisible
    return found


def unread_cards(user: User, row: ReadingList) -> list[int]:
    """Ids of published cards of a list that a person has still to read."""
    read = Reading.objects.filter(user=user, card=OuterRef("card"), edition__gte=OuterRef("edition"))
    rows = row.items.filter(card__state=CardState.PUBLISHED).exclude(Exists(read))
    return list(rows.values_list("card_id", flat=True))


def my_progress(user: User, *, today: dt.date, list_id: int | None = None) -> list[Progress]:
    """How far somebody is with each list that they are asked to read; at most ten statements."""
    shown = ReadingItem.objects.filter(card__state=CardState.PUBLISHED).select_related("card")
    rows = ReadingList.objects.to_read(user)
    if list_id is not None:
        rows = rows.filter(pk=list_id)
    asked = Question.objects.filter(
        is_active=True, card__state=CardState.PUBLISHED,
        card__in=ReadingItem.objects.filter(reading_list=OuterRef(OuterRef("pk"))).values("card"),
    )  # fmt: skip
    lists = list(
        rows.annotate(questions=_counted_all(asked)).prefetch_related(
            Prefetch("items", shown.defer("card__search_text").order_by("position", "pk"))
        )
    )
    if not lists:
        return []
    start = start_of(user)
    readings: dict[int, list[Reading]] = {}
    for reading in Reading.objects.filter(user=user).order_by("edition"):
        readings.setdefault(reading.card_id, []).append(reading)
    attempts: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.filter(user=user, reading_list__in=lists).select_related("result").order_by("pk"):
        attempts.setdefault(attempt.reading_list_id, []).append(attempt)
    return [_progress(row, readings, attempts.get(row.pk, []), row.due_on(start), today) for row in lists]


def get_my_progress(user: User, list_id: int, *, today: dt.date) -> Progress:
    """How far somebody is with one list. Raises NotVisible when it is not theirs to read."""
    found = my_progress(user, today=today, list_id=list_id)
    if not found:
        raise NotVisible
    return found[0]


def _progress(
    row: ReadingList, readings: dict[int, list[Reading]], attempts: list[Attempt], due_on: dt.date, today: dt.date
) -> Progress:
    steps = []
    for item in row.items.all():
        mine = readings.get(item.card_id, [])
        counting = [each for each in mine if each.edition >= item.edition]
        steps.append(
            Step(item, item.card, counting[0].at if counting else None, was_changed=bool(mine) and not counting)
        )
    results = [each.result for each in attempts if hasattr(each, "result")]
    return Progress(
        reading_list=row,
        steps=tuple(steps),
        due_on=due_on,
        today=today,
        best=max(results, key=lambda each: (each.is_passed, each.right * 100 // each.total, -each.pk), default=None),
        passed=next((each for each in results if each.is_passed), None),
        begun=next((each for each in attempts if not hasattr(each, "result")), None),
        asks=row.questions > 0,  # type: ignore[attr-defined]
    )


def readers_of(actor: Actor, row: ReadingList, *, today: dt.date) -> UserQuerySet:
    """Whoever is asked to read a list, as far as the actor follows their progress.

    Each with `read` and `cards` (how many of how many), `due_on`, `best_right` and `best_total` of the best quiz,
    `passed_on`, `attempts` and `reading_state` (a ReadingState).
    """
    reach = actor.reach("playbook.attempt")
    people = with_start(User.objects.visible_to(actor).active())
    if not reach.everything:
        people = people.filter(pk__in=reach.user_ids)
    people = _asked(people, row, today=today)
    cards = list(row.items.filter(card__state=CardState.PUBLISHED).values_list("card_id", flat=True))
    counting = Reading.objects.filter(
        user=OuterRef("pk"), card__in=cards,
        edition__gte=Subquery(row.items.filter(card=OuterRef("card")).values("edition")[:1]),
    )  # fmt: skip
    read = counting.order_by().values("user").annotate(n=Count("card", distinct=True)).values("n")
    results = AttemptResult.objects.filter(attempt__user=OuterRef("pk"), attempt__reading_list=row)
    share = ExpressionWrapper(F("right") * 100 / F("total"), output_field=IntegerField())
    best = results.order_by("-is_passed", share.desc(), "pk")
    passed = results.filter(is_passed=True).order_by("finished_at", "pk")
    due = ExpressionWrapper(
        Greatest(F("start"), Value(row.opened_on)) + Value(dt.timedelta(days=row.due_days)), output_field=DateField()
    )
    return people.annotate(
        cards=Value(len(cards)),
        read=Coalesce(Subquery(read, output_field=IntegerField()), 0),
        due_on=Cast(due, DateField()),
        best_right=Subquery(best.values("right")[:1]),
        best_total=Subquery(best.values("total")[:1]),
        attempts=_counted(results, "attempt__user"),
        passed_on=Subquery(passed.values(day=TruncDate("finished_at"))[:1]),
    ).annotate(
        reading_state=Case(
            When(passed_on__isnull=False, then=Value(ReadingState.PASSED.value)),
            When(due_on__lt=today, then=Value(ReadingState.OVERDUE.value)),
            When(Q(read__gt=0) | Q(attempts__gt=0), then=Value(ReadingState.UNDER_WAY.value)),
            default=Value(ReadingState.NOT_BEGUN.value),
        )
    )


def _asked(people: UserQuerySet, row: ReadingList, *, today: dt.date) -> UserQuerySet:
    """Whom a list is for; the other side of `ReadingListQuerySet.asked_of`."""
    if row.roles:
        people = people.filter(roles__overlap=row.roles)
    if row.started_since:
        people = people.filter(start__gte=row.started_since)  # type: ignore[misc]  # annotated by with_start
    teams = [team_subtree_ids(team.pk) for team in row.teams.all()]
    if teams:
        inside = Membership.objects.on(today).filter(user=OuterRef("pk"), team_id__in=frozenset().union(*teams))
        people = people.filter(Exists(inside))
    return people


def _counted(rows: QuerySet, by: str) -> Coalesce:  # type: ignore[type-arg]
    counted = rows.order_by().values(by).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _counted_all(rows: QuerySet) -> Coalesce:  # type: ignore[type-arg]
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
