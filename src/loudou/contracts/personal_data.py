"""Personal data of contacts in contracts and the ledger: records of the business, which the law asks us to keep.

Papers of contracts, acts, deliveries and vouchers name whom they name for as long as they are kept (in China 10 to 30
years, by the rules on accounting archives; elsewhere similarly). Only our own notes are ours to blacken.
"""

from loudou.core.personal_data import BUSINESS_RECORD, declare

AT_CUSTOMER = "contract__customer__posts__contact"

declare("contracts.clausetemplate", plain=("title", "title_zh", "body", "body_zh"))
declare("contracts.numberseries", plain=("pattern",))
declare("contracts.numbercounter", plain=("period",))
declare("contracts.plantemplate", plain=("name", "name_zh"))
declare("contracts.templateinstalment", plain=("name", "name_zh"))
declare("contracts.taxrate")
declare(
    "contracts.contract",
    plain=("number", "currency", "external_id"),
    searched=("notes",),
    kept=("title", "customer_reference"),
    derived=("search_text",),
    because=BUSINESS_RECORD,
    ties=("contact", "customer__posts__contact"),
)
declare(
    "contracts.contractversion",
    kept=("reason", "performance_place", "performance_manner", "quality_standard", "dispute_venue", "parties"),
    because=BUSINESS_RECORD,
    ties=("contract__contact", AT_CUSTOMER),
)
declare(
    "contracts.contractclause",
    kept=("title", "title_zh", "body", "body_zh"),
    because=BUSINESS_RECORD,
    ties=("version__contract__contact", "version__contract__customer__posts__contact"),
)
declare("contracts.contractline")
declare("contracts.lineterms", plain=("description", "specification", "unit"))
declare(
    "contracts.contractact",
    kept=("person", "note", "settlement"),
    because=BUSINESS_RECORD,
    ties=("contact", "contract__contact", AT_CUSTOMER),
)
declare(
    "contracts.contractfile",
    kept=("name", "content"),
    because=BUSINESS_RECORD,
    ties=("contract__contact", AT_CUSTOMER),
)
declare("contracts.discountrequest", kept=("reason",), because=BUSINESS_RECORD, ties=("version__contract__contact",))
declare("contracts.discountdecision", kept=("reason",), because=BUSINESS_RECORD)
declare(
    "contracts.delivery",
    plain=("number", "key"),
    kept=("place", "carrier", "reason", "note"),
    because=BUSINESS_RECORD,
    ties=("contract__contact", AT_CUSTOMER),
)
declare("contracts.deliveryline")
declare(
    "contracts.deliveryacceptance",
    kept=("person", "note"),
    because=BUSINESS_RECORD,
    ties=("contact", "delivery__contract__contact"),
)
declare("contracts.paymentplan", plain=("currency",))
declare("contracts.instalment", plain=("name", "name_zh", "currency"))
declare("contracts.allocation", plain=("currency",), kept=("reason",), because=BUSINESS_RECORD)
declare("contracts.exchangedifference", plain=("currency",))
declare(
    "contracts.receipt",
    plain=("number", "currency", "account", "key"),
    kept=("payer", "bank_reference", "bill_number", "drawee", "note"),
    derived=("search_text",),
    because=BUSINESS_RECORD,
    ties=("customer__posts__contact",),
)
declare("contracts.billevent", kept=("note",), because=BUSINESS_RECORD, ties=("receipt__customer__posts__contact",))
declare(
    "contracts.refund",
    plain=("number", "currency", "key"),
    kept=("reason", "bank_reference"),
    because=BUSINESS_RECORD,
    ties=("customer__posts__contact",),
)
declare("contracts.reversal", kept=("reason",), because=BUSINESS_RECORD)
declare(
    "contracts.invoice",
    plain=("number", "tax_number", "currency", "key"),
    kept=("title", "reason", "note"),
    derived=("search_text",),
    because=BUSINESS_RECORD,
    ties=("contract__customer__posts__contact",),
)
declare("contracts.invoiceline", plain=("description",))
declare("contracts.bankstatement", plain=("account", "currency"), kept=("name",), because=BUSINESS_RECORD)
declare(
    "contracts.statementline",
    plain=("account", "currency"),
    kept=("payer", "payer_account", "remittance", "reference", "identity", "dismissal"),
    because=BUSINESS_RECORD,
)
declare("contracts.statementposting")
