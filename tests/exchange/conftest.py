"""Files to import and a way to import them in one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loudou.core.models import Company, ExchangeRate
from loudou.exchange import command
from loudou.exchange.models import ImportJob
from loudou.people.models import User
from loudou.pipeline import defaults
from loudou.pipeline.models import LossReason, SalesProcess, Stage, StageCriterion

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
ROOT = Path(__file__).resolve().parents[2]
BESIDE = [folder / "shared" / "data" for folder in ROOT.parents]
DATA = next((folder for folder in BESIDE if folder.exists()), BESIDE[0])
EXAMPLES = ROOT / "examples"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    """Uploaded files go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def data() -> Path:
    """The folder of real files; without it the test is skipped."""
    if not DATA.exists():
        pytest.skip("the real files are not beside the checkout (../shared/data)")
    return DATA


@pytest.fixture
def process(db: None) -> SalesProcess:
    """The standard process, as shipped."""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    return SalesProcess.objects.get(is_default=True)


@pytest.fixture
def dollars(db: None) -> None:
    """A company that counts in dollars."""
    from loudou.core.rates import company

    company()
    Company.objects.update(base_currency="USD")
    ExchangeRate.objects.all().delete()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file: `write("x.csv", "name\\nAcme\\n", encoding="gb18030")`."""

    def write_file(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


@pytest.fixture
def load(operations: User, write: Callable[..., Path]) -> Callable[..., ImportJob]:
    """Import a text: `load("customers", "name\\nAcme\\n")`; columns are mapped by their headings unless told."""

    def load_text(kind: str, text: str, *, actor: Any = None, name: str = "file.csv", **mapping: Any) -> ImportJob:
        how = {name: mapping.pop(name, False) for name in ("dry_run", "all_or_nothing")}
        path = write(name, text)
        chosen = command.MappingFile(kind=kind, **mapping)
        return command.run(actor or operations, path, now=lambda: AT, mapping=chosen, **how)

    return load_text


def ran(job: ImportJob) -> dict[str, int]:
    """Counts of the run."""
    return {status: count for status, count in job.counts.get("run", {}).items() if count}


def tried(job: ImportJob) -> dict[str, int]:
    """Counts of the dry run."""
    return {status: count for status, count in job.counts.get("check", {}).items() if count}


def why(job: ImportJob) -> dict[int, list[str]]:
    """Reasons by row."""
    return dict(job.rows.exclude(reasons=[]).order_by("number").values_list("number", "reasons"))
