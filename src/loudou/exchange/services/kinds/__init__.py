"""How the rows of each kind are matched with known records, and written through the services of their module."""

from loudou.exchange.choices import ObjectKind
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.kinds.contacts import ContactWriter
from loudou.exchange.services.kinds.contracts import ContractWriter
from loudou.exchange.services.kinds.customers import CustomerWriter
from loudou.exchange.services.kinds.deliveries import DeliveryWriter
from loudou.exchange.services.kinds.invoices import InvoiceWriter
from loudou.exchange.services.kinds.opportunities import OpportunityWriter
from loudou.exchange.services.kinds.payment_plans import PaymentPlanWriter
from loudou.exchange.services.kinds.products import ProductWriter
from loudou.exchange.services.kinds.receipts import ReceiptWriter
from loudou.exchange.services.kinds.stage_history import StageHistoryWriter
from loudou.exchange.services.kinds.users import UserWriter

WRITERS: dict[str, type[Writer]] = {
    ObjectKind.CUSTOMERS: CustomerWriter,
    ObjectKind.CONTACTS: ContactWriter,
    ObjectKind.OPPORTUNITIES: OpportunityWriter,
    ObjectKind.STAGE_HISTORY: StageHistoryWriter,
    ObjectKind.PRODUCTS: ProductWriter,
    ObjectKind.USERS: UserWriter,
    ObjectKind.CONTRACTS: ContractWriter,
    ObjectKind.PAYMENT_PLANS: PaymentPlanWriter,
    ObjectKind.DELIVERIES: DeliveryWriter,
    ObjectKind.INVOICES: InvoiceWriter,
    ObjectKind.RECEIPTS: ReceiptWriter,
}

__all__ = ["WRITERS", "Writer"]
