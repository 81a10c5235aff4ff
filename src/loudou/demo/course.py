"""How a sale goes: its fate, its way through the stages, and what is written down on the way."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from random import Random

from loudou.demo import calendar
from loudou.demo.sale import Line, Sale, StageInfo, Verb
from loudou.demo.words import Teller, goods
from loudou.demo.world import EFFECTS, REFERENCE_AMOUNT, goes_on

LOSS_REASON_WEIGHTS = (30, 14, 12, 5, 14, 6, 10, 4, 5)
"""Of the nine reasons that are shipped, in their order."""
_HAGGLE_STAGE, _PROPOSAL_STAGE = 3, 2


class Course:
    """Plays one sale to its end, also beyond today: whoever turns it into rows stops reading there."""

    def __init__(self, random: Random, tell: Teller, sale: Sale, *, loss_reason_ids: list[int]) -> None:
        self.random, self.tell, self.sale, self.loss_reason_ids = random, tell, sale, loss_reason_ids
        self.now = sale.opened_at
        self.law = sale.owner.law
        size = math.log10(max(float(sale.reference_amount), 5_000) / REFERENCE_AMOUNT)
        self.tempo = self.law.pace * math.exp(EFFECTS.per_tenfold_duration * size)
        self.final = len(sale.laws) - 1
        self.current_lines = list(sale.lines)
        self.current_amount = sale.amount

    def play(self) -> dt.datetime | None:
        """Write the acts of the sale; return when it is won, or None."""
        sale = self.sale
        sale.expected_on = self._estimate(0) if self.random.random() < 0.93 else None
        sale.probability = self._probability(0) if self.random.random() < self.law.discipline else None
        won_at = self._through_the_stages(0)
        self._push_dates()
        return won_at

    def _through_the_stages(self, stage: int) -> dt.datetime | None:
        fate = self._fate(stage)
        went_back = False
        while True:
            resumed = self._stay(stage)
            if not resumed:
                return None
            if fate is not None and stage == fate:
                return self._give_up(stage)
            self._meet_criteria(stage)
            if stage == self.final:
                return self._win()
            if stage > 0 and not went_back and self.random.random() < EFFECTS.back_rate:
                went_back = True
                stage -= 1
                self._move(stage)
                continue
            step = 1
            if stage + 2 <= (self.final if fate is None else fate) and self.random.random() < EFFECTS.skip_rate:
                step = 2
            stage += step
            self._move(stage)
            self._write_down(stage)

    def _fate(self, stage: int) -> int | None:
        """Draw the stage in which the sale ends without a win, or None when it is won."""
        for position in range(stage, self.final + 1):
            if self.random.random() >= goes_on(self.sale.laws[position], self.sale.log_odds + self.law.skill):
                return position
        return None

    def _stay(self, stage: int) -> bool:
        """Spend time in a stage, some of it perhaps on hold; False when it is never taken up again."""
        law = self.sale.laws[stage]
        days = law.median_days * math.exp(self.random.gauss(0, law.sigma)) * self.tempo
        if self.random.random() < self.law.neglect_rate:
            days *= self.random.uniform(4, 12)
        if self.random.random() < EFFECTS.hold_rate:
            self._pass(days / 2)
            self.sale.act(self.now, Verb.HOLD, note=self.tell(self.random.choice(goods.HOLD_NOTES)))
            if self.random.random() < EFFECTS.never_resumed_share:
                return False
            self._pass(self.random.uniform(30, 120))
            self.sale.act(self.now, Verb.RESUME)
            days /= 2
        self._pass(days)
        return True

    def _pass(self, days: float) -> None:
        self.now = calendar.after(self.now, days, self.random)

    def _move(self, stage: int) -> None:
        self.sale.act(self.now, Verb.MOVE, stage_id=self._stage(stage).id)

    def _stage(self, stage: int) -> StageInfo:
        return self.sale.process.stages[stage]

    def _give_up(self, stage: int) -> dt.datetime | None:
        random = self.random
        if random.random() < EFFECTS.dropped_share:
            self.sale.act(self.now, Verb.DROP, note=self.tell(random.choice(goods.CLOSE_NOTES["dropped"])))
            return None
        rivals = self.sale.competitor_ids
        self.sale.act(
            self.now,
            Verb.LOSE,
            loss_reason_id=random.choices(self.loss_reason_ids, LOSS_REASON_WEIGHTS[: len(self.loss_reason_ids)])[0],
            lost_to_id=random.choice(rivals) if rivals and random.random() < 0.8 else None,
            note=self.tell(random.choice(goods.CLOSE_NOTES["lost"])) if random.random() < 0.6 else "",
        )
        if random.random() >= EFFECTS.reopen_rate:
            return None
        self._pass(random.uniform(10, 70))
        self.sale.act(self.now, Verb.REOPEN, note=self.tell(random.choice(goods.REOPEN_NOTES)))
        return self._through_the_stages(stage)

    def _win(self) -> dt.datetime:
        day = self.now.astimezone(calendar.TIME_ZONE).date()
        quarter_end = calendar.quarter_end_before(day)
        last = max((act.at for act in self.sale.acts), default=self.sale.opened_at)
        if (day - quarter_end).days <= calendar.QUARTER_END_REACH and self.random.random() < calendar.QUARTER_END_PULL:
            earlier = calendar.working_day_until(quarter_end - dt.timedelta(days=self.random.randrange(0, 8)))
            pulled = calendar.during(earlier, self.random)
            if pulled > last:
                self.now = pulled
        note = self.tell(self.random.choice(goods.CLOSE_NOTES["won"])) if self.random.random() < 0.5 else ""
        self.sale.act(self.now, Verb.WIN, note=note)
        return self.now

    def _meet_criteria(self, stage: int) -> None:
        """Before a stage is left, most of what it asks for is shown to be met, with evidence, over the last days."""
        entered = max((act.at for act in self.sale.acts if act.verb != Verb.MEET), default=self.sale.opened_at)
        met = {act.facts["criterion_id"] for act in self.sale.acts if act.verb == Verb.MEET}
        for criterion_id in self._stage(stage).criteria:
            if criterion_id in met or self.random.random() >= self.law.discipline:
                continue
            at = entered + (self.now - entered) * self.random.uniform(0.3, 0.98)
            day = at.astimezone(calendar.TIME_ZONE).date().isoformat()
            evidence = self.tell(self.random.choice(goods.EVIDENCE)).format(day=day)
            self.sale.act(at.replace(microsecond=0), Verb.MEET, criterion_id=criterion_id, evidence=evidence)

    def _write_down(self, stage: int) -> None:
        """After a move: products when a proposal is made, a rebate in the negotiation, a new date and probability."""
        random = self.random
        self._pass_minutes()
        if stage >= _PROPOSAL_STAGE and not self.current_lines and random.random() < 0.62:
            self._set_lines(self.sale.later_lines)
        elif stage == _HAGGLE_STAGE and random.random() < 0.5:
            self._haggle()
        if random.random() < 0.55:
            changes: dict[str, object] = {"expected_on": self._estimate(stage)}
            if random.random() < self.law.discipline:
                changes["probability"] = self._probability(stage)
            self._pass_minutes()
            self.sale.act(self.now, Verb.UPDATE, changes=changes)

    def _haggle(self) -> None:
        random = self.random
        rebate = Decimal(random.choice((2, 3, 4, 5, 5, 6, 8, 8, 10, 12))) / 100
        if self.current_lines:
            self._set_lines([line._replace(discount_rate=rebate) for line in self.current_lines])
        elif self.current_amount is not None:
            factor = 1 - rebate if random.random() < 0.78 else 1 + rebate
            self.current_amount = (self.current_amount * factor).quantize(Decimal(1))
            self.sale.act(self.now, Verb.UPDATE, changes={"amount": self.current_amount})

    def _set_lines(self, lines: list[Line]) -> None:
        self.current_lines = lines
        self.sale.act(self.now, Verb.SET_LINES, lines=lines)

    def _pass_minutes(self) -> None:
        self.now += dt.timedelta(minutes=self.random.randrange(2, 25))

    def _estimate(self, stage: int) -> dt.date:
        """The rep's guess of the signing date: the usual time that is left, seen through rose-coloured glasses."""
        left = sum(law.median_days for law in self.sale.laws[stage:]) * self.tempo
        days = max(5.0, left * math.exp(self.random.gauss(0, 0.3)))
        return calendar.working_day_from((self.now + dt.timedelta(days=days)).astimezone(calendar.TIME_ZONE).date())

    def _probability(self, stage: int) -> Decimal:
        """The stage's prior win rate plus the rep's optimism, in steps of five per cent."""
        felt = float(self._stage(stage).prior_win_rate) + self.law.optimism + self.random.gauss(0, 0.06)
        return Decimal(round(min(0.95, max(0.05, felt)) * 20)) / 20

    def _push_dates(self) -> None:
        """Whenever the expected date has passed and the sale is open, a disciplined rep gives a new one."""
        acts = sorted(self.sale.acts, key=lambda act: act.at)
        end = dt.datetime.max.replace(tzinfo=dt.UTC)
        pushed = []
        expected, open_now = self.sale.expected_on, True
        for position, act in enumerate([None, *acts]):
            if act is not None:
                expected = act.facts.get("changes", {}).get("expected_on", expected)
                open_now = act.verb in (Verb.RESUME, Verb.REOPEN) or (
                    open_now and act.verb not in (Verb.WIN, Verb.LOSE, Verb.DROP, Verb.HOLD)
                )
            until = acts[position].at if position < len(acts) else end
            rounds = 0
            while open_now and expected is not None and rounds < 12:  # nobody pushes a date for ever
                rounds += 1
                since = max(expected, act.at.date() if act else self.sale.opened_at.date())
                day = calendar.working_day_from(since + dt.timedelta(days=self.random.randrange(1, 16)))
                at = calendar.during(day, self.random)
                if at >= until - dt.timedelta(hours=1):
                    break
                if self.random.random() >= self.law.discipline:
                    expected = day + dt.timedelta(days=self.random.randrange(10, 60))  # noticed, and let pass
                    continue
                expected = calendar.working_day_from(
                    day + dt.timedelta(days=self.random.choice((14, 21, 30, 30, 45, 60)))
                )
                pushed.append((at, expected))
        for at, new_date in pushed:
            self.sale.act(at, Verb.UPDATE, changes={"expected_on": new_date})
        self.sale.acts.sort(key=lambda entry: entry.at)
