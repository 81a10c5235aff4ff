"""The demo company's list for newcomers: which cards they read, and what they are asked about them.

Every text is a pair, Chinese first. Questions ask what the card says, not what one could guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from loudou.demo.words import Pair

NAME: Pair = ("新人百日读本", "The first hundred days")
CARDS = (0, 2, 1, 6, 8, 10, 18, 20)
"""Places in `playbook.PLAYS`, in the order in which they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about a card; `right` are places in `choices`."""

    card: int
    text: Pair
    choices: tuple[Pair, ...]
    right: tuple[int, ...] = (0,)
    kind: str = "single"


# fmt: off
QUESTIONS: tuple[Asked, ...] = (
    Asked(
        card=0, text=("首次拜访，进门先做什么？", "What comes first on a first visit?"),
        choices=(
            ("请设备部带您看现场", "Ask to be shown the plant"),
            ("递上最新样本", "Hand over the latest catalogue"),
            ("先把价格区间谈定", "Settle the price range before anything else"),
            ("先请客户吃饭", "Invite them to dinner"),
        ),
    ),
    Asked(
        card=0, kind="multiple", right=(0, 1, 2),
        text=("首次拜访要弄清哪几件事？", "Which things does one learn on a first visit?"),
        choices=(
            ("哪台设备停机最多，停一次损失多少", "Which machine stops most, and what an hour costs"),
            ("电费是谁的考核指标", "Whose target the electricity bill is"),
            ("备件谁在管，等过最长几天", "Who keeps the spares, and how long they ever waited"),
            ("对手给了多少折扣", "What discount the competitor gave"),
        ),
    ),
    Asked(
        card=2, text=("确认邮件里缺了哪一行，就不要报价？", "While which line of the confirmation is empty do you not quote?"),
        choices=(
            ("谁决定", "Who decides"),
            ("数量", "Quantity"),
            ("介质与工况", "Medium and duty"),
            ("什么时候要用", "When it must run"),
        ),
    ),
    Asked(
        card=1, text=("75 kW 空压机，年运行 6000 小时，电价 0.7 元，年电费多少？",
                      "A 75 kW compressor, 6,000 hours a year, ¥0.70 per kWh: what does its power cost a year?"),
        choices=(
            ("31.5 万元", "¥315,000"),
            ("7.9 万元", "¥79,000"),
            ("45 万元", "¥450,000"),
            ("3.15 万元", "¥31,500"),
        ),
    ),
    Asked(
        card=1, kind="true_false",
        text=("客户改过测算里的数，他就更愿意拿去汇报。", "A customer who has corrected a figure of the calculation will defend it."),
        choices=(("对", "True"), ("错", "False")),
    ),
    Asked(
        card=6, text=("客户说“你们比赛沃贵一成多”，第一步怎么做？", "“You are more than ten per cent above Saiwo.” What do you do first?"),
        choices=(
            ("问：除了价格，两家在您看来一样吗？", "Ask: price apart, are the two the same to you?"),
            ("先让五个点再说", "Take five per cent off, then talk"),
            ("说赛沃质量差", "Say that Saiwo's quality is poor"),
            ("请领导出面", "Bring in your manager"),
        ),
    ),
    Asked(
        card=8, kind="multiple", right=(0, 1, 2),
        text=("客户付不了三成预付，哪些可以换？", "The customer cannot prepay thirty per cent. Which of these may you offer in return for something?"),
        choices=(
            ("预付 20%，发货前付到 70%", "20 % down, 70 % before dispatch"),
            ("预付 10% 加银行保函", "10 % down with a bank guarantee"),
            ("六个月以内的承兑汇票", "Bank acceptance bills up to six months"),
            ("无预付、无担保", "Nothing down and no security"),
        ),
    ),
    Asked(
        card=10, text=("合同生效后，多久可以发外形图和基础图？", "How soon after the contract do the outline and foundation drawings go out?"),
        choices=(
            ("三天内", "Within three days"),
            ("一周内", "Within a week"),
            ("两周内", "Within two weeks"),
            ("和泵一起发", "Together with the pump"),
        ),
    ),
    Asked(
        card=18, text=("清水工况下，LC、LM 系列机械密封的设计寿命是多少？", "For how long is the seal of an LC or LM pump designed in clean water?"),
        choices=(
            ("16 000 小时", "16,000 hours"),
            ("8000 小时", "8,000 hours"),
            ("4000 小时", "4,000 hours"),
            ("30 000 小时", "30,000 hours"),
        ),
    ),
    Asked(
        card=20, text=("控制阀选型缺了哪个数，最容易选大？", "Without which figure does a control valve come out too large?"),
        choices=(
            ("正常流量", "The usual flow"),
            ("温度", "Temperature"),
            ("管径", "Pipe size"),
            ("阀前压力", "Pressure before the valve"),
        ),
    ),
)
# fmt: on
