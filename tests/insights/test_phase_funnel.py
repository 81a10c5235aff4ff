"""The funnel of phases: who stands where, who got how far and in what time; each figure is the rows behind it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, Evidence, PhaseChange
from loudou.customers.segment_rule import SegmentRule
from loudou.insights.selectors.phase_funnel import Grain, Sort, phase_funnel
from loudou.insights.selectors.standing import standing
from loudou.people.choices import Role
from loudou.pipeline.models import Opportunity, Stage
from loudou.web.customers.filters import CustomerFilter

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def walk(now, frozen):
    """Make a customer and let it walk: `walk(owner, (1, 100), (2, 90))` stood in 1 a hundred days ago, then in 2."""

    def make(owner, *steps, known_days_ago=None, **facts):
        row = Customer.objects.create(name="C", owner=owner, **facts)
        before = Phase.OUTSIDE
        for phase, days_ago in steps:
            at = now - days_ago * DAY
            frozen.move_to(at if known_days_ago is None else now - known_days_ago * DAY)
            proof = Evidence.objects.create(
                customer=row, kind=EvidenceKind.NEED_VERIFIED, subject_model="x", subject_id=1, at=at, holds=True
            )
            change = PhaseChange(
                customer=row, from_phase=before, to_phase=phase, at=at, cause=PhaseCause.EVIDENCE, evidence=proof
            )
            change.save()
            before = phase
        frozen.move_to(now)
        Customer.objects.filter(pk=row.pk).update(phase=before)
        return row

    return make


def funnel(actor, now, *, grain=Grain.MONTH, by=Sort.OWNER, rows=None):
    rows = Customer.objects.visible_to(actor) if rows is None else rows
    return phase_funnel(actor, rows, grain=grain, by=by, as_of=now)


def hits(found):
    return [line.reached.hits for line in found.phases]


def test_falling_back_takes_nothing_away_and_a_skipped_phase_counts_as_reached(walk, owner, now):
    walk(owner, (1, 60), (2, 50), (3, 40), (2, 30))
    walk(owner, (1, 60), (4, 20))
    walk(owner, (1, 10), (0, 5))
    found = funnel(owner, now)
    assert hits(found) == [3, 2, 2, 1, 0]
    assert [line.now for line in found.phases] == [0, 1, 0, 1, 0]
    assert (found.entered, found.inside, found.outside, found.came_later) == (3, 2, 1, 0)


def test_cohorts_are_the_periods_of_the_first_entry_in_the_companys_time_zone(walk, owner, now):
    walk(owner, (1, 75), (2, 70))  # 1 April 2026
    walk(owner, (1, 46), (0, 40), (1, 3))  # 30 April: coming back makes no new cohort
    walk(owner, (1, 40))  # 6 May
    months = funnel(owner, now).cohorts
    assert [(row.label, [rate.hits for rate in row.reached]) for row in months] == [
        ("2026-05", [1, 0, 0, 0, 0]),
        ("2026-04", [2, 1, 0, 0, 0]),
    ]
    assert (months[1].begins_on, months[1].ends_on) == (dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    (quarter,) = funnel(owner, now, grain=Grain.QUARTER).cohorts
    assert (quarter.label, quarter.entered, quarter.is_enough) == ("2026 Q2", 3, False)
    assert quarter.ends_on == dt.date(2026, 6, 30)


def test_conversion_and_time_count_those_still_on_their_way(walk, owner, now):
    for _n in range(15):
        walk(owner, (1, 100), (2, 90))
    for _n in range(5):
        walk(owner, (1, 100))
    market, prospect, *_others = funnel(owner, now).phases
    onward = market.step.onward
    assert (onward.n, onward.won, onward.lost, onward.horizon_days) == (20, 15, 0, 100)
    assert (onward.value, onward.undecided) == pytest.approx((0.75, 0.25))
    assert onward.low < 0.75 < onward.high
    assert (market.stay.n, market.stay.finished, market.stay.median, market.stay.p80) == (20, 15, 10, None)
    assert prospect.step.onward.value is None
    assert (prospect.stay.n, prospect.stay.finished, prospect.stay.is_enough) == (15, 0, False)


def test_who_came_with_a_past_is_in_no_share_and_counts_from_then_on(walk, owner, now):
    walk(owner, (1, 100), (2, 90))
    # Signed 400 days ago and still: we were told 30 days ago. How it got there is not on record.
    walk(owner, (4, 400), known_days_ago=30)
    # The same, but over before we were told: nobody would have told us, had it gone otherwise.
    walk(owner, (3, 400), (4, 300), known_days_ago=30)
    found = funnel(owner, now)
    assert (found.entered, found.came_later, hits(found)) == (1, 2, [1, 1, 0, 0, 0])
    signed = found.phases[3]
    assert (signed.now, signed.stood, signed.stay.n, signed.stay.finished) == (2, 2, 2, 0)
    assert found.phases[2].stay.n == 0
    assert [line.step.onward.n for line in found.phases[:-1]] == [1, 1, 0, 2]


def test_a_history_that_was_brought_along_from_its_beginning_counts_like_any_other(walk, owner, now):
    walk(owner, (1, 400), (3, 300), known_days_ago=1)
    found = funnel(owner, now)
    assert (found.entered, found.came_later, hits(found)) == (1, 0, [1, 1, 1, 0, 0])


def test_amounts_are_those_the_reader_sees(walk, owner, colleague, make_user, now):
    row = walk(owner, (1, 60), (2, 50))
    stage = Stage.objects.order_by("process_id", "position").first()
    for person, amount in ((owner, 1000), (colleague, 500)):
        Opportunity.objects.create(
            subject="S", customer=row, process=stage.process, stage=stage, owner=person, amount=Decimal(amount),
            amount_base=Decimal(amount), opened_on=now.date(), stage_entered_at=now,
        )  # fmt: skip
    everything = funnel(make_user("eve", Role.EXECUTIVE), now).phases[1]
    assert (everything.open_amount, everything.contract_amount) == (1500, 0)
    assert funnel(make_user("fred", Role.FINANCE), now).phases[1].open_amount == 0


def test_nobody_counts_customers_that_one_does_not_see(walk, owner, stranger, manager, now):
    walk(owner, (1, 60), (2, 50))
    walk(stranger, (1, 60))
    assert (funnel(owner, now).entered, funnel(manager, now).entered, funnel(stranger, now).entered) == (1, 1, 1)
    everybodys = funnel(owner, now, rows=Customer.objects.all())
    assert [(group.label, group.entered) for group in everybodys.groups] == [(owner.name, 1)]


def test_groups_are_segments_owners_and_sources(walk, owner, make_user, now):
    services.create_segment(
        make_user("olga", Role.OPERATIONS), name="Eaters", rule=SegmentRule(industry=("F",)), at=now
    )
    walk(owner, (1, 60), (2, 50), source="Fair")
    walk(None, (1, 60))
    eve = make_user("eve", Role.EXECUTIVE)
    found = {by: funnel(eve, now, by=by).groups for by in Sort}
    assert [(group.label, group.entered) for group in found[Sort.OWNER]] == [(owner.name, 1), ("Nobody", 1)]
    assert [(group.label, group.entered) for group in found[Sort.SOURCE]] == [("Fair", 1), ("Not set", 1)]
    assert found[Sort.SEGMENT] == ()


def behind(reader, url):
    """How many customers a figure opens."""
    request = RequestFactory().get(url)
    request.user = reader
    filters = CustomerFilter(QueryDict(urlsplit(url).query), request=request)
    assert filters.mistakes == []
    return filters.filter_queryset(Customer.objects.visible_to(reader)).count()


@pytest.mark.parametrize("by", ["owner", "source", "segment"])
def test_every_figure_is_the_rows_behind_it(client, walk, owner, colleague, manager, make_user, now, by):
    olga = make_user("olga", Role.OPERATIONS)
    dice = random.Random(7)
    for _n in range(40):
        steps, days, phase = [], dice.randrange(30, 700), 0
        while days > 0:
            phase = dice.choice([one for one in range(6) if one != phase])
            steps.append((phase, days))
            days -= dice.randrange(5, 200)
        late = dice.choice([None, None, steps[-1][1]])
        source = dice.choice(["", "Fair"])
        walk(dice.choice([owner, colleague]), *steps, known_days_ago=late, source=source, industry=source)
    services.create_segment(olga, name="Eaters", rule=SegmentRule(industry=("Fair",)), at=now)
    page = client.as_(manager).get(reverse("customers:funnel"), {"by": by, "grain": "month", "kind": "end_user"})
    found = page.context["funnel"]
    assert found.entered and found.came_later and found.groups
    figures = [(found.came_later, page.context["came_later_url"]), (found.outside, page.context["outside_url"])]
    for row in page.context["rows"]:
        figures += [
            (row.line.now, row.now_url), (row.line.reached.hits, row.reached_url), (row.line.stood, row.stood_url)
        ]  # fmt: skip
    for row in [*page.context["cohorts"], *page.context["groups"]]:
        figures.append((row.passage.entered, row.url))
        figures += [(share.rate.hits, share.url) for share in row.shares]
    assert len(figures) > 60
    assert [behind(manager, url) for _count, url in figures] == [count for count, _url in figures]


def test_an_amount_opens_the_list_that_sums_to_it(client, walk, owner, colleague, make_user, now):
    row = walk(owner, (1, 60), (2, 50))
    stage = Stage.objects.order_by("process_id", "position").first()
    for person, amount in ((owner, 1000), (colleague, 500)):
        Opportunity.objects.create(
            subject="S", customer=row, process=stage.process, stage=stage, owner=person, amount=Decimal(amount),
            amount_base=Decimal(amount), opened_on=now.date(), stage_entered_at=now,
        )  # fmt: skip
    reader = client.as_(make_user("eve", Role.EXECUTIVE))
    page = reader.get(reverse("customers:funnel"))
    prospects = page.context["rows"][1]
    listed = reader.get(prospects.amounts_url)
    assert listed.context["list"].rows_page.rows == [row]
    totals = listed.context["totals"]
    assert (totals["name"], totals["open_amount"], totals["contract_amount"]) == ("Total of 1", "CN¥1,500", "CN¥0")
    assert prospects.line.open_amount == 1500
    # Lists that do not ask for what was agreed are not added up.
    assert reader.get(reverse("customers:customer_list")).context["totals"] == {}


def test_the_page_says_too_few_instead_of_a_share(client, walk, owner):
    walk(owner, (1, 60), (2, 50))
    text = client.as_(owner).get(reverse("customers:funnel")).content.decode()
    assert "too few" in text
    assert "100%" not in text.split('id="list"')[1]


def test_an_empty_funnel_says_what_to_do(client, owner, make_user):
    text = client.as_(make_user("olga", Role.OPERATIONS)).get(reverse("customers:funnel")).content.decode()
    assert "Nobody is in the funnel yet" in text
    assert f'href="{reverse("customers:segment_add")}"' in text.split('id="list"')[1]
    assert reverse("customers:segment_add") not in client.as_(owner).get(reverse("customers:funnel")).content.decode()


def test_the_file_says_the_same_figures_with_their_intervals(client, walk, owner):
    for _n in range(12):
        walk(owner, (1, 60), (2, 50))
    answer = client.as_(owner).get(reverse("customers:funnel"), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    market = rows[0]
    assert (market["Part"], market["Phase"], market["Entered"], market["Share"]) == (
        "All customers",
        "Target market",
        "12",
        "1",
    )
    assert (market["Days in the phase, median"], market["Stays"], market["Currency"]) == ("10", "12", "CNY")
    cohort = next(row for row in rows if (row["Part"], row["Phase"]) == ("Cohort", "Prospect"))
    assert (cohort["Group"], cohort["Reached so far"], cohort["Share, to"]) == ("2026 Q2", "12", "1")
    assert 0.8 < float(cohort["Share, from"]) < 1


def test_statements_stay_when_customers_double(client, walk, owner, django_assert_max_num_queries):
    page = client.as_(owner)
    for _n in range(5):
        walk(owner, (1, 60), (2, 50), source="Fair")
    for _turn in range(2):
        page.get(reverse("customers:funnel"), {"by": "owner"})  # what is kept between requests is read once
    counts = []
    for _turn in range(2):
        with django_assert_max_num_queries(12) as asked:
            assert page.get(reverse("customers:funnel"), {"by": "owner"}).status_code == 200
        counts.append(len(asked))
        for n in range(20):
            walk(owner, (1, 60 + n), (2, 50), source=f"Fair {n}")
    assert counts[0] == counts[1]


def test_amounts_are_summed_by_phase_and_not_by_customer_first(walk, owner, now):
    walk(owner, (1, 60))
    with CaptureQueriesContext(connection) as asked:
        standing(owner, Customer.objects.visible_to(owner))
    [statement] = [query["sql"] for query in asked if "contracts_contract paper" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        keys = [line.strip() for (line,) in cursor.fetchall() if "Group Key" in line]
    assert keys and [key for key in keys if "customer_id" in key] == []
