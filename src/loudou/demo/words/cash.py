"""What is written on contracts, deliveries, receipts and refunds."""

from loudou.demo.words import Pair

# fmt: off

ACCOUNT: Pair = ("基本户", "Main account")
BANKS: tuple[Pair, ...] = (
    ("江澜银行", "Jianglan Bank"), ("岱海银行", "Daihai Bank"), ("东屿商业银行", "Dongyu Commercial Bank"),
)
"""Who accepted the bills of exchange."""
CARRIERS: tuple[Pair, ...] = (
    ("顺澜物流", "Shunlan Logistics"), ("驰远货运", "Chiyuan Freight"), ("客户自提", "Collected by the customer"),
)
ON_SITE: Pair = ("需方现场", "the customer's site")
MANNER: Pair = ("供方负责汽车运输到现场，运费由供方承担", "truck to the site, freight paid by the supplier")
QUALITY: Pair = ("现行国家标准及供方产品技术文件", "the national standards in force and the maker's technical documents")
SERVICE_MANNER: Pair = ("供方派技术人员到现场服务", "the supplier's technicians on site")
SERVICE_QUALITY: Pair = ("国家及行业现行标准和供方维保规程", "the standards in force and the maker's maintenance manuals")
FIRST_VISIT: Pair = ("首次现场巡检", "First visit to the site")
SERVED: Pair = ("服务报告已提交", "Service report handed over")
AND: Pair = ("、", " and ")
MORE_GOODS: Pair = ("客户扩大产能，增订首项设备", "The customer expands and orders more of the first item")
ADDED_GOODS: Pair = ("增订货款", "Added goods")
LATER_SITE: Pair = (
    "土建延期，交货期顺延，相应付款推迟一个月", "Building work is late; delivery and the payment tied to it move with it",
)
VENUE: Pair = ("供方所在地人民法院", "the people's court at the supplier's seat")
REJECTED: Pair = ("外观磕碰，密封面有划痕", "Damaged in transit, scratches on the sealing face")
RETURNED: Pair = ("密封面划伤，退回更换", "Sealing face scratched, returned for replacement")
REPLACED: Pair = ("更换件补发", "Replacement of the returned goods")
ACCEPTED: Pair = ("现场试运行合格", "Trial run on site passed")
STALLED: Pair = (
    "设备已到现场，业主停工，验收时间待定", "The equipment is on site; the owner has stopped building, no date for acceptance",
)
WRONG_TITLE: Pair = ("发票抬头有误，冲红重开", "Wrong title, taken back and issued again")
CANCELLED: Pair = ("客户项目取消，双方协商解除合同", "The customer's project was cancelled; both sides agreed to end the contract")
SETTLEMENT: Pair = ("扣除一成违约金，其余退还", "A tenth is kept as damages, the rest is paid back")
CANCELLATION_FEE: Pair = ("违约金", "Damages for cancelling")
MONEY_BACK: Pair = ("合同解除，退还预付款", "Contract ended, prepayment returned")
PAID_TWICE: Pair = ("客户重复付款", "The customer paid twice")
PREPAID: Pair = ("下一批订货的预付款", "Prepayment for the next order")
DISCOUNT_REASON: Pair = ("竞争对手报价低，客户承诺年度框架", "A competitor is cheaper; the customer promises a yearly frame agreement")
DISCOUNT_GRANTED: Pair = ("年度框架客户，同意", "Frame customer, agreed")
DECLINED: Pair = ("客户推迟采购", "The customer postpones the purchase")
