"""Product lines, products with list prices in yuan, and what sales are called."""

from loudou.demo.words import Pair, Teller

# fmt: off

LINES: tuple[tuple[Pair, str, tuple[tuple[Pair, int], ...]], ...] = (
    # (line, prefix of the product codes, (product, list price in yuan))
    (
        ("离心泵", "Centrifugal pumps"), "LC",
        (
            (("LC-50 单级离心泵", "LC-50 single-stage pump"), 6800), (("LC-80 单级离心泵", "LC-80 single-stage pump"), 11500),
            (("LC-150 双吸离心泵", "LC-150 double-suction pump"), 38600), (("LC-300 双吸离心泵", "LC-300 double-suction pump"), 92000),
            (("LM-40 多级离心泵", "LM-40 multistage pump"), 27400), (("LH-65 化工流程泵", "LH-65 chemical process pump"), 45200),
            (("LH-100 磁力驱动泵", "LH-100 magnetic-drive pump"), 68500),
        ),
    ),
    (
        ("控制阀", "Control valves"), "KV",
        (
            (("KV-25 气动调节阀", "KV-25 pneumatic control valve"), 5900), (("KV-80 气动调节阀", "KV-80 pneumatic control valve"), 14800),
            (("KV-150 电动调节阀", "KV-150 electric control valve"), 26900), (("KB-100 高性能蝶阀", "KB-100 high-performance butterfly valve"), 9200),
            (("KQ-200 金属密封球阀", "KQ-200 metal-seated ball valve"), 41800), (("KS-50 安全阀", "KS-50 safety valve"), 7400),
        ),
    ),
    (
        ("压缩机", "Compressors"), "YS",
        (
            (("YS-37 螺杆空压机", "YS-37 screw compressor"), 58000), (("YS-75 变频螺杆空压机", "YS-75 variable-speed compressor"), 118000),
            (("YS-160 双级压缩空压机", "YS-160 two-stage compressor"), 236000), (("YW-110 无油螺杆空压机", "YW-110 oil-free compressor"), 412000),
            (("YG-250 离心鼓风机", "YG-250 centrifugal blower"), 528000),
        ),
    ),
    (
        ("运动控制", "Motion control"), "YD",
        (
            (("YD-400 伺服驱动器", "YD-400 servo drive"), 3200), (("YD-750 伺服驱动器", "YD-750 servo drive"), 4600),
            (("YD-2000 伺服套件", "YD-2000 servo kit"), 9800), (("YX-6 六轴运动控制器", "YX-6 six-axis motion controller"), 16500),
            (("YP-110 变频器", "YP-110 frequency converter"), 21800),
        ),
    ),
    (
        ("成套与服务", "Packages and services"), "CF",
        (
            (("CF-B 智能泵站成套", "CF-B packaged pump station"), 685000), (("CF-K 压缩空气站成套", "CF-K compressed-air station"), 920000),
            (("CF-W 年度维保", "CF-W yearly maintenance"), 48000), (("CF-J 节能改造", "CF-J energy retrofit"), 156000),
            (("CF-Z 远程监测终端", "CF-Z remote monitoring unit"), 7800),
        ),
    ),
)

SERVICES = ("CF-W", "CF-J")
"""Products that are services, with the lower tax rate."""
SERVICE_UNITS: dict[str, Pair] = {"CF-W": ("年", "yr."), "CF-J": ("项", "ea.")}
"""Maintenance is sold by the year, retrofits one by one."""
UNITS: dict[str, Pair] = {
    "LC": ("台", "ea."), "KV": ("台", "ea."), "YS": ("台", "ea."), "YD": ("套", "ea."), "CF": ("套", "ea."),
}
"""Stand behind any number; the English one is what buyers write for one or many."""

SPOKEN: tuple[Pair, ...] = (
    # What people call a line when they speak of a sale, in the order of the lines
    ("离心泵", "centrifugal pumps"), ("控制阀", "control valves"), ("压缩机", "compressors"), ("伺服与变频", "servo drives"),
    ("成套设备", "packaged systems"),
)

OCCASIONS: dict[str, tuple[Pair, ...]] = {
    "new": (
        ("{line}新建项目", "{line} for a new plant"), ("{line}扩产项目", "{line} for an expansion"),
        ("二期工程{line}", "{line}, phase 2"), ("新产线{line}配套", "{line} for a new production line"),
    ),
    "additional": (
        ("{line}年度采购", "{line}, yearly purchase"), ("{line}增购", "More {line}"), ("{line}框架协议", "{line}, frame agreement"),
    ),
    "replacement": (
        ("{line}更新改造", "Replacing {line}"), ("{line}国产替代", "{line} instead of imports"), ("{line}节能改造", "{line}, energy retrofit"),
    ),
}

NEXT_STEPS: tuple[tuple[Pair, ...], ...] = (
    # By position of the stage
    (("约设备部首次拜访", "Arrange a first visit with equipment"), ("寄送样本和业绩表", "Send catalogue and references"), ("确认项目立项时间", "Ask when the project is approved")),
    (("现场勘测，收集工况参数", "Survey the site, collect operating data"), ("与总工确认选型", "Agree on the selection with the chief engineer"), ("了解采购流程和决策人", "Learn how they buy and who decides")),
    (("提交技术方案和报价", "Submit proposal and quotation"), ("安排方案讲解会", "Present the proposal"), ("跟进技术澄清", "Answer technical questions")),
    (("商务谈判：价格与付款条件", "Negotiate price and payment terms"), ("邀请客户参观工厂", "Invite the customer to our plant"), ("确认交货期", "Confirm the delivery date")),
    (("跟进合同评审", "Follow up the contract review"), ("催合同盖章", "Get the contract stamped"), ("确认预付款到账时间", "Ask when the first payment comes")),
)

EVIDENCE: tuple[Pair, ...] = (
    ("拜访记录，{day}", "Visit note, {day}"), ("往来邮件，{day}", "Mail of {day}"), ("会议纪要，{day}", "Minutes of {day}"),
    ("客户确认函，{day}", "Customer's confirmation, {day}"),
)

CLOSE_NOTES: dict[str, tuple[Pair, ...]] = {
    "won": (("合同已盖章", "Contract stamped"), ("技术分第一，价格可接受", "Best technical score, price accepted"), ("老客户续单", "Repeat order")),
    "lost": (("对手报价低约一成", "Competitor about ten per cent cheaper"), ("最终用户指定品牌", "End user asked for another brand"), ("客户内部意见未统一", "The customer could not agree")),
    "dropped": (("项目暂停，无明确时间", "Project stopped, no date"), ("需求并入明年预算", "Moved to next year's budget"), ("联系不上关键人", "Key person cannot be reached")),
}

HOLD_NOTES: tuple[Pair, ...] = (("等待资金批复", "Waiting for funds"), ("土建延期", "Building work is late"), ("客户组织调整", "Customer is being reorganised"))
REOPEN_NOTES: tuple[Pair, ...] = (("客户重新启动采购", "The customer buys after all"), ("中标方无法交货", "The winner cannot deliver"))
LEAVER_NOTE: Pair = ("员工离职交接", "Handover: colleague left")
LEAVING_WORDS: Pair = (
    "客户拜访记录和报价单都在各客户的附件里；有不清楚的可以先问主管。",
    "Visit reports and quotations are among the files of each customer; ask the manager first when something is unclear.",
)
MOVING_REASON: Pair = ("调往其他区域", "Moves to another region")
MOVING_NOTE: Pair = (
    "月底前会带接手同事拜访重点客户，之后两周内仍可随时联系。",
    "Before the month ends we visit the key customers together; for two weeks after that I can be asked at any time.",
)
MOVING_CUSTOMER_NOTE: Pair = (
    "采购经理看重交期，报价前先和技术部确认；付款一般晚两周，需要提前提醒。",
    "The buyer cares most about delivery: check with engineering before quoting. Pays two weeks late, remind in time.",
)

# fmt: on


def occasion(tell: Teller, purchase: Pair, line: int) -> str:
    """What a sale is about, such as "More control valves"; lines count from 0."""
    text = tell(purchase).format(line=tell(SPOKEN[line]))
    return text[:1].upper() + text[1:]
