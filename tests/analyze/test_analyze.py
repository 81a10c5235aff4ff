"""`loudou analyze`: exports of several CRMs, awkward files, the report in both languages, and restraint about noise."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from loudou.analyze import deals as reading
from loudou.analyze import questions
from loudou.analyze.abnormal import abnormal
from loudou.analyze.analysis import analyze
from loudou.analyze.columns import Choices, ColumnUnknown
from loudou.analyze.figures import as_json
from loudou.analyze.findings import findings
from loudou.analyze.outlook import label
from loudou.analyze.report import write_report
from loudou.analyze.tables import engine_of

DATA = Path(__file__).resolve().parents[3] / "shared/data"
HEADINGS = "商机编号,负责人,产品,阶段,创建日期,结束日期,金额"


def load(*paths, **choices):
    return reading.load(list(paths), Choices(**choices), progress=lambda _rows: None)


def shared(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path


def as_file(folder, rows, headings=HEADINGS, name="deals.csv", encoding="utf-8"):
    path = folder / name
    path.write_text("\n".join([headings, *rows]), encoding=encoding)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three years of deals: owner A wins 70 %, owner B 30 %; a win takes 60 days, a loss 100; one in ten stays open."""
    random = np.random.default_rng(5)
    rows = []
    for number in range(3000):
        opened = dt.date(2023, 1, 1) + dt.timedelta(days=int(random.integers(0, 1000)))
        owner = "甲" if number % 2 else "乙"
        won = random.random() < (0.7 if owner == "甲" else 0.3)
        closed = opened + dt.timedelta(days=int(random.integers(40, 80)) if won else int(random.integers(80, 120)))
        is_open = random.random() < 0.1 or closed > dt.date(2025, 9, 27)
        stage = "谈判" if is_open else "赢单" if won else "输单"
        rows.append(f"N{number},{owner},泵,{stage},{opened},{'' if is_open else closed},{random.integers(10, 90)}000")
    return load(as_file(tmp_path_factory.mktemp("made"), rows, encoding="gb18030"))


def test_chinese_headings_and_words_are_understood(made):
    assert made.mapping["opened_on"] == "创建日期"
    counted = questions.outcomes(made)
    assert sum(counted.values()) == 3000
    assert min(counted.values()) > 200


@pytest.fixture(scope="module")
def analyzed(made):
    """Everything that is said of the made deals."""
    return analyze(made, ("商机.csv",))


def test_a_real_difference_between_owners_is_clear(analyzed):
    group = analyzed.groups["owner"]
    assert group.difference.evidence == "clear"
    rates = {row.name: row.rate for row in group.rows}
    assert rates["甲"].low > rates["乙"].high


def test_past_forecasts_held_and_beat_the_weighted_pipeline(analyzed):
    tested = analyzed.outlook.tested
    assert len(tested.periods) >= 8
    assert tested.coverage >= 0.75
    assert tested.scores["model"].crps < tested.scores["weighted"].crps
    assert tested.scores["model"].crps < tested.scores["naive"].crps
    for one in analyzed.outlook.forecasts:
        assert one.prospect.booked <= one.quantile(0.1) <= one.quantile(0.5) <= one.quantile(0.9)


def test_the_order_of_work_is_by_worth_and_knows_the_owner(analyzed):
    first = analyzed.first
    assert first.ladder.rung.name in {"logistic", "boosting"}  # owners differ, which the stage rung cannot know
    assert [deal.worth for deal in first.deals] == sorted((deal.worth for deal in first.deals), reverse=True)
    assert all(0 < deal.chance < 1 for deal in first.deals)
    assert any(one.feature == "owner_rate" for deal in first.deals for one in deal.reasons)
    assert first.inflow.entered > 100
    assert first.repeat_period == "2025-Q4"


def test_what_an_export_only_knows_today_is_not_known_in_the_past(tmp_path):
    """Lost deals lost their amount, open ones expect a date: neither may help a forecast of last year."""
    rows = [
        "1,a,x,Won,2025-01-01,2025-03-01,,500",
        "2,a,x,Lost,2025-01-01,2025-03-01,,0",
        "3,a,x,Negotiation,2025-01-01,,2025-06-01,700",
    ]
    path = as_file(tmp_path, rows, "id,owner,product,stage,created,closed,expected close date,amount")
    engine = engine_of(load(path))
    events = engine.run(
        "SELECT opportunity_id, CAST(happened_at AS DATE), state, amount, expected_on FROM stage_events"
        " ORDER BY opportunity_id, happened_at, seq",
        {},
    )
    opened, closed = dt.date(2025, 1, 1), dt.date(2025, 3, 1)
    assert events == [
        (1, opened, "open", None, None),
        (1, closed, "won", 500, None),
        (2, opened, "open", None, None),
        (2, closed, "lost", None, None),
        (3, opened, "open", 700, None),
        (3, closed, "open", 700, dt.date(2025, 6, 1)),
    ]


def test_open_deals_are_judged_by_the_rules_that_the_columns_allow(tmp_path):
    headings = "id,owner,stage,created,closed,expected close date,amount,next step date,last activity date,push count"
    rows = [f"W{n},a,Won,2025-01-{n + 1:02},2025-03-01,,10,,," for n in range(20)]
    rows += [
        "bad,a,Negotiation,2024-01-01,,2025-02-01,900,2025-02-01,2025-01-01,4",
        "good,a,Negotiation,2025-02-20,,2025-05-01,800,2025-03-09,2025-02-25,0",
    ]
    found = load(as_file(tmp_path, rows, headings))
    _zombies, cycle = questions.history(found, engine_of(found))
    answer = abnormal(found, cycle)
    assert answer.by_rule == {"long_in_stage": 1, "no_activity": 1, "no_next_step": 1, "date_passed": 1, "pushed": 1}
    assert (answer.count, [deal.label for deal in answer.gravest]) == (1, ["bad"])
    figures = {one.rule: dict(one.figures) for one in answer.gravest[0].broken}
    assert figures["long_in_stage"] == {"days": 425, "p80": 56.0}
    assert figures["no_activity"] == {"days": 59, "limit": 30}
    assert figures["date_passed"] == {"expected_on": dt.date(2025, 2, 1), "days": 28}
    assert figures["pushed"] == {"pushes": 4, "limit": 3}
    assert "credit_trouble" in answer.not_judged
    assert len(answer.by_rule) + len(answer.not_judged) == 12


def test_amounts_in_several_currencies_are_pointed_out(tmp_path):
    rows = ["1,Won,5,CNY", "2,Lost,5,usd", "3,Won,5,USD"]
    found = {one.code: one for one in findings(load(as_file(tmp_path, rows, "id,stage,amount,currency")))}
    assert (found["several_currencies"].count, found["several_currencies"].sample) == (2, ("CNY", "USD"))


def test_noise_is_not_ranked_on_the_maven_pipeline():
    found = as_json(analyze(load(shared("maven/sales_pipeline.csv")), ("maven",)))
    assert found["rows"] == 8800
    assert found["outcomes"] == {"won": 4238, "lost": 2473, "open": 2089}
    assert found["win_rate"]["closed"] == {"value": pytest.approx(0.6315, abs=1e-4), "n": 6711}
    assert (found["by_owner_evidence"], found["by_product_evidence"], found["by_customer_evidence"]) == ("none",) * 3
    assert (found["by_age_evidence"], found["by_quarter_month_evidence"]) == ("clear", "clear")
    codes = {finding["code"]: finding for finding in found["findings"]}
    assert codes["no_customer"]["count"] == 1425
    assert codes["no_opening_date"]["count"] == 500
    # Some never close what they have lost: that is housekeeping, and told apart from selling.
    assert found["stale"] == {
        "count": 1329, "limit_days": 131, "share": pytest.approx(0.836, abs=1e-3),
        "win_rate_if_lost": pytest.approx(0.519, abs=1e-3), "win_rate_if_left_out": pytest.approx(0.631, abs=1e-3),
    }  # fmt: skip
    assert found["first"]["model"]["rung"] == "stage"  # neither learned model finds anything in agents and accounts
    assert min(found["backtest"]["skill"].values()) > 0
    json.dumps(found)


def test_exports_of_other_systems_need_no_flags():
    hubspot = load(shared("crm_exports/hubspot_ui/hubspot_deals.csv"))
    assert questions.outcomes(hubspot) == {"won": 71, "lost": 69, "open": 360}
    salesforce = load(shared("crm_exports/salesforce/sf_opportunity_data.csv"))
    assert questions.outcomes(salesforce) == {"won": 5, "lost": 4, "open": 1}


def test_zoho_like_exports_need_no_flags_in_either_language(tmp_path):
    headings = "Record Id,Deal Name,Account Name,Deal Owner,Stage,Amount,Closing Date,Created Time,Last Activity Time"
    rows = [
        'zcrm_1,Big pump,Benton,Ann,Closed Won,"$ 45,000.00",2025-03-08,2025-01-02 14:11:08,2025-03-08 10:00:00',
        'zcrm_2,Pump,King,Ann,Closed Lost to Competition,"$ 6,000.00",2025-03-18,2025-01-05 14:11:08,',
        'zcrm_3,Pump,King,Bob,Negotiation/Review,"$ 9,000.00",2025-06-30,2025-02-05 14:11:08,',
    ]
    found = load(as_file(tmp_path, rows, headings))
    assert questions.outcomes(found) == {"won": 1, "lost": 1, "open": 1}
    assert found.unreadable == {}
    told = found.engine.execute("SELECT amount, opened_on, closed_on, expected_on FROM deals ORDER BY place").fetchall()
    assert told[0] == (45_000, dt.date(2025, 1, 2), dt.date(2025, 3, 8), None)
    assert told[2] == (9_000, dt.date(2025, 2, 5), None, dt.date(2025, 6, 30))
    rows = [
        '大泵,本顿,张三,赢单,"￥45,000.00",2025/03/08,2025/01/02 14:11',
        "小泵,金,张三,输单,6000,2025/03/18,2025/01/05",
    ]
    found = load(as_file(tmp_path, rows, "商机名称,客户名称,商机所有人,阶段,金额,关闭日期,创建时间", name="zh.csv"))
    assert questions.outcomes(found) == {"won": 1, "lost": 1, "open": 0}
    assert set(found.mapping) == {"subject", "customer", "owner", "stage", "amount", "closed_on", "opened_on"}


def test_the_json_has_every_figure_that_is_promised(analyzed):
    found = json.loads(json.dumps(as_json(analyzed)))
    assert set(found["outcomes"]) == {"won", "lost", "open"}
    assert found["rows"] == sum(found["outcomes"].values()) == 3000
    assert set(found["win_rate"]["closed"]) == {"value", "n"}
    assert set(found["win_rate"]["official"]) >= {"value", "low", "high", "n"}
    assert len(found["by_owner"]) == 2
    for row in found["by_owner"]:
        assert set(row) >= {"owner", "won", "lost", "open", "raw", "shrunk", "low", "high"}
        assert row["low"] < row["shrunk"] < row["high"]
    assert found["by_owner_evidence"] == "clear"
    assert found["tests"]["by_owner"]["name"].startswith("chi-square")
    assert found["tests"]["by_owner"]["p_value"] < 0.01
    assert found["cycle"]["median"] < found["cycle"]["p80"]
    assert [one["period"] for one in found["forecast"]] == ["2025-Q3", "2025-Q4"]
    for one in found["forecast"]:
        assert one["p10"] <= one["p50"] <= one["p90"]
        assert one["weighted"] > 0
    assert all(set(one) == {"code", "count", "sample"} for one in found["findings"])
    assert len(found["backtest"]["periods"]) >= 8


def test_a_file_without_outcomes_asks_which_deals_were_won():
    """The dirtied Maven file is a list of orders: no column tells outcomes, so it is asked for, or all are won."""
    messy = shared("maven_messy/sales_pipeline.csv")
    with pytest.raises(reading.OutcomeColumnUnknown) as refused:
        load(messy)
    assert "order_date" in str(refused.value)
    found = load(messy, won=["*"])
    assert questions.outcomes(found) == {"won": 8800, "lost": 0, "open": 0}
    codes = {one.code: one.count for one in findings(found)}
    assert codes["closed_without_date"] == 8800
    told = as_json(analyze(found, ("messy",)))
    assert told["win_rate"]["official"]["value"] is None
    assert told["forecast"] == []
    assert json.loads(json.dumps(told))["rows"] == 8800


def test_every_other_row_can_be_said_to_be_lost(tmp_path):
    path = as_file(tmp_path, ["1,a,x,Hurra,2026-01-01,2026-02-01,5", "2,a,x,Schade,2026-01-01,2026-02-01,5"])
    assert questions.outcomes(load(path, won=["Hurra"], lost=["*"])) == {"won": 1, "lost": 1, "open": 0}


def test_a_spreadsheet_is_read_and_nothing_is_written_beside_it(tmp_path):
    path = tmp_path / "deals.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((("id", "stage", "amount"), ("1", "Won", 5), ("2", "Lost", 6))):
            sheet.write_row(number, 0, row)
    assert questions.outcomes(load(path)) == {"won": 1, "lost": 1, "open": 0}
    assert list(tmp_path.iterdir()) == [path]


def test_words_of_ones_own_are_named(tmp_path):
    path = as_file(tmp_path, ["1,a,x,Hurra,2026-01-01,2026-02-01,5", "2,a,x,Schade,2026-01-01,2026-02-01,5"])
    with pytest.raises(reading.OutcomesUnknown) as refused:
        load(path)
    assert "Schade" in str(refused.value)
    assert questions.outcomes(load(path, won=["Hurra"], lost=["Schade"])) == {"won": 1, "lost": 1, "open": 0}


def test_a_column_can_be_named_and_a_wrong_name_is_refused(tmp_path):
    path = as_file(tmp_path, ["Won,7"], headings="stage,who knows")
    assert load(path, columns={"amount": "who knows"}).mapping["amount"] == "who knows"
    with pytest.raises(ColumnUnknown):
        load(path, columns={"amount": "elsewhere"})


def test_unreadable_values_are_reported_and_nothing_is_lost(tmp_path):
    path = as_file(tmp_path, ["1,a,x,Won,someday,2026-02-01,plenty", "2,a,x,Lost,2026-01-01,2026-02-01,￥1234.50"])
    found = load(path)
    assert found.unreadable["opened_on"] == {"someday": 1}
    assert found.unreadable["amount"] == {"plenty": 1}
    assert sum(questions.outcomes(found).values()) == 2


def test_one_product_in_two_writings_is_noticed_and_two_sizes_are_not(tmp_path):
    names = ["GTX Pro", "GTX Pro", "GTXPro", "Compressor 100", "Compressor 200"]
    rows = [f"{n},a,{name},Won,2026-01-01,2026-02-01,5" for n, name in enumerate(names)]
    found = {finding.code: finding for finding in findings(load(as_file(tmp_path, rows)))}
    assert found["product_written_differently"].sample == ("GTXPro ~ GTX Pro",)
    assert found["product_written_differently"].count == 1


def test_a_date_of_the_far_future_does_not_make_the_file_speak_of_that_year(tmp_path):
    rows = ["1,a,x,Won,2025-01-01,2025-02-01,5", "2,a,x,Lost,2025-01-01,2206-02-01,5", "3,a,x,Won,,2025-02-07,5"]
    path = as_file(tmp_path, rows)
    found = reading.load([path], Choices(), progress=lambda _rows: None, today=dt.date(2026, 1, 1))
    assert found.as_of == dt.date(2025, 2, 7)
    told = {finding.code: finding for finding in findings(found)}
    assert (told["dated_ahead"].count, told["dated_ahead"].sample) == (1, ("2",))


def test_the_report_says_which_stages_were_taken_for_won_and_lost(tmp_path):
    rows = [
        "1,a,x,Hurra,2026-01-01,2026-02-01,5",
        "2,a,x,Closed Lost,2026-01-01,2026-02-01,5",
        "3,a,x,Maybe,2026-01-01,,5",
    ]
    found = analyze(load(as_file(tmp_path, rows), won=["Hurra"]), ("few",))
    assert as_json(found)["stages_read_as"] == {"won": ["Hurra"], "lost": ["Closed Lost"], "open": ["Maybe"]}
    write_report(found, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Won = Hurra · Lost = Closed Lost · Open = Maybe" in html


def test_a_list_of_orders_has_no_rates_to_compare(tmp_path):
    rows = [f"{n},{'ab'[n % 2]},x,,2026-01-01,2026-02-01,5" for n in range(60)]
    found = analyze(load(as_file(tmp_path, rows), won=["*"]), ("orders",))
    assert found.rate.value is not None
    write_report(found, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No evidence of a difference" not in html
    assert "100.0 %" in html


def test_more_than_half_open_is_said_and_not_left_out(tmp_path):
    rows = [f"{n},a,x,{'Won' if n < 12 else 'Maybe'},2026-01-01,2026-02-01,5" for n in range(60)]
    found = analyze(load(as_file(tmp_path, rows)), ("few",))
    assert found.cycle.to_win.median == 31
    assert found.cycle.to_close.median is None
    write_report(found, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Half of all deals have not been closed within the time observed." in html


def test_groups_by_team_kind_and_source_are_told_like_sales_people(tmp_path):
    headings = "id,owner,team,type,lead source,stage,created,closed,amount"
    rows = [
        f"{n},o{n % 3},{'NS'[n % 2]},{'ab'[n % 2]},{'fw'[n // 2 % 2]},{'Won' if n % 2 else 'Lost'},"
        f"2025-01-01,2025-0{n % 5 + 2}-01,5"
        for n in range(120)
    ]
    told = as_json(analyze(load(as_file(tmp_path, rows, headings)), ("groups",)))
    assert [(row["team"], row["won"], row["lost"]) for row in told["by_team"]] == [("N", 0, 60), ("S", 60, 0)]
    assert (told["by_team_evidence"], told["by_kind_evidence"], told["by_source_evidence"]) == (
        "clear",
        "clear",
        "none",
    )
    assert told["tests"]["by_team"]["name"].endswith("corrected for 4")


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(reading.NoRows):
        load(as_file(tmp_path, []))


def test_several_files_and_parquet_are_one_table(tmp_path, made):
    path = tmp_path / "deals.parquet"
    made.engine.execute(
        f"COPY (SELECT id AS deal_id, owner AS deal_owner, outcome AS stage, opened_on AS created, closed_on, amount"
        f" FROM deals LIMIT 50) TO '{path}' (FORMAT parquet)"
    )
    rows = as_file(tmp_path, ["X1,甲,泵,赢单,2025-01-01,2025-02-01,10"])
    assert sum(questions.outcomes(load(path, rows)).values()) == 51


def test_the_report_speaks_both_languages_and_loads_nothing(tmp_path, analyzed):
    target = tmp_path / "report.html"
    write_report(analyzed, target)
    html = target.read_text(encoding="utf-8")
    assert "What the history of your deals says" in html
    assert "销售历史说明了什么" in html
    assert "http" not in html
    assert "<script" not in html
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_text_from_the_file_cannot_become_markup(tmp_path):
    rows = [f"{n},<b>x</b>,泵,{'赢单' if n % 2 else '输单'},2026-01-01,2026-02-01,5" for n in range(60)]
    target = tmp_path / "report.html"
    write_report(analyze(load(as_file(tmp_path, rows)), ("<i>.csv",)), target)
    assert "<b>x</b>" not in target.read_text(encoding="utf-8")
    assert "<i>.csv" not in target.read_text(encoding="utf-8")


def test_too_little_history_says_so_instead_of_a_number(tmp_path):
    found = as_json(analyze(load(as_file(tmp_path, ["1,a,x,Won,2026-01-01,2026-02-01,5"])), ("few",)))
    assert found["win_rate"]["official"]["value"] is None
    assert found["forecast"] == []
    assert found["cycle"]["median"] is None


def test_quarters_have_names():
    assert label(dt.date(2026, 7, 1)) == "2026-Q3"
    assert label(dt.date(2026, 10, 1)) == "2026-Q4"


_MEASURE = """
import resource, sys
from pathlib import Path
from loudou.config.cli.analyze import _configure
_configure()
from loudou.analyze import deals, questions
from loudou.analyze.abnormal import abnormal
from loudou.analyze.columns import Choices
from loudou.analyze.tables import engine_of
found = deals.load([Path(sys.argv[1])], Choices(), progress=lambda rows: None)
zombies, cycle = questions.history(found, engine_of(found))
abnormal(found, cycle)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_grows_by_less_than_a_kilobyte_and_a_half_a_row(tmp_path):
    """Beyond its share the engine writes to disk; what grows before that must leave room for a million rows."""
    peaks = []
    for count in (5_000, 65_000):
        rows = [
            f'D{n},甲,泵,{("赢单", "输单", "谈判")[n % 3]},{n % 28 + 1}/3/2024,{n % 28 + 1}/5/2024,"￥{n:,}"'
            for n in range(count)
        ]
        path = as_file(tmp_path, rows, name=f"{count}.csv")
        told = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], check=True, capture_output=True, text=True)
        peaks.append(int(told.stdout) * 1024)
    assert (peaks[1] - peaks[0]) / 60_000 < 1_500
