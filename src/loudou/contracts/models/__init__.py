"""Nouns of contracts."""

from loudou.contracts.models.act import ContractAct
from loudou.contracts.models.allocation import Allocation, ExchangeDifference
from loudou.contracts.models.approval import DiscountDecision, DiscountRequest
from loudou.contracts.models.attachment import ContractFile
from loudou.contracts.models.bank import BankStatement, StatementLine, StatementPosting
from loudou.contracts.models.clause import ClauseTemplate, ContractClause
from loudou.contracts.models.contract import Contract
from loudou.contracts.models.delivery import Delivery, DeliveryAcceptance, DeliveryLine
from loudou.contracts.models.invoice import Invoice, InvoiceLine
from loudou.contracts.models.line import ContractLine, LineTerms
from loudou.contracts.models.number import NumberCounter, NumberSeries
from loudou.contracts.models.plan import Instalment, PaymentPlan
from loudou.contracts.models.plan_template import PlanTemplate, TemplateInstalment
from loudou.contracts.models.receipt import BillEvent, Receipt, Refund, Reversal
from loudou.contracts.models.tax import TaxRate
from loudou.contracts.models.version import ContractVersion

__all__ = [
    "Allocation",
    "BankStatement",
    "BillEvent",
    "ClauseTemplate",
    "Contract",
    "ContractAct",
    "ContractClause",
    "ContractFile",
    "ContractLine",
    "ContractVersion",
    "Delivery",
    "DeliveryAcceptance",
    "DeliveryLine",
    "DiscountDecision",
    "DiscountRequest",
    "ExchangeDifference",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "LineTerms",
    "NumberCounter",
    "NumberSeries",
    "PaymentPlan",
    "PlanTemplate",
    "Receipt",
    "Refund",
    "Reversal",
    "StatementLine",
    "StatementPosting",
    "TaxRate",
    "TemplateInstalment",
]
