"""A history of stages beside the deals: the shapes that are read, what it teaches, and what does not fit together."""

import datetime as dt
import json
from pathlib import Path

import pytest

from funnelstats.ladder import Reason
from funnelstats.queries import Engine
from loudou.analyze import deals as reading
from loudou.analyze import wording
from loudou.analyze.analysis import analyze
from loudou.analyze.columns import Choices, ColumnUnknown, HistoryColumnMissing
from loudou.analyze.figures import as_json
from loudou.analyze.findings import findings
from loudou.analyze.moves import HistoryOfOthers, StagesUnclear
from loudou.analyze.report import write_report
from loudou.analyze.stages import stages
from loudou.analyze.tables import engine_of

DATA = Path(__file__).resolve().parents[3] / "shared/data"
DEALS = "Opportunity ID,Name,Stage,Created Date,Close Date,Amount,Probability"
FIELD_LOG = "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate"
PLAIN = "Deal ID,Stage,Changed at"

GOLDEN_G1 = "5:2 8:1 10:2 12:0 15:1 20:2 21:1 25:0 30:1 30:0"
"""Days and outcomes (1 won, 2 lost, 0 open) of the worked example of competing risks: won by day 30 is 0.508333."""


CLOSED = "W,W,Closed Won,2025-01-01,2025-01-01,,"
"""Files without any closed deal are asked which are won."""


def as_file(folder, name, headings, rows):
    path = folder / name
    path.write_text("\n".join([headings, *rows]), encoding="utf-8")
    return path


@pytest.fixture
def load(tmp_path):
    """Read deals and a history from rows."""

    def read(deals, history, *, headings=FIELD_LOG, columns=DEALS, **choices):
        return reading.load(
            [as_file(tmp_path, "deals.csv", columns, deals)],
            Choices(**choices),
            progress=lambda _rows: None,
            history=[as_file(tmp_path, "history.csv", headings, history)],
        )

    return read


def story(found):
    """What the history became: (deal, day, stage, state, amount, expected day) in order of time."""
    rows = engine_of(found).run(
        "SELECT deals.id, CAST(happened_at AS DATE), coalesce(stages.name, '?'), state, stage_events.amount,"
        " stage_events.expected_on FROM stage_events JOIN deals ON deals.place = opportunity_id"
        " LEFT JOIN stages USING (stage_id) WHERE deals.id <> 'W' ORDER BY opportunity_id, happened_at, seq",
        {},
    )
    return [(deal, day.isoformat()[5:], *rest) for deal, day, *rest in rows]


def golden_deals():
    """The golden three times, for ten deals are too few to speak of; each stands a week in Qualify before Propose."""
    deals, log = [], []
    begin, today = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
    for copy in range(3):
        for number, pair in enumerate(GOLDEN_G1.split()):
            days, outcome = map(int, pair.split(":"))
            key = f"G{copy}{number}"
            ended = today if outcome == 0 else begin + dt.timedelta(days=100)
            entered = ended - dt.timedelta(days=days)
            opened = entered - dt.timedelta(days=7)
            stage = ("Propose", "Closed Won", "Closed Lost")[outcome]
            deals.append(f"{key},{key},{stage},{opened},{ended},100,")
            log.append(f"{2 * number},{key},StageName,Qualify,Propose,{entered}T00:00:00Z")
            if outcome:
                log.append(f"{2 * number + 1},{key},StageName,Propose,{stage},{ended}T00:00:00Z")
    # Somebody opens a deal on the last day, so that the file speaks of that day.
    deals.append(f"Z,Z,Qualify,{today},{today},100,")
    return deals, log


def test_stage_win_rates_are_those_of_competing_risks_worked_out_by_hand(load):
    found = load(*golden_deals())
    told = stages(found, engine_of(found))
    by_name = {row.name: row for row in told.rows}
    assert [row.name for row in told.rows] == ["Qualify", "Propose"]
    # Files know days: a deal that is open today has been so until midnight, one day longer than in the golden; its
    # numbers (0.508333 won by day 30) hold, because no one is decided on the days between.
    assert by_name["Propose"].win_rate.n == 30
    assert by_name["Propose"].win_rate.won == 12
    assert by_name["Propose"].win_rate.lost == 9
    assert by_name["Propose"].win_rate.value == pytest.approx(0.5083, abs=1e-4)
    assert by_name["Propose"].win_rate.undecided == pytest.approx(0.175, abs=1e-4)
    assert by_name["Qualify"].time.median == 7.0
    assert by_name["Qualify"].step.onward.value == 1.0


def test_a_log_of_fields_tells_stages_amounts_and_dates_with_what_was_before(load):
    found = load(
        ["A,Pump,Negotiate,2025-01-01,2025-06-01,800,60%", "B,Fan,Closed Lost,2025-01-10,2025-03-01,50,"],
        [
            "1,A,Stage,Qualify,Negotiate,2025-02-01T09:00:00Z",
            "2,A,Amount,1000,800,2025-02-10T09:00:00Z",
            "3,A,CloseDate,2025-05-01,2025-06-01,2025-02-20T09:00:00Z",
            "4,A,Owner,Ann,Bob,2025-02-21T09:00:00Z",
            "5,B,Stage,Qualify,Closed Lost,2025-03-01T10:00:00Z",
        ],
    )
    may, june = dt.date(2025, 5, 1), dt.date(2025, 6, 1)
    assert story(found) == [
        ("A", "01-01", "Qualify", "open", 1000, may),
        ("A", "02-01", "Negotiate", "open", 1000, may),
        ("A", "02-10", "Negotiate", "open", 800, may),
        ("A", "02-20", "Negotiate", "open", 800, june),
        ("A", "03-01", "Negotiate", "open", 800, june),
        ("B", "01-10", "Qualify", "open", 50, None),
        ("B", "03-01", "Qualify", "lost", 50, None),
    ]


def test_a_plain_table_knows_nothing_of_the_time_before_its_first_row(load):
    found = load(
        ["A,Pump,Negotiate,2025-01-01,,,", "B,Fan,Qualify,2025-01-01,,,", CLOSED],
        ["A,Negotiate,2025-02-01", "B,Qualify,2025-01-01"],
        headings=PLAIN,
    )
    assert story(found) == [
        ("A", "01-01", "?", "open", None, None),
        ("A", "02-01", "Negotiate", "open", None, None),
        ("A", "02-01", "Negotiate", "open", None, None),
        ("B", "01-01", "Qualify", "open", None, None),
        ("B", "01-01", "Qualify", "open", None, None),
        ("B", "02-01", "Qualify", "open", None, None),
    ]


def test_a_deal_that_a_log_of_changes_does_not_name_has_stayed_where_it_is(load):
    found = load(
        ["A,Pump,Negotiate,2025-01-01,,,", "B,Fan,Qualify,2025-02-02,,,", "C,Old,Qualify,2020-01-01,,,", CLOSED],
        ["1,A,Stage,Qualify,Negotiate,2025-02-01T00:00:00Z"],
    )
    told = {row[0]: row[2] for row in story(found) if row[1] != "02-02" or row[0] == "B"}
    assert told["B"] == "Qualify"
    first_of_c = next(row for row in story(found) if row[0] == "C")
    assert first_of_c[2] == "?"  # older than the log: what it was before is not on record


def test_a_close_counts_where_the_deal_was_opened_again_and_its_own_row_ends_it(load):
    found = load(
        ["A,Pump,Closed Won,2025-01-01,2025-03-01,10,"],
        [
            "A,Qualify,2025-01-01",
            "A,Closed Lost,2025-01-20",
            "A,Qualify,2025-02-01",
            "A,Closed Lost,2025-02-27",
        ],
        headings=PLAIN,
    )
    assert [(day, state) for _deal, day, _stage, state, *_rest in story(found)] == [
        ("01-01", "open"),
        ("01-01", "open"),
        ("01-20", "lost"),
        ("02-01", "open"),
        ("03-01", "won"),
    ]
    told = {one.code: one for one in findings(found)}
    assert told["history_contradicts"].sample == ("A",)


def test_stages_stand_in_the_order_in_which_most_deals_pass_them(load):
    deals = [f"{key},{key},Closed Won,2025-01-01,2025-06-01,1," for key in "ABCDE"]
    rows = []
    for key in "ABCD":
        rows += [f"{key},Zero,2025-01-01", f"{key},Middle,2025-02-01", f"{key},Alpha,2025-03-01"]
    rows += ["E,Alpha,2025-01-01", "E,Zero,2025-02-01"]  # one went another way
    found = load(deals, rows, headings=PLAIN)
    assert [row.name for row in stages(found, engine_of(found)).rows] == ["Zero", "Middle", "Alpha"]


def test_each_sales_process_has_stages_of_its_own(load):
    found = load(
        ["A,Pump,Closed Won,2025-01-01,2025-06-01,New", "B,Fan,Closed Won,2025-01-01,2025-06-01,Renewal"],
        ["A,Qualify,2025-01-01", "A,Propose,2025-02-01", "B,Review,2025-01-01", "B,Qualify,2025-02-01"],
        headings=PLAIN,
        columns="Opportunity ID,Name,Stage,Created Date,Close Date,Pipeline",
    )
    told = [(row.process, row.name, row.ordinal) for row in stages(found, engine_of(found)).rows]
    assert told == [("New", "Qualify", 1), ("New", "Propose", 2), ("Renewal", "Review", 1), ("Renewal", "Qualify", 2)]


def test_rows_find_their_deal_by_id_short_id_or_a_subject_that_is_its_own(load):
    found = load(
        [
            "006000000HddohAAAB,Pump,Qualify,2025-01-01,,,",
            "B,Fan,Qualify,2025-01-01,,,",
            "C,Fan,Qualify,2025-01-01,,,",
            CLOSED,
        ],
        [
            "006000000HddohA,Propose,2025-02-01",
            "Pump,Qualify,2025-01-01",
            "Fan,Propose,2025-02-01",
            "D,Propose,2025-02-01",
        ],
        headings=PLAIN,
    )
    told = {one.code: one for one in findings(found)}
    assert (told["history_of_unknown_deals"].count, told["history_of_unknown_deals"].sample) == (2, ("D", "Fan"))
    assert found.engine.execute("SELECT count(*), min(deal), max(deal) FROM moves").fetchone() == (2, 1, 1)


def test_rules_about_the_way_of_a_deal_are_judged(load):
    won = [f"W{n},W{n},Closed Won,2025-01-01,2025-02-{n % 20 + 1:02},10," for n in range(40)]
    log = [f"{n},W{n},Stage,Qualify,Propose,2025-01-11T00:00:00Z" for n in range(40)]
    log += [f"{n},W{n},Stage,Propose,Close,2025-01-2{n % 9}T00:00:00Z" for n in range(40)]
    found = load(
        [*won, "bad,bad,Close,2024-06-01,2024-12-01,700,95%"],
        [
            *log,
            "1,bad,Stage,Qualify,Close,2024-07-01T00:00:00Z",
            "2,bad,Amount,1000,700,2024-08-01T00:00:00Z",
            *(f"3,bad,CloseDate,2024-0{m}-01,2024-0{m + 1}-01,2024-07-0{m}T00:00:00Z" for m in (6, 7, 8)),
        ],
    )
    told = analyze(found, ("deals.csv", "history.csv")).abnormal
    assert told.by_rule == {
        "long_in_stage": 1, "date_passed": 1, "pushed": 1, "amount_cut": 1, "stages_skipped": 1, "too_hopeful": 0,
    }  # fmt: skip
    figures = {one.rule: dict(one.figures) for one in told.gravest[0].broken}
    assert figures["amount_cut"] == {"before": 1000.0, "now": 700.0, "cut": pytest.approx(0.3)}
    assert figures["stages_skipped"] == {"skipped": 1}
    assert figures["pushed"]["pushes"] == 4  # three in the log, and today's date is later again
    assert len(told.by_rule) + len(told.not_judged) == 12


def test_report_and_figures_tell_the_way_through_the_stages(load, tmp_path):
    found = analyze(load(*golden_deals()), ("deals.csv", "history.csv"))
    told = json.loads(json.dumps(as_json(found)))
    assert told["history"]["mapping"]["at"] == "CreatedDate"
    assert [(row["stage"], row["place"]) for row in told["stages"]] == [("Qualify", 1), ("Propose", 2)]
    assert set(told["stages"][0]["win_rate"]) == {"value", "low", "high", "n", "undecided"}
    assert told["stages"][0]["days"] == {"median": 7.0, "p80": 7.0, "n": 31}
    write_report(found, tmp_path / "report.html", first="zh-hans")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The way through the stages" in html
    assert "各阶段的推进" in html
    assert '<html lang="zh-hans">' in html
    assert 'id="show-zh-hans" checked' in html


def test_days_in_the_stage_are_called_so_only_where_stages_are_known():
    found = Reason("days_in_stage", 15.0, 125.0, 0.012)
    assert wording.reason(found, str) == "Days open 15 (usual 125): +1"
    assert wording.reason(found, str, with_history=True) == "Days in the stage 15 (usual 125): +1"


def test_a_history_that_says_too_little_or_of_others_is_refused(load):
    deal = ["A,Pump,Qualify,2025-01-01,,,", CLOSED]
    with pytest.raises(HistoryColumnMissing) as missing:
        load(deal, ["A,Qualify"], headings="Deal ID,Stage")
    assert "--map-history at=COLUMN" in str(missing.value)
    with pytest.raises(HistoryOfOthers) as others:
        load(deal, ["X,Qualify,2025-01-01"], headings=PLAIN)
    assert "X" in str(others.value)
    with pytest.raises(StagesUnclear):
        load(deal, [f"A,value {n},2025-01-01" for n in range(61)], headings=PLAIN)
    with pytest.raises(ColumnUnknown):
        load(deal, ["A,Qualify,2025-01-01"], headings=PLAIN, history_columns={"at": "nowhere"})
    found = load(deal, ["A,Qualify,2025-01-01"], headings="Deal ID,Stage,Wann", history_columns={"at": "Wann"})
    assert found.moves.rows == 1


def test_without_a_history_nothing_is_said_of_stages(tmp_path):
    path = as_file(tmp_path, "deals.csv", DEALS, ["A,Pump,Closed Won,2025-01-01,2025-02-01,5,"])
    found = reading.load([path], Choices(), progress=lambda _rows: None)
    engine = engine_of(found)
    assert isinstance(engine, Engine)
    assert stages(found, engine) is None


def test_exports_of_salesforce_with_their_history_need_no_flags():
    folder = DATA / "crm_exports/salesforce"
    if not folder.exists():
        pytest.skip("crm_exports/salesforce is not beside the project")
    found = reading.load(
        [folder / "sf_opportunity_data.csv"], Choices(), progress=lambda _rows: None,
        history=[folder / "sf_opportunity_history_data.csv"],
    )  # fmt: skip
    assert (found.moves.rows, found.moves.unknown, found.moves.has_amounts, found.moves.has_dates) == (
        10,
        0,
        True,
        True,
    )
    assert len(stages(found, engine_of(found)).rows) == 1  # nine of its ten rows are closings
