"""The clauses that are shipped, per kind of contract, in English and Chinese.

Plain data, so that the migration that installs it does not depend on today's models. A company edits them under
Settings, Clauses; they are a start, not legal advice.
"""

from __future__ import annotations

from typing import NamedTuple


class Clause(NamedTuple):
    """A clause: what it regulates, headings and texts, whether a contract cannot be signed without it."""

    key: str
    title: str
    title_zh: str
    body: str
    body_zh: str
    is_main: bool = False


PARTIES = Clause(
    "parties",
    "Parties",
    "当事人",
    "This contract is made between {seller} (the Supplier) and {buyer} (the Customer), whose particulars stand at its "
    "head. Each party confirms that whoever signs for it is entitled to do so.",
    "本合同由{seller}（以下简称“供方”）与{buyer}（以下简称“需方”）订立，双方基本信息见合同首部。双方确认其签字人已获得合法授权。",
    is_main=True,
)
FORCE_MAJEURE = Clause(
    "force_majeure",
    "Force majeure",
    "不可抗力",
    "A party that cannot perform because of an event it could neither foresee nor avoid nor overcome tells the other "
    "without delay and shows proof within 15 days. It is free from liability as far as the event reaches. When the "
    "event lasts longer than 60 days, either party may end what has not been performed.",
    "因不能预见、不能避免且不能克服的客观情况致使一方不能履行合同的，该方应立即通知对方，并在 15 日内提供证明，在受影响的范围内免除责任。"
    "不可抗力持续超过 60 日的，任何一方可以解除尚未履行的部分。",
)
CONFIDENTIALITY = Clause(
    "confidentiality",
    "Confidentiality",
    "保密",
    "Each party keeps to itself what it learns of the other's business and technology on the occasion of this contract, "
    "uses it only for the contract, and does so for three years after its end.",
    "双方对因订立和履行本合同而知悉的对方商业及技术信息负有保密义务，仅可用于履行本合同；该义务在合同终止后三年内继续有效。",
)
FINAL = Clause(
    "final",
    "Final provisions",
    "附则",
    "The contract takes effect when both parties have signed or sealed it. Changes are made in writing and signed by "
    "both. Its annexes are part of it. Each party keeps one original; originals have equal force.",
    "本合同自双方签字或盖章之日起生效。对合同的变更应采用书面形式并经双方签署。附件为本合同的组成部分。本合同一式两份，双方各执一份，具有同等效力。",
)


def _breach(late_side: str, late_side_zh: str) -> Clause:
    return Clause(
        "breach",
        "Liability for breach and settlement of disputes",
        "违约责任与争议解决",
        f"{late_side} pays {{penalty_rate}} of the amount in delay for each day; a Customer who pays late owes the same "
        "of the overdue amount. Penalties together do not exceed 10% of the contract amount, unless the damage proved "
        "is greater. When the delay exceeds 30 days, the other party may end the contract and claim its damage. "
        "Disputes are settled by talks; failing that, they are brought before {dispute_venue}.",
        f"{late_side_zh}，每逾期一日按逾期部分金额的{{penalty_rate}}向需方支付违约金；需方逾期付款的，按逾期金额的同一比例支付违约金。"
        "违约金累计不超过合同总额的 10%，但有证据证明实际损失更大的除外。逾期超过 30 日的，守约方有权解除合同并要求赔偿损失。"
        "因本合同发生的争议由双方协商解决；协商不成的，提交{dispute_venue}解决。",
        is_main=True,
    )


GOODS = (
    PARTIES,
    Clause(
        "subject",
        "Subject matter",
        "标的",
        "The Supplier sells and the Customer buys the goods of the list in this contract ({title}), with the names, "
        "models and specifications given there.",
        "供方向需方出售、需方向供方购买本合同清单所列货物（{title}），名称、型号及规格以清单为准。",
        is_main=True,
    ),
    Clause(
        "quantity",
        "Quantity and quality",
        "数量与质量",
        "Quantities and units are those of the list. The goods are new and comply with {quality_standard}.",
        "数量及计量单位以清单为准。货物须为全新产品，并符合{quality_standard}。",
        is_main=True,
    ),
    Clause(
        "price",
        "Price",
        "价款",
        "The total price is {amount}, of which {tax_amount} is value added tax. Unit prices, discounts and tax rates "
        "stand in the list. The price includes packing and transport to the place of delivery.",
        "合同总价为{amount}（大写：{amount_in_words}），其中增值税税额{tax_amount}。单价、折扣及税率见清单。总价包含包装费及运至交货地点的运费。",
        is_main=True,
    ),
    Clause(
        "payment",
        "Payment",
        "付款",
        "The Customer pays as the payment plan in this contract says. The Supplier issues invoices in accordance with "
        "the law.",
        "需方按本合同所列回款计划付款。供方依法开具发票。",
    ),
    Clause(
        "performance",
        "Term, place and manner of delivery",
        "交货期限、地点与方式",
        "The Supplier delivers by {performance_until} to {performance_place}, by {performance_manner}. Risk passes to "
        "the Customer when the goods are handed over there; ownership passes when the price is paid in full.",
        "供方应于{performance_until}前在{performance_place}交货，交货方式：{performance_manner}。"
        "货物毁损、灭失的风险自在该地点交付时起转移给需方；所有权自价款付清时转移。",
        is_main=True,
    ),
    Clause(
        "acceptance",
        "Acceptance",
        "验收",
        "The Customer examines the goods within {acceptance_days} days of delivery and tells the Supplier in writing of "
        "any defect in quantity or quality. Goods that are not objected to in time count as accepted.",
        "需方应在收货后{acceptance_days}日内验收，对数量或质量有异议的应书面通知供方；逾期未提出异议的，视为验收合格。",
    ),
    Clause(
        "warranty",
        "Warranty",
        "质量保证",
        "The Supplier repairs or replaces free of charge whatever proves defective in normal use within "
        "{warranty_months} months of acceptance, and answers a call within two working days.",
        "质保期为验收合格之日起{warranty_months}个月。质保期内正常使用出现的质量问题，供方应在两个工作日内响应，并免费修理或更换。",
    ),
    _breach("A Supplier who delivers late", "供方逾期交货的"),
    FORCE_MAJEURE,
    FINAL,
)

SERVICES = (
    PARTIES,
    Clause(
        "subject",
        "Subject matter",
        "服务内容",
        "The Supplier renders the services of the list in this contract ({title}); the Customer provides the access, "
        "data and contact persons that they need.",
        "供方向需方提供本合同清单所列服务（{title}）；需方应提供服务所需的场地、资料及对接人员。",
        is_main=True,
    ),
    Clause(
        "quantity",
        "Scope and quality",
        "服务数量与质量",
        "The scope of the services is that of the list. They are rendered by qualified staff and comply with "
        "{quality_standard}.",
        "服务范围及数量以清单为准。供方应派遣合格人员，服务质量应符合{quality_standard}。",
        is_main=True,
    ),
    Clause(
        "price",
        "Fee",
        "报酬",
        "The fee is {amount}, of which {tax_amount} is value added tax. Expenses are included unless the list names "
        "them.",
        "服务费总额为{amount}（大写：{amount_in_words}），其中增值税税额{tax_amount}。除清单另有列明外，服务费已包含相关费用。",
        is_main=True,
    ),
    Clause(
        "payment",
        "Payment",
        "付款",
        "The Customer pays as the payment plan in this contract says. The Supplier issues invoices in accordance with "
        "the law.",
        "需方按本合同所列回款计划付款。供方依法开具发票。",
    ),
    Clause(
        "performance",
        "Term, place and manner of performance",
        "服务期限、地点与方式",
        "The services are rendered from {performance_from} to {performance_until} at {performance_place}, by "
        "{performance_manner}.",
        "服务期限自{performance_from}至{performance_until}，服务地点：{performance_place}，服务方式：{performance_manner}。",
        is_main=True,
    ),
    Clause(
        "acceptance",
        "Acceptance",
        "验收",
        "The Customer confirms each service within {acceptance_days} days of its report or says what is missing; "
        "otherwise it counts as accepted.",
        "需方应在收到服务报告后{acceptance_days}日内确认或书面提出异议；逾期未提出的，视为验收合格。",
    ),
    Clause(
        "intellectual",
        "Intellectual property",
        "知识产权",
        "The Customer may use the results of the services for its own business without limit of time. Tools and "
        "methods that the Supplier had before remain the Supplier's.",
        "需方有权为自身经营永久使用服务成果；供方原有的工具和方法仍归供方所有。",
    ),
    CONFIDENTIALITY,
    _breach("A Supplier who performs late", "供方逾期提供服务的"),
    FORCE_MAJEURE,
    FINAL,
)

PROJECT = (
    PARTIES,
    Clause(
        "subject",
        "Subject matter",
        "项目内容",
        "The Supplier carries out the project {title}: design, delivery, installation and commissioning of what the "
        "list in this contract says.",
        "供方承担“{title}”项目，内容包括本合同清单所列的设计、供货、安装与调试。",
        is_main=True,
    ),
    Clause(
        "quantity",
        "Scope and quality",
        "工程数量与质量",
        "Scope and quantities are those of the list. Work and equipment comply with {quality_standard}.",
        "工程范围及数量以清单为准。工程及设备质量应符合{quality_standard}。",
        is_main=True,
    ),
    Clause(
        "price",
        "Price",
        "合同价款",
        "The price of the project is {amount}, of which {tax_amount} is value added tax. It changes only by a written "
        "amendment.",
        "项目总价为{amount}（大写：{amount_in_words}），其中增值税税额{tax_amount}。总价仅可通过书面变更调整。",
        is_main=True,
    ),
    Clause(
        "payment",
        "Payment",
        "付款",
        "The Customer pays as the payment plan in this contract says; retention money is due when the warranty ends. "
        "The Supplier issues invoices in accordance with the law.",
        "需方按本合同所列回款计划付款；质保金于质保期满时支付。供方依法开具发票。",
    ),
    Clause(
        "performance",
        "Term, place and manner of performance",
        "工期、地点与方式",
        "Work begins on {performance_from} and is completed by {performance_until} at {performance_place}, by "
        "{performance_manner}. The Customer hands over the site ready for work; delays on its side extend the term.",
        "工期自{performance_from}至{performance_until}，施工地点：{performance_place}，实施方式：{performance_manner}。"
        "需方应按时提供具备施工条件的现场；因需方原因延误的，工期相应顺延。",
        is_main=True,
    ),
    Clause(
        "acceptance",
        "Acceptance",
        "验收",
        "After commissioning the parties examine the project together within {acceptance_days} days and sign a record. "
        "Minor defects do not prevent acceptance; they are listed and put right in time.",
        "调试完成后{acceptance_days}日内由双方共同验收并签署验收单。不影响使用的轻微缺陷不妨碍验收，供方应按清单限期整改。",
    ),
    Clause(
        "warranty",
        "Warranty",
        "质量保证",
        "The warranty is {warranty_months} months from final acceptance. In this time the Supplier puts defects right "
        "free of charge and answers a call within two working days.",
        "质保期为最终验收合格之日起{warranty_months}个月。质保期内供方应免费消除缺陷，并在两个工作日内响应。",
    ),
    Clause(
        "intellectual",
        "Intellectual property",
        "知识产权",
        "The Customer may use drawings and documents of the project for its operation and maintenance. Designs remain "
        "the Supplier's, who warrants that they infringe nobody's rights.",
        "需方可为运行和维护使用项目图纸及文件。设计成果的知识产权归供方所有，供方保证其不侵犯第三方权利。",
    ),
    CONFIDENTIALITY,
    _breach("A Supplier who completes late", "供方逾期完工的"),
    FORCE_MAJEURE,
    FINAL,
)

CLAUSES: dict[str, tuple[Clause, ...]] = {"goods": GOODS, "services": SERVICES, "project": PROJECT}
