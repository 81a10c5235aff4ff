"""Killed workers, full disks, two imports at once, huge files, and people who may not."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from psycopg import errors as postgres_errors

from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers.models import Customer
from loudou.exchange import command
from loudou.exchange.choices import JobStatus, RowStatus
from loudou.exchange.errors import FileTooLarge, JobNotReady
from loudou.exchange.models import ImportJob
from loudou.exchange.services import correcting, jobs, running, staging, undoing
from loudou.people.models import User
from loudou.people.selectors import notifications

from .conftest import AT, ran

SOURCES = Path(__file__).resolve().parents[2] / "src"
MANY = "name\n" + "".join(f"Customer {n}\n" for n in range(3000))


def now():
    return AT


def started(operations, write, text=MANY, kind="customers"):
    """An import that is ready to be worked on."""
    path = write("many.csv", text)
    job = command.run(operations, path, now=now, mapping=command.MappingFile(kind=kind), dry_run=True)
    return jobs.request_run(operations, job.pk, at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_written(operations, write):
    job = started(operations, write)
    names = connection.settings_dict
    place = {name: names[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    code = (
        "import django\nfrom django.conf import settings\n"
        f"settings.DATABASES['default'].update({place!r})\ndjango.setup()\n"
        "from loudou.core import clock\n"
        "from loudou.exchange.services import running\n"
        "running.BATCH = 20\n"
        f"running.work_on({job.pk}, now=clock.now)\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "loudou.config.settings",
            "PYTHONPATH": str(SOURCES),
        },
    )
    deadline = time.monotonic() + 60
    while not Customer.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    written = Customer.objects.count()
    assert 0 < written < 3000
    assert job.rows.filter(status=RowStatus.CREATED).count() == written
    assert ImportJob.objects.get().status == JobStatus.RUNNING

    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, ran(job), job.progress) == (JobStatus.DONE, {"created": 3000}, 3000)
    assert Customer.objects.values("name").distinct().count() == Customer.objects.count() == 3000


def test_a_full_disk_pauses_the_import_with_a_sentence_and_it_goes_on_later(operations, write, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1000)
    job = started(operations, write)
    carry_out, done = running.Session.carry_out, []

    def full_after_one(self, rows):
        if done:
            error = OperationalError("could not extend file: No space left on device")
            error.__cause__ = postgres_errors.DiskFull()
            raise error
        done.append(1)
        return carry_out(self, rows)

    monkeypatch.setattr(running.Session, "carry_out", full_after_one)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert job.status == JobStatus.PAUSED
    assert "disk of the server is full" in job.trouble
    assert Customer.objects.count() == job.rows.filter(status=RowStatus.CREATED).count() == 1000

    monkeypatch.undo()
    jobs.request_run(operations, job.pk, at=AT)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, job.trouble, Customer.objects.count()) == (JobStatus.DONE, "", 3000)
    told = notifications(operations).order_by("pk")
    assert list(told.values_list("code", "record_id")) == [("import_paused", job.pk), ("import_done", job.pk)]


def test_an_import_waits_before_it_takes_the_last_of_the_disk(client, operations, write, monkeypatch):
    """A database that cannot write its log ends for everybody, so an import must not bring it there."""
    job = started(operations, write)
    answers = iter([True, False])
    monkeypatch.setattr(staging, "room_for_the_database", lambda size: next(answers))
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, Customer.objects.count()) == (JobStatus.PAUSED, 1000)
    assert "almost full" in job.trouble

    monkeypatch.undo()
    page = client.as_(operations).get(f"/import/{job.pk}/").content.decode()
    assert "almost full" in page and "Carry on" in page
    client.as_(operations).post(f"/import/{job.pk}/run/")
    running.work_on(job.pk, now=now)
    assert Customer.objects.count() == 3000


def test_an_undo_that_waits_for_room_is_gone_on_with_by_undoing(client, operations, write, monkeypatch):
    job = started(operations, write)
    running.work_on(job.pk, now=now)
    jobs.request_undo(operations, job.pk, at=AT)
    monkeypatch.setattr(undoing, "BATCH", 1000)
    answers = iter([True, False])
    monkeypatch.setattr(staging, "room_for_the_database", lambda size: next(answers))
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, Customer.objects.count()) == (JobStatus.PAUSED, 2000)
    monkeypatch.undo()
    page = client.as_(operations).get(f"/import/{job.pk}/").content.decode()
    assert "Carry on" not in page and "data-undo" in page
    jobs.request_undo(operations, job.pk, at=AT)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, Customer.objects.count()) == (JobStatus.UNDONE, 0)


def test_a_file_that_could_not_be_read_for_want_of_room_can_be_read_later(operations, write, monkeypatch):
    job = started(operations, write)
    ImportJob.objects.filter(pk=job.pk).update(status=JobStatus.READING, started_at=None)
    monkeypatch.setattr(staging, "room_for_the_database", lambda size: False)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, job.rows.count()) == (JobStatus.FAILED, 3000)  # those of the first reading
    assert "almost full" in job.trouble

    monkeypatch.undo()
    jobs.choose_reading(operations, job.pk, encoding="utf-8", delimiter=",", sheet=0, header_row=1, at=AT)
    assert jobs.request_check(operations, job.pk, at=AT).trouble == ""


def test_an_import_stops_after_the_batch_and_can_go_on(operations, write, monkeypatch):
    job = started(operations, write)
    jobs.request_stop(operations, job.pk)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, Customer.objects.count()) == (JobStatus.STOPPED, 0)
    jobs.request_run(operations, job.pk, at=AT)
    running.work_on(job.pk, now=now)
    assert Customer.objects.count() == 3000


def test_two_workers_on_one_import_write_every_row_once(operations, write, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 500)
    job = started(operations, write)
    actor = operations
    one = running.Session(job, actor, at=AT)
    other = running.Session(job, actor, at=AT)
    more = [True, True]
    while any(more):
        more = [running._one_batch(session, now, dry=False) for session in (one, other)]
    job.refresh_from_db()
    assert (ran(job), Customer.objects.count()) == ({"created": 3000}, 3000)


def test_two_imports_of_one_file_at_once_make_no_record_twice(operations, write):
    text = "id,name\n" + "".join(f"K{n},Customer {n}\n" for n in range(100))
    first = started(operations, write, text)
    second = started(operations, write, text)
    running.work_on(first.pk, now=now)
    running.work_on(second.pk, now=now)
    second.refresh_from_db()
    assert ran(second) == {"skipped": 100}
    assert Customer.objects.count() == 100


def test_people_without_the_right_cannot_import_or_undo(load, owner, operations, administrator, write):
    for actor in (owner,):
        with pytest.raises(PermissionRefused):
            load("customers", "name\nAcme\n", actor=actor)
    with pytest.raises(PermissionRefused):
        jobs.create_import(operations, kind="users")
    job = load("customers", "name\nAcme\n", actor=administrator)
    with pytest.raises(PermissionRefused):
        jobs.request_undo(owner, job.pk, at=AT)
    with pytest.raises(NotVisible):
        jobs.request_stop(operations, 10**9)
    assert Customer.objects.count() == 1
    assert User.objects.filter(name="Acme").count() == 0


def test_rights_are_asked_again_when_the_import_runs(operations, write):
    job = started(operations, write, "name\nAcme\n")
    User.objects.filter(pk=operations.pk).update(roles=["auditor"])
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, Customer.objects.count()) == (JobStatus.FAILED, 0)
    assert "Your role does not allow this" in job.trouble


def test_a_running_import_cannot_be_set_up_again(operations, write):
    job = started(operations, write, "name\nAcme\n")
    with pytest.raises(JobNotReady):
        jobs.map_columns(operations, job.pk, mapping={0: "city"})
    with pytest.raises(JobNotReady):
        jobs.discard_import(operations, job.pk)


def test_a_failing_row_is_corrected_in_place(load, operations):
    job = load("customers", "name,employees\nAcme,many\nBeta,5\n")
    assert ran(job) == {"created": 1, "failed": 1}
    correcting.edit_row(operations, job.pk, 2, cells=["Acme", "7"])
    jobs.request_run(operations, job.pk, at=AT)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    assert ran(job) == {"created": 2}
    assert Customer.objects.get(name="Acme").employees == 7


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(client, operations, settings):
    job = jobs.create_import(operations, kind="customers")
    settings.UPLOAD_LIMIT_MB = 200
    assert client.as_(operations).get(f"/import/{job.pk}/file/").status_code == 200  # everything is loaded by now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = client.as_(operations).generic(
        "POST",
        f"/import/{job.pk}/file/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2 * 1024**3),
    )
    assert answer.status_code == 413
    assert "200 MB" in answer.content.decode()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    job.refresh_from_db()
    assert not job.file


def test_the_service_refuses_a_large_file_too(operations, tmp_path):
    from django.core.files import File

    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(3 * 1024 * 1024)
    job = jobs.create_import(operations, kind="customers")
    with path.open("rb") as content, pytest.raises(FileTooLarge):
        jobs.attach_file(operations, job.pk, content=File(content), name="large.csv", limit_mb=2)


@pytest.mark.slow
def test_two_hundred_thousand_rows_in_bounded_memory(operations, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("id,name,city,notes\n")
        for number in range(200_000):
            file.write(f"L{number},Customer {number},Suzhou,{'x' * 80}\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    job = command.run(operations, path, now=now, mapping=command.MappingFile(kind="customers"), dry_run=True)
    assert job.counts["check"] == {"created": 200_000}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250 * 1024
