"""The board: open opportunities by stage, moved by dragging or by a menu."""

from __future__ import annotations

import functools
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from loudou.pipeline import selectors
from loudou.pipeline.choices import State
from loudou.pipeline.models import Stage
from loudou.web.pipeline.cards import CardArtist
from loudou.web.pipeline.pages import PipelinePage


class CardsPage(PipelinePage):
    """A view made of lanes of cards."""

    shows_stage = False
    act = "move"

    @property
    def may_change(self) -> bool:
        """Whether cards can be moved by this user."""
        return self.request.user.has_permission("pipeline.change")

    def artist(self) -> CardArtist:
        """Prepare drawing for this reader."""
        return CardArtist(
            stages=self.setup_data.stages,
            today=self.today,
            may_change=self.may_change,
            act=self.act,
            shows_stage=self.shows_stage,
        )


class Board(CardsPage):
    """Columns are the stages of one process; won and lost are places to drop a card on."""

    template = "pipeline/board.html"
    title = _("Pipeline")

    @functools.cached_property
    def stages(self) -> list[Stage]:
        """Stages of the process that is shown."""
        shown = self.setup_data.stages_of(self.process.pk) if self.process else []
        return [stage for stage in shown if not self.narrowing.stages or stage.pk in self.narrowing.stages]

    def view_context(self) -> dict[str, Any]:
        """Columns with their cards."""
        rows, actor = self.bare_rows(), self.request.user
        lanes = selectors.board(rows, self.stages, actor=actor, win_rates=self.setup_data.win_rates)
        artist = self.artist()
        columns = []
        for stage, lane in zip(self.stages, lanes, strict=True):
            url = self.rows_url(stage=stage.pk)
            columns.append({"stage": stage, "lane": lane, "url": url, "cards": artist.draw(lane.cards, url)})
        return {
            "columns": columns,
            "processes": self.processes(),
            "whole": sum((lane.volume for lane in lanes), start=selectors.Volume()),
        }


class MoreCards(CardsPage):
    """The next cards of one column of the board."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with cards and, when there are still more, the button for the next ones."""
        stage = self.setup_data.stages.get(kwargs["stage"])
        after = request.GET.get("after", "")
        if stage is None or not after.isdecimal() or len(after) > 6:  # noqa: PLR2004 - nobody turns a million cards
            raise Http404
        rows = self.bare_rows().filter(stage_id=stage.pk, state=State.OPEN)
        cards = selectors.more_cards(rows, actor=self.request.user, after=int(after))
        self.query = self.query.copy()
        self.query.pop("after", None)
        content = self.artist().draw(cards, self.rows_url(stage=stage.pk), first=int(after))
        more = len(cards) == selectors.CARDS_PER_COLUMN
        if not more:
            return HttpResponse(content)
        return self.render(template="pipeline/_more.html", cards=content, stage=stage, after=int(after) + len(cards))
