"""What history taught, beside what somebody typed: read once per request, shown wherever a prior is shown."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from loudou.core import clock
from loudou.insights import selectors
from loudou.insights.models import LearnedStage
from loudou.insights.services.learning import learn_from_history
from loudou.web.frame.actions import ActionPage, Done


def learned_stages(request: HttpRequest) -> dict[int, LearnedStage]:
    """Learned figures by stage id."""
    if not hasattr(request, "learned_stages"):
        request.learned_stages = selectors.learned_stages()  # type: ignore[attr-defined]
    return request.learned_stages  # type: ignore[attr-defined,no-any-return]


class LearnAgain(ActionPage):
    """Recompute the learned figures now instead of tonight."""

    permission = "insights.refresh"

    def act(self) -> Done:
        """Learn from the whole history."""
        found = learn_from_history(self.request.user, at=clock.now())
        return Done(
            message=_("%(known)s of %(all)s stages have enough history for a win rate.")
            % {"known": found.stages_with_rate, "all": found.stages},
            url=reverse("pipeline:process_list"),
            leave=True,
        )
