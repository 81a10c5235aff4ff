"""How a sale is opened: by whom, for whom, what for, how large, against whom."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from random import Random

from loudou.customers.choices import CustomerKind
from loudou.demo import calendar
from loudou.demo.market import Client, Good, Market
from loudou.demo.sale import Line, ProcessInfo, Sale
from loudou.demo.staff import Rep
from loudou.demo.words import Teller, goods, market
from loudou.demo.world import DIRECT, EFFECTS, PROJECT, REFERENCE_AMOUNT
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, Visibility

TYPICAL_AMOUNT = 130_000
PROJECT_FACTOR = 3.2
LINES_FROM_THE_START = 0.35
COLLEAGUE_SHARE = 0.16
_PROJECT_SHARE = {
    CustomerKind.CONTRACTOR: 0.85, CustomerKind.OWNER: 0.75, CustomerKind.END_USER: 0.18,
    CustomerKind.DEALER: 0.02, CustomerKind.AGENT: 0.02,
}  # fmt: skip
_SPLITS = (Decimal(10), Decimal(20), Decimal(25), Decimal(30), Decimal(40))


class Opening:
    """Draws new sales."""

    def __init__(
        self, random: Random, tell: Teller, offer: Market, processes: tuple[ProcessInfo, ProcessInfo], reps: list[Rep]
    ) -> None:
        self.random, self.tell, self.offer, self.processes, self.reps = random, tell, offer, processes, reps
        self.rates = {row["currency"]: float(row["rate"]) for row in offer.rates}
        self.goods_by_line: dict[int, list[Good]] = {}
        for good in offer.goods:
            self.goods_by_line.setdefault(good.line, []).append(good)

    def sale(self, rep: Rep, client: Client, day: dt.date) -> Sale:
        """Open one sale of a rep with a customer on a day."""
        random = self.random
        is_project = random.random() < _PROJECT_SHARE[client.kind]
        purchase = self._purchase_kind(client)
        line = random.choices(range(1, len(goods.LINES) + 1), (30, 24, 20, 12, 14))[0]
        target = TYPICAL_AMOUNT * client.scale * math.exp(random.gauss(0, 0.85)) * (PROJECT_FACTOR if is_project else 1)
        planned = self._lines(line, target, client.currency)
        rivals = self._rivals(is_project)
        size = math.log10(max(target, 5_000) / REFERENCE_AMOUNT)
        log_odds = EFFECTS.per_tenfold_amount * size + sum(market.COMPETITORS[rival - 1][3] for rival in rivals)
        log_odds += {"additional": EFFECTS.additional_purchase, "replacement": EFFECTS.replacement_purchase}.get(
            purchase, 0
        )
        log_odds += EFFECTS.known_customer if client.won else 0
        occasion = goods.occasion(self.tell, random.choice(goods.OCCASIONS[purchase]), line - 1)
        sale = Sale(
            owner=rep,
            client=client,
            process=self.processes[1 if is_project else 0],
            laws=PROJECT if is_project else DIRECT,
            opened_at=calendar.during(day, random),
            subject=f"{client.short_name} {occasion}" if self.tell.is_chinese else f"{client.short_name}: {occasion}",
            currency=client.currency,
            reference_amount=Decimal(round(target, 2)),
            purchase_kind=purchase,
            competitor_ids=rivals,
            log_odds=log_odds,
            later_lines=planned,
        )
        self._amount(sale)
        self._colour(sale, size)
        return sale

    def _purchase_kind(self, client: Client) -> PurchaseKind:
        if client.won and self.random.random() < 0.55:
            return PurchaseKind.ADDITIONAL
        return PurchaseKind.REPLACEMENT if self.random.random() < 0.38 else PurchaseKind.NEW

    def _lines(self, line: int, target: float, currency: str) -> list[Line]:
        """Products whose prices add up to about `target` yuan."""
        random = self.random
        choice = self.goods_by_line[line]
        picked = random.sample(choice, random.choices((1, 2, 3), (50, 35, 15))[0])
        shares = [random.uniform(0.5, 1.5) for _ in picked]
        lines = []
        for good, share in zip(picked, shares, strict=True):
            quantity = max(1, round(target * share / sum(shares) / float(good.price)))
            price = good.price
            if currency != "CNY":
                price = Decimal(round(float(good.price) / self.rates[currency], -1) or 10)
            lines.append(Line(good.id, Decimal(quantity), price))
        return lines

    def _rivals(self, is_project: bool) -> list[int]:
        count = self.random.choices((0, 1, 2), (15, 50, 35) if is_project else (38, 46, 16))[0]
        return sorted(self.random.sample(range(1, len(market.COMPETITORS) + 1), count))

    def _amount(self, sale: Sale) -> None:
        """Either the lines are known from the start, or there is a round figure, or (rarely) no amount yet."""
        total = sum((line.amount(sale.currency) for line in sale.later_lines), Decimal(0))
        draw = self.random.random()
        guess = total * Decimal(str(round(math.exp(self.random.gauss(0.05, 0.3)), 3)))
        if draw < LINES_FROM_THE_START:
            sale.lines, sale.later_lines = sale.later_lines, []
            sale.amount = total
        elif draw < 0.94:
            step = Decimal(10) ** max(2, guess.adjusted() - 1)
            sale.amount = max(step, (guess / step).quantize(Decimal(1)) * step)

    def _colour(self, sale: Sale, size: float) -> None:
        random = self.random
        client = sale.client
        sale.facts = {
            "source": self.tell(random.choices([s for s, _ in market.SOURCES], [w for _, w in market.SOURCES])[0]),
            "priority": random.choices(
                (Priority.LOW, Priority.NORMAL, Priority.HIGH), (20, 62, 18) if size < 0.4 else (6, 44, 50)
            )[0],
            "likelihood": random.choices((Likelihood.CHANCE, Likelihood.CERTAIN, ""), (55, 30, 15))[0],
            "visibility": random.choices((Visibility.HIDDEN, Visibility.EXPLICIT, ""), (25, 60, 15))[0],
            "reach_kind": ReachKind.STRATEGIC if size > 0.6 else random.choice((ReachKind.TACTICAL, "")),
        }
        people_there = client.contacts
        if people_there:
            wanted = min(len(people_there), random.choices((1, 2, 3), (45, 38, 17))[0])
            sale.contact_ids = sorted(random.sample(people_there, wanted))
        if random.random() < COLLEAGUE_SHARE:
            colleagues = [
                rep for rep in self.reps if rep is not sale.owner and rep.manager_id == sale.owner.manager_id
                and rep.works_on(sale.opened_at.date()) and rep.left_on is None
            ]  # fmt: skip
            sale.members = [(random.choice(colleagues).user_id, random.choice(_SPLITS))]
