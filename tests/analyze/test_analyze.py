"""`loudou analyze`: exports of several CRMs, awkward files, the report in both languages, and restraint about noise."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from loudou.analyze import deals as reading
from loudou.analyze import questions
from loudou.analyze.analysis import analyze, as_json
from loudou.analyze.findings import findings
from loudou.analyze.outlook import label, outlook, quarter_of
from loudou.analyze.report import write_report

DATA = Path(__file__).resolve().parents[3] / "shared/data"
HEADINGS = "商机编号,负责人,产品,阶段,创建日期,结束日期,金额"


def load(*paths, **choices):
    return reading.load(list(paths), reading.Choices(**choices), progress=lambda _rows: None)


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


def test_a_real_difference_between_owners_is_clear(made):
    group = questions.group(made, "owner")
    assert group.difference.evidence == "clear"
    rates = {row.name: row.rate for row in group.rows}
    assert rates["甲"].low > rates["乙"].high


def test_past_forecasts_held_and_beat_the_weighted_pipeline(made):
    found = outlook(made)
    assert len(found.backtests) >= 8
    assert found.coverage >= 0.8
    assert found.wape < found.wape_naive
    assert found.wape < found.wape_weighted
    assert all(f.booked <= f.p10 <= f.p50 <= f.p90 for f in found.forecasts)


def test_the_past_is_asked_without_knowing_the_future(made):
    early = dt.date(2024, 1, 1)
    rows = questions.ages(made, as_of=early)
    [(opened,)] = made.engine.execute("SELECT count(*) FROM deals WHERE opened_on <= $d", {"d": early}).fetchall()
    [(won,)] = made.engine.execute(
        "SELECT count(*) FROM deals WHERE outcome = 'won' AND closed_on <= $d", {"d": early}
    ).fetchall()
    assert sum(sum(row[1:]) for row in rows) == opened
    assert sum(row[1] for row in rows) == won


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
    assert found["backtest"]["wape"] < min(found["backtest"]["wape_weighted"], found["backtest"]["wape_naive"])
    json.dumps(found)


def test_exports_of_other_systems_need_no_flags():
    hubspot = load(shared("crm_exports/hubspot_ui/hubspot_deals.csv"))
    assert questions.outcomes(hubspot) == {"won": 71, "lost": 69, "open": 360}
    salesforce = load(shared("crm_exports/salesforce/sf_opportunity_data.csv"))
    assert questions.outcomes(salesforce) == {"won": 5, "lost": 4, "open": 1}


def test_a_file_without_outcomes_asks_which_deals_were_won():
    with pytest.raises(reading.OutcomesUnknown):
        load(shared("maven_messy/sales_pipeline.csv"))


def test_words_of_ones_own_are_named(tmp_path):
    path = as_file(tmp_path, ["1,a,x,Hurra,2026-01-01,2026-02-01,5", "2,a,x,Schade,2026-01-01,2026-02-01,5"])
    with pytest.raises(reading.OutcomesUnknown) as refused:
        load(path)
    assert "Schade" in str(refused.value)
    assert questions.outcomes(load(path, won=["Hurra"], lost=["Schade"])) == {"won": 1, "lost": 1, "open": 0}


def test_a_column_can_be_named_and_a_wrong_name_is_refused(tmp_path):
    path = as_file(tmp_path, ["Won,7"], headings="stage,who knows")
    assert load(path, columns={"amount": "who knows"}).mapping["amount"] == "who knows"
    with pytest.raises(reading.ColumnUnknown):
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


def test_the_report_speaks_both_languages_and_loads_nothing(tmp_path, made):
    target = tmp_path / "report.html"
    write_report(analyze(made, ("商机.csv",)), target)
    html = target.read_text(encoding="utf-8")
    assert "What the history of your deals says" in html
    assert "销售历史告诉您的" in html
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


def test_quarters():
    assert quarter_of(dt.date(2026, 12, 31)) == (dt.date(2026, 10, 1), dt.date(2027, 1, 1))
    assert quarter_of(dt.date(2026, 1, 1)) == (dt.date(2026, 1, 1), dt.date(2026, 4, 1))
    assert label(dt.date(2026, 7, 1)) == "2026-Q3"
