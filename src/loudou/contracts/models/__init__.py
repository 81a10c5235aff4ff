"""Nouns of contracts."""

from loudou.contracts.models.act import ContractAct
from loudou.contracts.models.approval import DiscountDecision, DiscountRequest
from loudou.contracts.models.attachment import ContractFile
from loudou.contracts.models.clause import ClauseTemplate, ContractClause
from loudou.contracts.models.contract import Contract
from loudou.contracts.models.delivery import Delivery, DeliveryAcceptance, DeliveryLine
from loudou.contracts.models.line import ContractLine, LineTerms
from loudou.contracts.models.number import NumberCounter, NumberSeries
from loudou.contracts.models.version import ContractVersion

__all__ = [
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
    "LineTerms",
    "NumberCounter",
    "NumberSeries",
]
