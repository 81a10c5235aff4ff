"""The demo company's playbook: what its people say about pumps, valves, compressors and drives, and about their rivals.

Every text is a pair, Chinese first. Cards are written in both languages whatever the company is told in, as a
company with colleagues abroad would.
"""

from __future__ import annotations

from dataclasses import dataclass

from loudou.demo.words import Pair

PUMPS, VALVES, COMPRESSORS, MOTION, PACKAGES = range(5)
"""Product lines, in the order of `goods.LINES`."""
SAIWO, HAIDE, AUMANTEC, JUFENG, RUISHENG, BEICHEN = range(6)
"""Rivals, in the order of `market.COMPETITORS`."""
FIRST, NEED, OFFER, TALKS, CLOSING = range(5)
"""Stages of the standard process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A card: `products` are beginnings of product names, `age` the days since it was checked, for half a year."""

    kind: str
    title: Pair
    body: Pair
    lines: tuple[int, ...] = ()
    products: tuple[str, ...] = ()
    rival: int | None = None
    stages: tuple[int, ...] = ()
    purchase: str = ""
    age: int = 30


# fmt: off
PLAYS: tuple[Play, ...] = (
    Play(
        kind="talk_track", title=("首次拜访：先看机房，再谈产品", "First visit: see the pump room before you talk products"),
        body=(
            "不带样本进门，先请设备部带您看现场。要问的四件事：\n\n- 哪台设备去年停机最多？停一次损失多少？\n- 电费是谁的考核指标？\n"
            "- 备件谁在管，等过最长几天？\n- 今年的改造预算定了没有？\n\n> 王工，我先不介绍产品。您最头疼的是哪一台，能带我看看吗？\n\n"
            "离开前约好下一步：请对方提供一份运行记录，三天内带着测算回来。",
            "Leave the catalogue in the car and ask to be shown the plant. Four things to learn:\n\n- Which machine stopped most last year, and "
            "what does an hour cost?\n- Whose target is the electricity bill?\n- Who keeps the spares, and how long did they ever wait?\n"
            "- Is this year's budget for replacements settled?\n\n> I will not present anything today. Which machine troubles you most, and may I see it?\n\n"
            "Do not leave without a next step: they send the running log, you come back within three days with a calculation.",
        ),
        stages=(FIRST,),
    ),
    Play(
        kind="talk_track", title=("把节能算成钱", "Turn efficiency into money"),
        body=(
            "客户买的不是效率，是电费。当场用客户自己的数算：\n\n**年电费 = 轴功率 × 年运行小时 × 电价**\n\n例：75 kW 空压机，年运行 6000 小时，"
            "电价 0.7 元，年电费 31.5 万元。变频节电 25%，一年省约 7.9 万元，YS-75 一年半回本。\n\n> 这三个数都是您的，我只做了乘法。哪一个您觉得不对？\n\n"
            "请客户改数，改过的测算他才会拿去汇报。",
            "Nobody buys efficiency, they buy a smaller bill. Calculate with the customer's own figures, on the spot:\n\n**yearly cost = shaft power × hours × price of "
            "power**\n\nA 75 kW compressor at 6,000 hours and ¥0.70 costs ¥315,000 a year. Variable speed saves about 25 %, ¥79,000 a year: the YS-75 has paid for "
            "itself in a year and a half.\n\n> All three figures are yours, I only multiplied. Which one would you change?\n\nLet them change one. They defend a "
            "calculation that they have corrected.",
        ),
        lines=(COMPRESSORS, MOTION), products=("CF-J",), stages=(NEED, OFFER),
    ),
    Play(
        kind="talk_track", title=("需求确认：把话写下来", "Confirm the need in writing"),
        body=(
            "会后当天发一封确认邮件，只写五行：介质与工况、数量、什么时候要用、谁决定、预算来源。\n\n> 张经理，以上如有不对请直接改，没有意见我们就按此选型。\n\n"
            "没有回音就打电话逐行念一遍。缺了“谁决定”这一行，不要报价。",
            "Mail five lines the same day: medium and duty, quantity, when it must run, who decides, where the money comes from.\n\n> Please correct what is wrong. "
            "If all is right, we select on this basis.\n\nNo answer? Call and read it out line by line. While the line *who decides* is empty, do not quote.",
        ),
        stages=(NEED,),
    ),
    Play(
        kind="talk_track", title=("改造项目：老泵先测三天", "Replacement: measure the old pump for three days"),
        body=(
            "旧泵多半选大了，阀门关着一半在运行。主动提出免费测三天：流量、扬程、电流。\n\n- 实际工况点偏离额定点 20% 以上：可换小一号的泵。\n"
            "- 阀门开度低于 60%：有节能空间。\n- 振动高于 4.5 mm/s：先查对中，不急着卖泵。\n\n> 测完不合适，我会告诉您不用换。\n\n这句话最能打动总工。",
            "Most old pumps were bought too large and run against a half-closed valve. Offer to measure for three days, free: flow, head, current.\n\n"
            "- More than 20 % off the rated point: a smaller pump will do.\n- Valve less than 60 % open: there is money in it.\n- Vibration above 4.5 mm/s: check the "
            "alignment before you sell anything.\n\n> If it is not worth it, I will tell you to keep the old one.\n\nThat sentence wins chief engineers.",
        ),
        lines=(PUMPS,), purchase="replacement", stages=(FIRST, NEED),
    ),
    Play(
        kind="talk_track", title=("方案讲解会：前十分钟只讲对方", "Presenting: ten minutes about them first"),
        body=(
            "顺序：客户说过的问题 → 我们测到的数据 → 方案 → 谁在用 → 价格。每位到场的人都要听到自己那一页：\n\n- 总工：选型依据和工况曲线\n- 设备部：检修空间、备件清单\n"
            "- 财务：回本月数\n- 采购：交期和付款\n\n结束时问：\n\n> 这个方案还差什么，您就能往上报了？",
            "In this order: what they told you, what we measured, the solution, who uses it, the price. Everybody in the room must find a page of their own:\n\n"
            "- chief engineer: basis of the selection, duty curve\n- equipment: room for maintenance, list of spares\n- finance: months to pay back\n"
            "- purchasing: delivery and payment\n\nEnd with a question:\n\n> What is still missing before you can pass this upwards?",
        ),
        stages=(OFFER,),
    ),
    Play(
        kind="talk_track", title=("合同卡住了：问清在谁桌上", "The contract is stuck: ask on whose desk"),
        body=(
            "不要问“什么时候盖章”，要问流程：\n\n> 现在合同在哪位手里？他还需要看什么？我今天就准备。\n\n常见三处卡点：法务改违约条款（用标准条款对照表），"
            "财务要求降预付（见“付款条件”卡），领导出差（请对方先走线上审批）。每两天跟一次，每次带一样东西过去。",
            "Do not ask when it will be stamped. Ask where it is:\n\n> On whose desk is it now, and what does he still need? I will have it ready today.\n\nThe three usual "
            "places: legal rewrites the penalty (bring the comparison of standard clauses), finance wants a smaller prepayment (see the card on payment), the boss is "
            "travelling (ask for approval online). Call every second day, and bring something each time.",
        ),
        stages=(CLOSING,),
    ),
    Play(
        kind="objection", title=("“你们比赛沃贵一成多”", "“You are more than ten per cent above Saiwo”"),
        body=(
            "先别降价，先问比的是什么：\n\n> 除了价格，两家在您看来一样吗？\n\n再摊开三年账。LC-150 为例：贵 4600 元；机械密封多用一年，省两次更换约 3000 元；"
            "效率高 3 个点，按 30 kW、年 6000 小时，一年省电约 4700 元。**第一年就赚回差价。**\n\n仍要降价时，用付款条件换，不白让。",
            "Do not discount, ask first:\n\n> Price apart, are the two the same to you?\n\nThen lay out three years. LC-150: ¥4,600 dearer. Its seal lasts a year longer, two "
            "changes saved, about ¥3,000. Three points more efficient: at 30 kW and 6,000 hours about ¥4,700 of power a year. **The difference is back within the first "
            "year.**\n\nIf you must move, trade it for better payment. Never give it away.",
        ),
        lines=(PUMPS,), rival=SAIWO, stages=(OFFER, TALKS),
    ),
    Play(
        kind="objection", title=("“设计院指定了欧曼泰克”", "“The design institute has specified Aumantec”"),
        body=(
            "规格书写的是品牌，业主要的是参数。请客户问设计院一句：\n\n> 图纸写“或同等”，同等看哪几项？\n\n把我们的型式试验报告按那几项逐条对上，缺哪项就说缺哪项。"
            "再谈交期：进口 16 周起，我们 6 周，工期罚款一天多少，客户自己会算。\n\n不要说对方不好，设计院的人会记住。",
            "The specification names a brand, the owner needs figures. Let the customer ask the institute:\n\n> “Or equal”: by which items do you judge equal?\n\nAnswer item by "
            "item with our type test reports, and say so where we have none. Then delivery: theirs takes sixteen weeks and more, ours six. What a day of delay costs, the "
            "customer knows.\n\nNever speak ill of them. Institutes remember.",
        ),
        lines=(PUMPS, VALVES), rival=AUMANTEC, stages=(NEED, OFFER), age=60,
    ),
    Play(
        kind="objection", title=("“预付三成我们做不到”", "“We cannot prepay thirty per cent”"),
        body=(
            "先弄清是没钱，还是没权：\n\n> 是今年预算没到，还是付款制度限制在两成？\n\n可让的顺序（每步都要换回一样东西）：\n\n- 预付 20%，发货前付到 70%\n"
            "- 预付 10% 加银行保函\n- 承兑汇票，六个月以内，单价不变\n\n不能让的：无预付、无担保。交期从收到预付款起算，这一点要写进合同。",
            "Find out whether the money is missing or the authority:\n\n> Is the budget not there yet, or do your rules stop at twenty?\n\nWhat you may give, in this order, each "
            "against something in return:\n\n- 20 % down, 70 % before dispatch\n- 10 % down with a bank guarantee\n- bank acceptance bills up to six months, price "
            "unchanged\n\nNever: nothing down and no security. Delivery counts from the day the money is in, and the contract says so.",
        ),
        stages=(TALKS,),
    ),
    Play(
        kind="objection", title=("“等明年预算下来再说”", "“Let us wait for next year's budget”"),
        body=(
            "等不是免费的。算一个月的代价：停机损失加多付的电费。\n\n> 按您上次给的数，晚一个月大约是 1.2 万元。这笔钱从哪个科目出？\n\n"
            "真的要等，就把等变成一步：本月确认技术方案、锁定价格到明年一月、写进预算申请。约定日期，记在下一步里。",
            "Waiting is not free. Price one month of it: downtime plus the power they overpay.\n\n> By the figures you gave me, a month later is about ¥12,000. Which account "
            "does that come from?\n\nIf they really must wait, make waiting a step: agree on the solution this month, hold the price until January, get it into the budget "
            "request. Put the date into the next step.",
        ),
        stages=(NEED, OFFER),
    ),
    Play(
        kind="objection", title=("“交期六周太长”", "“Six weeks is too long”"),
        body=(
            "问清楚什么必须在那天到：\n\n> 六周后缺的是泵本身，还是基础图和法兰尺寸？\n\n多数时候土建先要图：合同生效三天内可发外形图和基础图。"
            "真急：LC-50、LC-80、KV-25 有成品库存，一周发货；其余可先发底座。加急排产要生产部书面确认，不要口头答应。",
            "Ask what must be there on that day:\n\n> In six weeks, do you need the pump, or the foundation drawing and the flanges?\n\nMostly it is the drawing: outline and "
            "foundation drawings go out within three days of the contract. If it is urgent: LC-50, LC-80 and KV-25 are in stock and leave within a week; for others the base "
            "plate can go ahead. Faster production needs a written yes from the works. Promise nothing by word of mouth.",
        ),
        lines=(PUMPS, VALVES), stages=(OFFER, TALKS), age=95,
    ),
    Play(
        kind="objection", title=("“旧空压机还能用”", "“The old compressor still runs”"),
        body=(
            "它能用，问题是要花多少电。请客户看一个数：**比功率**（kW 每立方米每分钟）。老机常在 8 以上，YS-160 双级压缩是 6.1。\n\n160 kW 的机器年运行 6000 小时，一年差约 21 万元电费。\n\n"
            "> 我们免费装一周功率表，数据归您。看完再决定留不留它。",
            "It does. The question is on how much power. Show one figure, the **specific power** (kW per cubic metre a minute): old machines often take more than 8, the two-stage "
            "YS-160 takes 6.1.\n\nOn a 160 kW machine and 6,000 hours that is about ¥210,000 a year.\n\n> We fit a power meter for a week, free, and the data is yours. Then decide "
            "whether you keep it.",
        ),
        products=("YS-160", "YS-75"), purchase="replacement", stages=(FIRST, NEED),
    ),
    Play(
        kind="competitor", title=("对阵赛沃泵业", "Against Saiwo Pumps"), rival=SAIWO, lines=(PUMPS,),
        body=(
            "**他们强在**：价格低一成左右，常备库存，两周交货。\n\n**他们弱在**：机械密封一年左右要换，备件价是我们的两倍；没有驻外服务点。\n\n"
            "**怎么打**：让客户查自己去年的密封更换记录；报价单附三年备件价，锁价写进合同。\n\n**别这样打**：不要比谁便宜，也不要说他们质量差。",
            "**Strong**: about ten per cent cheaper, stock, two weeks' delivery.\n\n**Weak**: seals go after a year, spares cost twice ours, no service outside their province.\n\n"
            "**How we win**: let the customer look up last year's seal changes; add a price list of spares for three years, fixed in the contract.\n\n**How we lose**: by "
            "competing on price, or by calling them bad.",
        ),
    ),
    Play(
        kind="competitor", title=("对阵海德流控", "Against Haide Flow Control"), rival=HAIDE, lines=(PUMPS, VALVES),
        body=(
            "**他们强在**：名气大，招标文件里常出现。\n\n**他们弱在**：比我们贵 15% 上下；售后电话转三道，到现场平均三天。\n\n"
            "**怎么打**：承诺四小时响应、次日到场，写进合同，带上最近三家用户的服务单。请客户给他们的售后打一次电话。",
            "**Strong**: the name; tenders mention them.\n\n**Weak**: some 15 % dearer; a service call passes three desks, an engineer comes after three days.\n\n"
            "**How we win**: four hours to answer, on site the next day, in the contract, with service sheets of three users. Suggest that the customer call their hotline "
            "once.",
        ),
    ),
    Play(
        kind="competitor", title=("对阵欧曼泰克", "Against Aumantec"), rival=AUMANTEC,
        body=(
            "**他们强在**：进口品质，设计院熟悉，规格书常按他们的样本写。\n\n**他们弱在**：交期 16 周起，报价随汇率变，备件要等进口。\n\n"
            "**怎么打**：在设计阶段就进去，争取“或同等”；用同工况的国产替代业绩；人民币固定价。等到招标公告出来，多半已经晚了。",
            "**Strong**: imported quality, known to design institutes, specifications are copied from their catalogue.\n\n**Weak**: sixteen weeks and more, prices that follow the "
            "exchange rate, spares from abroad.\n\n**How we win**: be there during design and get “or equal” written; show references that replaced imports at the same duty; "
            "a fixed price in yuan. Once the tender is out it is mostly too late.",
        ),
    ),
    Play(
        kind="competitor", title=("对阵巨峰阀门", "Against Jufeng Valves"), rival=JUFENG, lines=(VALVES,), age=200,
        body=(
            "**他们强在**：阀门品种全，小口径便宜。\n\n**他们弱在**：不做成套，执行机构和定位器外购，接口问题两头推。\n\n"
            "**怎么打**：阀、执行机构、定位器一家负责，出厂前联调，附流量特性曲线。只买散阀的单子可以放手。",
            "**Strong**: every kind of valve, small sizes cheap.\n\n**Weak**: no packages; actuators and positioners are bought in, and nobody is to blame for the interface.\n\n"
            "**How we win**: valve, actuator and positioner from one hand, tested together, with the flow curve. Orders for loose valves we can let go.",
        ),
    ),
    Play(
        kind="competitor", title=("对阵瑞昇压缩机", "Against Ruisheng Compressors"), rival=RUISHENG, lines=(COMPRESSORS,),
        body=(
            "**他们强在**：样本上的能效数据漂亮。\n\n**他们弱在**：服务网点少，西北只有一个；样本数据按 7 公斤测，客户多数用 8 公斤。\n\n"
            "**怎么打**：要求双方按客户的压力出具比功率，写进技术协议并约定现场验收。请客户数一数两百公里内各家有几位工程师。",
            "**Strong**: handsome efficiency figures in the catalogue.\n\n**Weak**: few service points, one in the whole northwest; their figures hold at 7 bar, most customers run at 8."
            "\n\n**How we win**: both sides state the specific power at the customer's pressure, in the technical agreement, proved on site. Let the customer count the "
            "engineers within two hundred kilometres.",
        ),
    ),
    Play(
        kind="competitor", title=("对阵北辰自控", "Against Beichen Automation"), rival=BEICHEN, lines=(MOTION, PACKAGES),
        body=(
            "**他们强在**：控制方案和上位机做得好，工程师会讲。\n\n**他们弱在**：泵、阀外购，机械问题要等供应商。\n\n"
            "**怎么打**：把泵站当一台机器卖：一张图纸、一次验收、一个责任人。控制部分开放协议，客户原有的上位机照用。",
            "**Strong**: good control systems, engineers who present well.\n\n**Weak**: pumps and valves are bought in, mechanical trouble waits for a supplier.\n\n"
            "**How we win**: sell the station as one machine: one drawing, one acceptance, one to answer for it. Our controls speak open protocols, so their control room stays.",
        ),
    ),
    Play(
        kind="fact", title=("机械密封寿命与更换", "Life of the mechanical seal"), lines=(PUMPS,),
        body=(
            "清水工况下，LC、LM 系列机械密封设计寿命 **16 000 小时**，连续运行约两年。含颗粒介质减半，请改用双端面密封并配冲洗。\n\n"
            "更换不用拆电机：两人两小时。备件常备，当日发货。",
            "In clean water the seals of LC and LM pumps are designed for **16,000 hours**, two years of continuous running. With particles it is half: take the double seal with "
            "flushing.\n\nThe motor stays in place: two people, two hours. Spares are in stock and leave the same day.",
        ),
    ),
    Play(
        kind="fact", title=("LH-100：为什么不会漏", "LH-100: why it cannot leak"), products=("LH-100",),
        body=(
            "磁力驱动，没有轴封，介质在隔离套内。用于酸、碱、溶剂。\n\n两条红线要主动告诉客户：**不能干转**（加装液位或电流保护），**颗粒大于 0.2 mm 不能用**。"
            "先说出来，客户才信其他的。",
            "A magnet drives it, there is no shaft seal, and the medium stays inside the shell. For acids, alkalis and solvents.\n\nTwo limits to name before they ask: **it must never "
            "run dry** (fit level or current protection), and **no particles above 0.2 mm**. Who hears the limits first believes the rest.",
        ),
    ),
    Play(
        kind="fact", title=("控制阀选型只要七个数", "Seven figures select a control valve"), lines=(VALVES,),
        body=(
            "介质、温度、阀前压力、阀后压力、最大流量、正常流量、管径。**缺正常流量最容易选大**，阀门在 10% 开度下振荡。\n\n压差超过 2.5 MPa 或有闪蒸，交技术部核算，"
            "不要在现场答应。",
            "Medium, temperature, pressure before, pressure behind, largest flow, usual flow, pipe size. **Without the usual flow the valve comes out too large** and hunts at 10 % "
            "opening.\n\nAbove 2.5 MPa of drop, or with flashing: let the technical office calculate, and promise nothing on site.",
        ),
    ),
    Play(
        kind="fact", title=("无油机的“无油”指什么", "What “oil-free” means"), products=("YW-110",),
        body=(
            "YW-110 压缩腔内没有油，出口空气达到 ISO 8573-1 的 **0 级**。食品、制药、电子必须问这一条。\n\n加过滤器的喷油机只能做到 1 级，滤芯失效时油会一次性进入管网。"
            "客户出过一次事故，就不会再比价格。",
            "No oil in the compression chamber: the air meets **class 0** of ISO 8573-1. Food, pharmacy and electronics need it, so ask.\n\nAn oil-flooded machine with filters reaches "
            "class 1, and when a filter fails the oil is in the pipes at once. Who had that once compares no prices.",
        ),
    ),
    Play(
        kind="fact", title=("成套泵站：省下的是工期", "Packaged station: what it saves is time"), products=("CF-B", "CF-K"),
        body=(
            "出厂前整机试水、联调，现场只接水接电：**安装从三周减到四天**。一份图纸、一次验收、一个保修期。\n\n算给总包听：少 17 个工日乘以现场人数和日薪，再加提前投产的收益。",
            "Tested with water and wired at our works, so the site connects pipes and power: **four days instead of three weeks**. One drawing, one acceptance, one warranty."
            "\n\nFor contractors: seventeen days times people times wages, and what an earlier start of production earns.",
        ),
    ),
    Play(
        kind="fact", title=("年度维保包含什么", "What the yearly maintenance holds"), products=("CF-W",), stages=(TALKS, CLOSING),
        body=(
            "四次巡检、一次振动和对中检测、备件九折、四小时响应。不含易损件本身。\n\n最好的时机是签设备合同的时候：此时签，第二年起锁价三年。验收之后再提，成交率不到一半。",
            "Four inspections, one measurement of vibration and alignment, ten per cent off spares, an answer within four hours. Wearing parts themselves are extra.\n\nThe best moment is "
            "the contract for the machine: signed then, the price holds for three years. After acceptance fewer than half say yes.",
        ),
    ),
)
# fmt: on

SUGGESTIONS: tuple[tuple[int, Pair, int], ...] = (
    # (place in PLAYS, what somebody suggests, days ago)
    (
        10,
        (
            "生产部说 KV-80 现在也有库存，一周能发。上周苏州的单子就是这样发的。",
            "The works say that KV-80 is in stock too and leaves within a week. That is how we did the Suzhou order last week.",
        ),
        4,
    ),
    (
        15,
        (
            "巨峰今年自己做定位器了，客户给我看了样本。“外购”这条要改。",
            "Jufeng builds its own positioners since this year; a customer showed me the catalogue. “Bought in” is no longer true.",
        ),
        9,
    ),
)
