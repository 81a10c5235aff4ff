"""The wizard's pages, asked in an order nobody means them to be asked in."""

import pytest

from loudou.exchange.services import jobs


@pytest.mark.parametrize("step", ["reading", "columns", "matching", "values", "check"])
def test_a_step_that_is_sent_before_there_is_a_file_leads_to_the_file(client, operations, step):
    job = jobs.create_import(operations, kind="customers")
    answer = client.as_(operations).post(f"/import/{job.pk}/{step}/", {})
    assert (answer.status_code, answer["Location"]) == (302, f"/import/{job.pk}/file/")
    job.refresh_from_db()
    assert (job.status, job.mapping, job.total) == ("uploaded", {}, 0)
