"""`loudou analyze` as it is typed: what it writes, what it says, and how it asks."""

import json

import pytest
from typer.testing import CliRunner

from loudou.config.cli import app

HEADINGS = "id,owner,stage,created,closed,amount"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Type the command in an empty folder, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return lambda *words: CliRunner().invoke(app, ["analyze", *words])


def test_a_report_and_figures_are_written_and_columns_told(run, tmp_path):
    rows = [f"{n},Ann,{'Won' if n % 2 else 'Lost'},2025-01-01,2025-02-{n + 1:02},{n}00" for n in range(20)]
    (tmp_path / "deals.csv").write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    answer = run("deals.csv", "--json", "figures.json")
    assert answer.exit_code == 0
    assert "owner = owner" in answer.output
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["outcomes"] == {
        "won": 10, "lost": 10, "open": 0,
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deals.csv", "figures.json", "loudou-report.html"]


def test_unknown_words_are_asked_about_and_nothing_is_written(run, tmp_path):
    (tmp_path / "deals.csv").write_text(f"{HEADINGS}\n1,Ann,Hooray,2025-01-01,2025-02-01,5", encoding="utf-8")
    answer = run("deals.csv")
    assert answer.exit_code == 1
    assert "--won" in answer.output
    assert "Hooray" in answer.output
    assert [path.name for path in tmp_path.iterdir()] == ["deals.csv"]
    assert run("deals.csv", "--won", "Hooray", "--map", "amount=amount").exit_code == 0
