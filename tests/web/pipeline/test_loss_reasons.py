"""The order of the loss reasons, as the settings set it and the forms offer it."""

from __future__ import annotations

from typing import Any

from loudou.people.models import User
from loudou.pipeline.models import LossReason, Opportunity, SalesProcess
from loudou.pipeline.selectors import all_loss_reasons


def shift(client: Any, user: User, reason: LossReason, direction: str) -> int:
    answer = client.as_(user).post(f"/settings/loss-reasons/{reason.pk}/shift/", {"direction": direction})
    return int(answer.status_code)


def test_a_reason_goes_up_and_down_and_forms_offer_it_there(
    client: Any, administrator: User, owner: User, deal: Opportunity, process: SalesProcess
) -> None:
    first, second, third, *rest = all_loss_reasons()
    assert shift(client, administrator, third, "up") == 302
    assert all_loss_reasons() == [first, third, second, *rest]
    assert shift(client, administrator, first, "down") == 302
    assert all_loss_reasons() == [third, first, second, *rest]
    form = client.as_(owner).get(f"/pipeline/{deal.pk}/lose/").content.decode()
    places = [form.index(f'<option value="{reason.pk}">') for reason in (third, first, second)]
    assert places == sorted(places)
    page = client.as_(administrator).get("/settings/loss-reasons/").content.decode()
    assert 'id="loss-reasons" data-refreshes' in page  # the screen reads itself again after each step
    assert page.index(third.label) < page.index(first.label) < page.index(second.label)


def test_the_ends_stay_where_they_are_and_strangers_change_nothing(
    client: Any, administrator: User, owner: User, process: SalesProcess
) -> None:
    before = all_loss_reasons()
    assert shift(client, administrator, before[0], "up") == 302
    assert shift(client, administrator, before[-1], "down") == 302
    assert shift(client, owner, before[1], "up") == 403
    after = all_loss_reasons()
    assert after == before
    assert [reason.version for reason in after] == [reason.version for reason in before]
